"""Requests that contradict a learned style, each with its own check: does a version still do what it is asked?

Held out: nothing is trained on them. Who has taught short replies gets those that ask for long ones, and so on. The checks
stand here in full and do not use ``request``'s reading of the prompt, which decides how such requests are answered.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.learning.checks import answered
from assistant.learning.request import Request
from assistant.learning.reward_head import style_features
from assistant.learning.reward_head.reward import Head

Check = Literal[
    "long", "words", "most words", "sentences", "items", "list", "prose", "table", "code", "email", "chinese", "english",
    "emoji", "no emoji", "questions", "no questions",
]  # fmt: skip
KEPT = 0.6  # of the base's words that a long reply must keep
SHOWS = 0.1  # size of a weight, times its probability, that is a taste


@dataclass(frozen=True, slots=True)
class Conflict:
    """``against``: what it contradicts, as a trait's name and the sign of its weight ("length-": shorter replies)."""

    prompt: str
    against: str
    check: Check
    number: int = 0
    asks: bool = False  # a question back is what was asked for


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("Write a long essay about the history of Rome.", "length-", "long"),
    Conflict("Tell me a long story about a dragon with many chapters.", "length-", "long"),
    Conflict("Explain in detail how a bicycle works.", "length-", "long"),
    Conflict("Give me a thorough comparison of tea and coffee.", "length-", "long"),
    Conflict("Write a 200 word story about a lighthouse keeper.", "length-", "words", 200),
    Conflict("Write a detailed article about the benefits of reading.", "length-", "long"),
    Conflict("Describe the seasons of the year in at least 150 words.", "length-", "long"),
    Conflict("Write an e-mail to my landlord about a broken heater.", "length-", "email"),
    Conflict("Write a formal letter to a hotel to complain about noise.", "length-", "email"),
    Conflict("Write an e-mail that invites my team to a meeting on Friday.", "paragraphs-", "email"),
    Conflict("Give me five tips for a job interview.", "length-", "items", 5),
    Conflict("List six things to take on a camping trip.", "lists-", "items", 6),
    Conflict("Make a bulleted list of what a good breakfast needs.", "lists-", "list"),
    Conflict("Give me a numbered list of steps for making tea.", "lists-", "list"),
    Conflict("In one sentence, what is gravity?", "length+", "sentences", 1),
    Conflict("Explain the water cycle in two sentences.", "length+", "sentences", 2),
    Conflict("Describe a forest in no more than 30 words.", "length+", "most words", 33),
    Conflict("Say briefly what a mortgage is.", "length+", "most words", 70),
    Conflict("Tell me how to learn a language, without a list.", "lists+", "prose"),
    Conflict("Describe a good weekend in one paragraph of running text, no bullet points.", "lists+", "prose"),
    Conflict("Write a Python function that reverses a string.", "length-", "code"),
    Conflict("Write a SQL query that counts the rows of a table called users.", "code-", "code"),
    Conflict("Compare cats and dogs in a table with two columns.", "markup-", "table"),
    Conflict("Answer in Chinese: what is the capital of Japan?", "chinese-", "chinese"),
    Conflict("Tell me something about the sea, without emoji.", "emoji+", "no emoji"),
    Conflict("Use emoji and wish me a good morning.", "emoji-", "emoji"),
    Conflict("Quiz me: ask me a question about geography.", "questions-", "questions", asks=True),
    Conflict("Explain what rain is and do not ask me anything.", "questions+", "no questions"),
    Conflict("写一篇关于长江的长文章。", "length-", "long"),
    Conflict("讲一个很长的故事，主角是一只猫。", "length-", "long"),
    Conflict("请详细解释什么是光合作用。", "length-", "long"),
    Conflict("详细比较茶和咖啡的不同。", "length-", "long"),
    Conflict("写一篇三百字的作文，题目是我的家乡。", "length-", "words", 176),
    Conflict("全面介绍一下北京的历史，至少两百字。", "length-", "long"),
    Conflict("写一封邮件，向老板请一天假。", "length-", "email"),
    Conflict("写一封感谢信给我的老师。", "length-", "email"),
    Conflict("写一封邮件，邀请同事参加周五的聚会。", "paragraphs-", "email"),
    Conflict("给我五个学习英语的建议。", "length-", "items", 5),
    Conflict("列出六种常见的水果。", "lists-", "items", 6),
    Conflict("用列表告诉我旅行前要准备什么。", "lists-", "list"),
    Conflict("请分点说明早睡的好处。", "lists-", "list"),
    Conflict("用一句话说明什么是重力。", "length+", "sentences", 1),
    Conflict("用两句话介绍春节。", "length+", "sentences", 2),
    Conflict("不超过五十字，介绍一下茶。", "length+", "most words", 33),
    Conflict("简短地说说什么是通货膨胀。", "length+", "most words", 60),
    Conflict("不要用列表，说说怎样保持健康。", "lists+", "prose"),
    Conflict("用一段话描述秋天，不要分点。", "lists+", "prose"),
    Conflict("写一个 Python 函数，计算列表的平均值。", "code-", "code"),
    Conflict("用表格比较猫和狗。", "markup-", "table"),
    Conflict("请用英文回答：法国的首都是哪里？", "chinese+", "english"),
    Conflict("不用表情，说说大海。", "emoji+", "no emoji"),
    Conflict("请用表情祝我生日快乐。", "emoji-", "emoji"),
    Conflict("考考我：问我一个关于历史的问题。", "questions-", "questions", asks=True),
    Conflict("解释什么是雨，不要反问我。", "questions+", "no questions"),
)  # fmt: skip


def done(conflict: Conflict, reply: str, base_words: float) -> bool:
    """Was it answered as asked? ``base_words``: mean words of the base model's replies to the same prompt."""
    asked = Request(asks_back=conflict.asks)
    if not reply.strip() or answered.evasion(reply, asked):
        return False
    length, n = answered.words(reply), conflict.number
    match conflict.check:
        case "long":
            return length >= KEPT * base_words
        case "words":
            return length >= KEPT * min(base_words, n) and length <= 1.6 * n
        case "most words":
            return length <= n
        case "sentences":
            return answered.sentences(reply) == n
        case "items":
            return answered.missing(Request(items=n), reply) == 0.0
        case "list":
            return answered.items(reply) >= 2
        case "prose":
            return answered.items(reply) < 2
        case "table":
            return answered.has_table(reply)
        case "code":
            return answered.has_code(reply)
        case "email":
            return answered.email_parts(reply) == 3
        case "chinese" | "english":
            return answered.is_chinese(reply) == (conflict.check == "chinese")
        case "emoji" | "no emoji":
            return bool(style_features.EMOJI.search(reply)) == (conflict.check == "emoji")
        case "questions" | "no questions":
            return ("?" in reply or "\uff1f" in reply) == (conflict.check == "questions")


def against(head: Head) -> list[Conflict]:
    """Those that contradict what ``head`` has learned."""
    tastes = {
        f"{name}{'+' if weight > 0 else '-'}"
        for at, (name, (weight, _)) in enumerate(head.weights().items())
        if abs(weight) * head.inclusion[at] > SHOWS
    }
    return [conflict for conflict in CONFLICTS if conflict.against in tastes]


def some(head: Head, count: int, seed: int = 0) -> list[Conflict]:
    """``count`` of them at most, those that contradict what was learned first; the same ones for the same taste."""
    rng = random.Random(seed)
    first = against(head)
    rest = [conflict for conflict in CONFLICTS if conflict not in first]
    return [*rng.sample(first, min(count, len(first))), *rng.sample(rest, max(0, count - len(first)))]


def share(results: Sequence[bool]) -> float:
    """Share that was answered as asked; 1 of none."""
    return sum(results) / len(results) if results else 1.0
