"""Chinese words for the names that people ask for most: ``chinese.tsv``, written by hand. Torch-free."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from models.perception.facts import MANY, Group

COLOURS = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色", "purple": "紫色", "pink": "粉色",
    "brown": "棕色", "black": "黑色", "white": "白色", "gray": "灰色",
}  # fmt: skip
SHAPES = {
    "circle": "圆形", "square": "正方形", "triangle": "三角形", "star": "五角星", "rectangle": "长方形", "heart": "心形",
    "diamond": "菱形", "cross": "十字形", "oval": "椭圆形", "ring": "圆环", "thing": "图形",
}  # fmt: skip
PLACES = {
    "top left": "左上方", "top": "上方", "top right": "右上方", "left": "左边", "middle": "中间", "right": "右边",
    "bottom left": "左下方", "bottom": "下方", "bottom right": "右下方",
}  # fmt: skip
CATEGORIES = {
    "animal": "动物", "body part": "身体部位", "building": "建筑物", "clothing": "衣物", "container": "容器", "device": "设备",
    "drink": "饮料", "face": "脸", "food": "食物", "furniture": "家具", "musical instrument": "乐器", "nature": "自然景物",
    "person": "人", "plant": "植物", "sport": "运动", "stationery": "文具", "symbol": "符号", "thing": "东西", "tool": "工具",
    "toy": "玩具", "vehicle": "交通工具",
}  # fmt: skip
NUMBERS = ("零", "一", "两", "三", "四", "五")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


@cache
def words() -> dict[str, tuple[str, ...]]:
    """name -> what it is called in Chinese, the usual word first."""
    text = Path(__file__).with_name("chinese.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {name: tuple(called.split("|")) for name, called in rows}


def called(name: str) -> str:
    """The usual Chinese word for a name, or the name where there is none."""
    return words().get(name, (name,))[0]


def or_(names: list[str]) -> str:
    """The Chinese words for names, joined: "猫、狗或兔子"."""
    listed = [called(name) for name in names]
    return f"{'、'.join(listed[:-1])}或{listed[-1]}" if len(listed) > 1 else "".join(listed)


def group(things: Group) -> str:
    """ "三个蓝色圆形" """
    more = "或更多" if things.count >= MANY else ""
    return f"{NUMBERS[things.count]}个{more}{COLOURS[things.colour]}{SHAPES[things.shape]}"


def is_chinese(text: str) -> bool:
    return bool(_IDEOGRAPH.search(text))


@cache
def _names() -> dict[str, str]:
    return {called: name for name, listed in words().items() for called in listed}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _names()), key=len, reverse=True)))


def things(question: str) -> dict[str, str]:
    """The names of the things that a Chinese question speaks of, with its own words for them; the longest word counts."""
    return {_names()[found]: found for found in _pattern().findall(question)}
