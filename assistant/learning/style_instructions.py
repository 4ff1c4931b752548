"""What a user wants, as sentences to the model: in practice, and on the style card (``style_card``).

Practice asks for it aloud so that the policy learns to do it unasked.

A taste that the model hardly shows by itself gives practice nothing to choose from. So some of its replies are drawn with
the wish said after the prompt, and learned from without it (context distillation, arXiv 2209.15189). Small models follow
some wishes and not others: the head judges, see ``rollouts``.
"""

from __future__ import annotations

import re

from assistant.learning.reward_head.reward import Head

CREDIBLE = 0.5  # probability that a trait matters from which it is asked for
MOST = 2  # wishes in one prompt

# trait: (for more of it, for less of it), each in English and Chinese; None where no sentence says it
WISHES: dict[str, tuple[tuple[str, str] | None, tuple[str, str] | None]] = {
    "length": (("Answer at length.", "请详细回答。"), ("Answer very briefly.", "请简短回答。")),
    "sentence_length": (("Use long sentences.", "请用长句。"), ("Use very short sentences.", "请用短句。")),
    "lists": (("Answer with a list.", "请用列表回答。"), ("Do not use a list.", "不要用列表。")),
    "markup": (
        ("Use headings and bold words.", "请使用标题和粗体。"),
        ("Use plain text without bold words.", "请用纯文本，不要粗体。"),
    ),
    "paragraphs": (("Use several paragraphs.", "请分段回答。"), ("Answer in one paragraph.", "请用一段话回答。")),
    "emoji": (("Use emoji.", "请使用表情符号。"), ("Do not use emoji.", "不要用表情符号。")),
    "exclamations": (("Be enthusiastic!", "请热情一点！"), ("Stay calm and sober.", "请保持平静的语气。")),
    "questions": (("Ask me a question back.", "请反问我一个问题。"), ("Do not ask questions.", "不要提问。")),
    "formality": (
        ("Answer in a formal tone.", "请用正式的语气回答。"),
        ("Answer in a casual, friendly tone.", "请用随意友好的语气回答。"),
    ),
    "greeting": (("Be polite and greet me.", "请礼貌地问候我。"), ("Get straight to the point.", "请直接回答。")),
    "you": (("Speak to me directly, as you.", "请直接用“你”称呼我。"), ("Do not address me.", "不要称呼我。")),
    "first_person": (("Speak as I.", "请用第一人称回答。"), ("Do not speak of yourself.", "不要提到你自己。")),
    "hedging": (("Use careful wording.", "措辞请谨慎。"), ("Be definite.", "请肯定地回答。")),
    "long_words": (("Use sophisticated words.", "请用文雅的词语。"), ("Use short and simple words.", "请用简单的词语。")),
    "numbers": (("Give figures.", "请给出数字。"), None),
    "code": (("Show code.", "请给出代码。"), ("Do not show code.", "不要给出代码。")),
    "chinese": (("Answer in Chinese.", "请用中文回答。"), ("Answer in English.", "请用英文回答。")),
    "quotes": (None, None),
}  # fmt: skip
_CJK = re.compile(r"[\u3400-\u9fff]")


def wish(head: Head, prompt: str) -> str:
    """What the head is sure of, said in the prompt's language, the surest first; empty where it is sure of nothing."""
    chinese = bool(_CJK.search(prompt))
    return " ".join(sentence[chinese] for _, _, _, sentence in sure(head)[:MOST])


def sure(head: Head, credible: float = CREDIBLE) -> list[tuple[str, float, float, tuple[str, str]]]:
    """What the head is sure of and a sentence says: (trait, weight, probability that it matters, sentence in English and
    Chinese), the surest first."""
    found = []
    order = sorted(enumerate(head.weights().items()), key=lambda row: -head.inclusion[row[0]])
    for place, (name, (weight, _)) in order:
        sentence = WISHES.get(name, (None, None))[0 if weight > 0 else 1]  # habits have none
        if head.inclusion[place] >= credible and weight and sentence is not None:
            found.append((name, weight, float(head.inclusion[place]), sentence))
    return found
