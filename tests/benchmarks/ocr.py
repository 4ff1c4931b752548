"""Character error rate and time of text recognition on rendered pictures: `python tests/benchmarks/ocr.py`.

Made here, so that the true text is known: dialogs, signs and notes in several fonts, sizes, colours, slants
and noise levels. Needs a Chinese font on the system for the Chinese half.
"""

from __future__ import annotations

import argparse
import io
import random
import statistics
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

ENGLISH = [
    "EXIT",
    "No Parking",
    "Total: $42.50",
    "Are you sure you want to delete 3 files?",
    "Meeting at 14:30 on Tuesday",
    "The quick brown fox jumps over the lazy dog",
    "Error 404: page not found",
    "PLATFORM 9",
    "Save    Cancel",
    "Dear Ms. Alvarez, thank you for your letter of 12 May.",
    "Fresh bread daily from 7 a.m.",
    "Wi-Fi password: K7v!9qLm",
]
CHINESE = [
    "出口",
    "请勿吸烟",
    "今天的会议改到下午三点",
    "合计：128.50元",
    "您确定要删除这个文件吗？",
    "北京市朝阳区建国路88号",
    "谢谢光临，欢迎再来",
    "网络连接失败，请稍后重试",
    "第3页 共12页",
    "小心地滑",
    "营业时间：早上8点至晚上10点",
    "设置 取消 确定",
]
FONTS_EN = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")
FONTS_ZH = (
    "wqy-microhei.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Bold.ttc",
    "msyh.ttc",
    "PingFang.ttc",
)


def fonts(names: tuple[str, ...]) -> list[str]:
    found = []
    for name in names:
        try:
            ImageFont.truetype(name, 20)
            found.append(name)
        except OSError:
            continue
    return found


def render(lines: list[str], font: str, size: int, rng: random.Random) -> bytes:
    """A picture with these lines; returns a PNG."""
    dark = rng.random() < 0.3
    ink, paper = ((235, 235, 240), (30, 34, 44)) if dark else ((25, 25, 30), (rng.randint(225, 255),) * 3)
    face = ImageFont.truetype(font, size)
    width = int(max(face.getlength(line) for line in lines)) + 4 * size
    picture = Image.new("RGB", (max(width, 320), int(size * 1.8 * len(lines)) + 3 * size), paper)
    draw = ImageDraw.Draw(picture)
    for i, line in enumerate(lines):
        draw.text((2 * size, size + int(i * size * 1.8)), line, font=face, fill=ink)
    if rng.random() < 0.5:
        picture = picture.rotate(
            rng.uniform(-2, 2), expand=True, fillcolor=paper, resample=Image.Resampling.BICUBIC
        )
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(size / 40))
    if rng.random() < 0.4:
        noise = Image.effect_noise(picture.size, 40).convert("RGB")
        picture = Image.blend(picture, noise, 0.12)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def distance(a: str, b: str) -> int:
    """Edits between two strings (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (ca != cb))
    return row[-1]


def squeeze(text: str) -> str:
    """Spaces and line ends do not count; full-width punctuation equals its narrow form."""
    return "".join(text.split()).translate(str.maketrans("：，？！（）", ":,?!()"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=60, help="per language")
    arguments = parser.parse_args()
    from models.perception import ocr

    print("| model | language | pictures | character error rate | median s | slowest s | load s |")
    print("|---|---|---|---|---|---|---|")
    for model in ("tiny", "small"):
        started = time.perf_counter()
        reader = ocr.Reader(model)
        reader.read(render(["warm"], (fonts(FONTS_EN) or fonts(FONTS_ZH))[0], 20, random.Random(0)))
        load_s = time.perf_counter() - started
        for language, texts, faces in (
            ("English", ENGLISH, fonts(FONTS_EN)),
            ("Chinese", CHINESE, fonts(FONTS_ZH)),
        ):
            if not faces:
                print(f"| {model} | {language} | no font | | | | |")
                continue
            rng = random.Random(1)
            errors = characters = 0
            seconds = []
            for _ in range(arguments.pictures):
                lines = rng.sample(texts, rng.choice([1, 1, 2, 4]))
                picture = render(lines, rng.choice(faces), rng.choice([12, 16, 24, 40, 64]), rng)
                started = time.perf_counter()
                found = reader.read(picture)
                seconds.append(time.perf_counter() - started)
                truth = squeeze("".join(lines))
                errors += distance(truth, squeeze(found))
                characters += len(truth)
            print(
                f"| {model} | {language} | {arguments.pictures} | {errors / characters:.2%} "
                f"| {statistics.median(seconds):.3f} | {max(seconds):.3f} | {load_s:.2f} |"
            )
    blank = Image.effect_noise((640, 480), 60).convert("RGB")
    buffer = io.BytesIO()
    blank.save(buffer, "PNG")
    print("\nNoise without text reads as", repr(ocr.Reader("tiny").read(buffer.getvalue())))


if __name__ == "__main__":
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
