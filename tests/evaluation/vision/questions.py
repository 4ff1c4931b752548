"""More questions about the pictures of ``pictures``: in Chinese, with a false premise, two sentences long, a turn later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from models.perception import concepts
from models.perception.scene_words import COLOURS
from models.starter.train import drawings, features, scene_pictures
from models.starter.train.scene_pictures import PLAIN
from tests.evaluation.vision.pictures import Item, Pool, Right, begins, says, says_not, text_items

_DENIES = re.compile(
    r"\b(no|not|cannot|none|isn't|aren't|doesn't|don't|can't|there's nothing)\b|n't\b", re.IGNORECASE
)
_DENIES_ZH = re.compile("没有|不是|并非|不存在|无法|看不到|没|不能|不清楚|不确定")
# A question, the words that it takes for granted, and the categories in which they might be right.
_MISLEADING = (
    ("What breed is this dog?", ("animal",)),
    ("What kind of boat is this?", ("vehicle",)),
    ("What bird do you see?", ("animal",)),
    ("What colour is the car in the picture?", ("vehicle",)),
    ("How many people are in this picture?", ("person", "face", "body part", "sport", "symbol")),
    ("What is the pizza topped with?", ("food",)),
)
_MISLEADING_ZH = (
    ("这只狗是什么品种？", ("animal",)),
    ("这艘船是什么颜色的？", ("vehicle",)),
    ("图片里的鸟在做什么？", ("animal",)),
    ("图中的披萨上有什么配料？", ("food",)),
)
# Names with what a Chinese reply may call them.
ZH = {
    "cat": "猫", "dog": "狗|犬", "fish": "鱼", "bird": "鸟", "horse": "马", "cow": "牛", "pig": "猪", "sheep": "羊",
    "rabbit": "兔", "mouse": "鼠", "tiger": "虎", "lion": "狮", "elephant": "象", "monkey": "猴", "bear": "熊",
    "snake": "蛇", "turtle": "龟", "frog": "蛙", "chicken": "鸡", "duck": "鸭", "penguin": "企鹅", "whale": "鲸",
    "butterfly": "蝴蝶|蝶", "bee": "蜜蜂|蜂", "crab": "蟹", "octopus": "章鱼", "giraffe": "长颈鹿", "camel": "骆驼",
    "car": "车", "bus": "巴士|公交|公共汽车|客车", "train": "火车|列车", "bicycle": "自行车|单车", "truck": "卡车|货车",
    "airplane": "飞机", "boat": "船", "ship": "船|舰", "rocket": "火箭", "tractor": "拖拉机", "taxi": "出租车|的士",
    "apple": "苹果", "banana": "香蕉", "orange": "橙|橘", "grapes": "葡萄", "strawberry": "草莓", "watermelon": "西瓜",
    "lemon": "柠檬", "pineapple": "菠萝|凤梨", "tomato": "番茄|西红柿", "carrot": "胡萝卜", "corn": "玉米",
    "bread": "面包", "cake": "蛋糕", "pizza": "披萨|比萨", "hamburger": "汉堡", "egg": "蛋", "cookie": "饼干|曲奇",
    "coffee": "咖啡", "tea": "茶", "beer": "啤酒", "wine": "葡萄酒|红酒|酒", "house": "房|屋", "castle": "城堡",
    "church": "教堂", "hospital": "医院", "school": "学校", "clock": "钟|表", "book": "书", "pencil": "铅笔|笔",
    "scissors": "剪刀", "key": "钥匙", "umbrella": "伞", "guitar": "吉他", "piano": "钢琴|键盘", "violin": "小提琴",
    "drum": "鼓", "chair": "椅", "bed": "床", "door": "门", "shoe": "鞋", "hat": "帽", "glasses": "眼镜", "dress": "裙|连衣裙",
    "camera": "相机|摄像机|照相机", "phone": "电话|手机", "computer": "电脑|计算机", "television": "电视", "hammer": "锤",
    "sun": "太阳", "moon": "月", "star": "星", "cloud": "云", "tree": "树", "flower": "花", "rose": "玫瑰", "cactus": "仙人掌",
    "mushroom": "蘑菇|菌", "snowman": "雪人", "heart": "心", "crown": "皇冠|王冠|冠",
}  # fmt: skip
_COLOURS_ZH = dict(
    zip(COLOURS, ("红", "橙|橘", "黄", "绿", "蓝", "紫", "粉", "棕|褐|咖啡", "黑", "白", "灰"), strict=True)
)
_SHAPES_ZH = {
    "circle": "圆形|圆圈|圆", "square": "正方形|方形|方块", "triangle": "三角", "star": "星", "rectangle": "长方形|矩形",
    "heart": "心", "diamond": "菱形|钻石", "cross": "十字|叉", "oval": "椭圆", "ring": "环|圈",
}  # fmt: skip
_NUMBERS_ZH = ("零", "一|1|单", "两|二|2|俩", "三|3", "四|4", "五|5")
# Words that a description may use whatever the picture shows, though they are names of pictures too.
_ANYWHERE = frozenset(
    (
        "thing",
        "shape",
        "face",
        "person",
        "background",
        "line",
        "screen",
        "light",
        "page",
        "symbol",
        "head",
        "ring",
    )
)


def _matches(pattern: str) -> Right:
    compiled = re.compile(pattern)
    return lambda reply: bool(compiled.search(reply))


def _some_drawings(folder: Path, pool: Pool, seed: int) -> Iterator[tuple[str, Image.Image]]:
    """Held-out drawings on white, in an order of no pattern."""
    listed, pixels = drawings.load(folder), drawings.pixels(folder)
    known = {one.name for one in listed if one.part == "train"}
    fitting = [i for i, one in enumerate(listed)
               if one.part == pool.part and one.style != drawings.UNSEEN_STYLE and one.name in known]  # fmt: skip
    random = np.random.default_rng((pool.seed, seed))
    for index in random.permutation(fitting):
        yield listed[int(index)].name, features.place(pixels[int(index)], random, 320, plain=True)


def misled_items(folder: Path, count: int, pool: Pool, chinese: bool = False) -> Iterator[Item]:
    """Asked about something that is not there. Right: the reply denies it, or names what is there; coarse: names it."""
    listed = _MISLEADING_ZH if chinese else _MISLEADING
    made = 0
    for name, picture in _some_drawings(folder, pool, 21 + chinese):
        category = concepts.load()[name]
        question, excluded = listed[made % len(listed)]
        if category in excluded or (chinese and name not in ZH):
            continue
        alike = tuple(one for one, kind in concepts.load().items() if kind == category)
        named = _matches(ZH[name]) if chinese else says(*alike, category)
        denies = _DENIES_ZH if chinese else _DENIES
        yield Item("Chinese, misled" if chinese else "drawing, misled", picture, question,
                   lambda reply, named=named, denies=denies: bool(denies.search(reply)) or named(reply))  # type: ignore[misc]  # fmt: skip
        made += 1
        if made == count:
            return


def description_items(folder: Path, count: int, pool: Pool) -> Iterator[Item]:
    """Two sentences about a drawing (right: its name, and no name of another category) or a scene."""
    asked = ("Describe this picture in two sentences.", "Write two sentences about what you see.")
    for index, (name, picture) in enumerate(islice(_some_drawings(folder, pool, 22), count)):
        category = concepts.load()[name]
        alike = tuple(one for one, kind in concepts.load().items() if kind == category)
        false = [one for one, kind in concepts.load().items()
                 if kind != category and one not in COLOURS and not _ANYWHERE & set(one.split())
                 and one not in name and name not in one]  # fmt: skip
        clean = says_not(*false)
        yield Item(
            "description of a drawing", picture, asked[index % 2],
            lambda reply, name=name, clean=clean: says(name)(reply) and clean(reply) and _sentences(reply) >= 2,  # type: ignore[misc]
            lambda reply, alike=alike, category=category: says(*alike, category)(reply) and _sentences(reply) >= 2,  # type: ignore[misc]
            ("name", frozenset((name,))),
        )  # fmt: skip
    random = np.random.default_rng((pool.seed, 23))
    for index in range(count):
        scene = scene_pictures.scene(random, test=pool.unseen, kind=("single", "many", "pair")[index % 3])
        groups = scene.groups
        wrong = [s for s in PLAIN if all(s != group.shape for group in groups)]
        wrong += [c for c in COLOURS if all(c != group.colour for group in groups) and c != scene.background]
        true = [(says(group.shape), says(group.colour)) for group in groups]
        yield Item(
            "description of a scene", scene_pictures.draw(scene, random, scale=2), asked[index % 2],
            lambda reply, true=true, wrong=wrong: all(a(reply) and b(reply) for a, b in true)  # type: ignore[misc]
            and says_not(*wrong)(reply) and _sentences(reply) >= 2,
        )  # fmt: skip


def _sentences(reply: str) -> int:
    return len(re.findall(r"[.!?。！？](?:\s|$)", reply))


def follow_up_items(folder: Path, count: int, pool: Pool) -> Iterator[Item]:
    """What a drawing shows, and a turn later whether that is an animal, or food: half of them are."""
    made = {True: 0, False: 0}
    for name, picture in _some_drawings(folder, pool, 24):
        category = concepts.load()[name]
        asked, word = (("animal", "an animal"), ("food", "something to eat"))[sum(made.values()) % 2]
        if category not in ("animal", "food", "vehicle", "building", "tool", "clothing", "furniture"):
            continue
        yes = category == asked
        if made[yes] * 2 >= count:
            continue
        made[yes] += 1
        yield Item(
            "follow-up", picture, f"Is it {word}?", begins("yes" if yes else "no"), before="What is this?"
        )
        if sum(made.values()) >= count:
            return


def chinese_items(folder: Path, count: int, pool: Pool) -> Iterator[Item]:
    """Names, yes or no, plain things and text, asked in Chinese."""
    asked = ("这是什么？", "图片里有什么？", "请描述这张图片。", "你看到了什么？")
    fitting = ((name, picture) for name, picture in _some_drawings(folder, pool, 25) if name in ZH)
    for index, (name, picture) in enumerate(islice(fitting, count)):
        yield Item(
            "Chinese, name", picture, asked[index % 4], _matches(ZH[name]), alone=("name", frozenset((name,)))
        )
        yes = index % 2 == 0
        others = [one for one in ZH if not set(ZH[one].split("|")) & set(ZH[name].split("|"))]
        word = ZH[name if yes else others[(index * 7) % len(others)]].split("|")[0]
        yield Item("Chinese, yes or no", picture, f"图片里有{word}吗？", _yes_zh if yes else _no_zh)
    random = np.random.default_rng((pool.seed, 26))
    for index in range(count):
        scene = scene_pictures.scene(random, test=pool.unseen, kind=("single", "many")[index % 2])
        group, picture = scene.groups[0], scene_pictures.draw(scene, random, scale=2)
        question, right = (
            ("它是什么颜色的？", _matches(_COLOURS_ZH[group.colour])),
            ("这是什么形状？", _matches(_SHAPES_ZH[group.shape])),
            ("图中有几个图形？", _matches(_NUMBERS_ZH[group.count])),
        )[index % 3]
        yield Item("Chinese, scene", picture, question, right)
    for item in islice(text_items(25, pool), count):
        yield Item("Chinese, text", item.picture, "图片上写着什么？", item.right, text=item.text)


def _yes_zh(reply: str) -> bool:
    return not _no_zh(reply) and bool(
        re.match(r"\s*(是|有|对|图片里有|图中有|图片中有|可能|我不确定，但)", reply)
    )


def _no_zh(reply: str) -> bool:
    return bool(re.search("没有|不是|没看到|看不到|并不|不存在", reply[:40])) or reply.strip().startswith(
        ("否", "不")
    )
