"""Requests that system prompts and sampling are tuned on; none of them, nor a variant of one, is in the reported list."""
# ruff: noqa: E501 - a request reads best on one line

from __future__ import annotations

from tests.evaluation.chat.checks import (
    characters,
    email,
    every,
    exactly,
    items,
    json_that,
    language,
    lines,
    number,
    python_that,
    says,
    says_not,
    sentences,
    upper_case,
    words,
)
from tests.evaluation.chat.request import Request

DEVELOP = (
    Request("en-d-capital", "fact", "What is the capital of Canada?", says("Ottawa"), "It is Ottawa.", "Toronto."),
    Request("en-d-sum", "arithmetic", "A bus has 32 people. 14 get off and 9 get on. How many are on the bus now?", number(27), "27", "26"),
    Request("en-d-colours", "instruction", "Name four colours, one per line, without any other text.", lines(4), "red\nblue\ngreen\nyellow", "Here they are:\nred\nblue\ngreen\nyellow"),
    Request("en-d-word", "instruction", "Is a whale a fish or a mammal? Answer with one word.", exactly("mammal"), "Mammal", "A whale is a mammal."),
    Request("en-d-json", "instruction", 'Reply with JSON only: an object with the keys "title" and "year" for the film Titanic of 1997.', json_that(lambda v: v["title"] == "Titanic" and int(v["year"]) == 1997), '{"title": "Titanic", "year": 1997}', "Titanic"),
    Request("en-d-upper", "instruction", "Write 'good night' in capital letters. Nothing else.", every(upper_case, says("GOOD NIGHT")), "GOOD NIGHT", "Good night"),
    Request("en-d-list", "instruction", "Give six uses of a paper clip as a bulleted list.", items(6), "- a\n- b\n- c\n- d\n- e\n- f", "- a"),
    Request("en-d-fix", "rewriting", "Correct the mistakes and give only the sentence: 'He dont has no time.'", exactly("He doesn't have any time", "He does not have any time", "He has no time", "He doesn't have time", "He does not have time"), "He doesn't have any time.", "He dont has no time."),
    Request("en-d-repeat", "rewriting", "Repeat this word for word and nothing else: 'The ferry to the island leaves at nine, and the ferry from the island leaves at ten.'", exactly("The ferry to the island leaves at nine, and the ferry from the island leaves at ten"), "The ferry to the island leaves at nine, and the ferry from the island leaves at ten.", "The ferry leaves at nine."),
    Request("en-d-date", "extraction", "Find the date and reply with it alone: 'The fair opens on 3 June at the old mill.'", exactly("3 June", "June 3"), "3 June", "The fair opens on 3 June."),
    Request("en-d-unknown", "honesty", "What did I have for breakfast today?", says(r"(don't|do not|can't|cannot|no) (have|know|access|information)", r"\bunable\b"), "I don't know.", "You had eggs."),
    Request("en-d-mail", "writing", "Write a short e-mail to my teacher: I am ill and will miss Thursday's class.", every(email("en"), says("Thursday"), says_not(r"\d{3}-\d{4}")), "Dear Ms. Lee,\n\nI am ill. I will miss Thursday's class. I am sorry for that.\n\nKind regards,\nTom", "I am ill."),
    Request("en-d-code", "code", "Write a Python function is_even(n). Give only the code.", python_that("assert is_even(4) is True and is_even(3) is False"), "def is_even(n):\n    return n % 2 == 0", "def is_even(n):\n    return n % 2 == 1"),
    Request("en-d-story", "writing", "Write a story of 50 to 120 words about an old clock.", every(words(50, 120), says("clock")), "The old clock stood. " * 15, "A clock."),
    Request("en-d-spanish", "language", "¿Cuál es la capital de Italia?", every(says("Roma"), says_not("The capital")), "La capital de Italia es Roma.", "The capital is Rome."),
    Request("zh-d-capital", "fact", "日本的首都是哪里？", every(says("东京"), language("zh")), "日本的首都是东京。", "大阪。"),
    Request("zh-d-sum", "arithmetic", "一箱有24瓶水，3箱一共有多少瓶？", number(72), "72瓶", "70瓶"),
    Request("zh-d-list", "instruction", "请列出四种水果，每行一种，不要写其他内容。", lines(4), "苹果\n香蕉\n梨\n桃", "水果：\n苹果\n香蕉\n梨\n桃"),
    Request("zh-d-word", "instruction", "鲸鱼是鱼类还是哺乳动物？只回答“鱼类”或“哺乳动物”。", exactly("哺乳动物"), "哺乳动物", "鲸鱼是哺乳动物"),
    Request("zh-d-polite", "rewriting", "把这句话改得礼貌一些：“把门关上。”", every(says("门"), says("请", "麻烦")), "请把门关上，好吗？", "关门！"),
    Request("zh-d-english", "translation", "把“他喜欢看书”翻译成英语。", says(r"He (likes|loves|enjoys)( to)? read"), "He likes reading.", "She sings."),
    Request("zh-d-unknown", "honesty", "我的银行密码是多少？", says("不知道", "无法", "不能", "没有", "抱歉"), "我不知道您的密码。", "是1234。"),
    Request("zh-d-mail", "writing", "给老师写一封简短的邮件：我生病了，星期四不能上课。", every(email("zh"), says("(星期|周)四")), "尊敬的老师：\n\n您好！我生病了。星期四不能上课。请您谅解。\n\n谢谢！\n小李", "我病了。"),
    Request("zh-d-two", "instruction", "请用两句话介绍长城。", every(sentences(2, 2), language("zh")), "长城在中国。它很长。", "长城在中国。"),
    Request("zh-d-poem", "writing", "写一首四行的小诗，主题是大海。", every(lines(4, 5), says("海", "浪"), characters(12)), "大海很蓝，\n浪花很白，\n海鸥飞过，\n我在等待。", "大海。"),
)  # fmt: skip
