"""Ratings as the program collects them, in place of ratings of replies drawn evenly.

Eight replies to each message are drawn (base replies, from the pool), the one that the head of the ratings so far would
choose is shown, and the user gives a thumb; or, as often as ``exploring.chance`` says, two are shown and the user says
which is better. So the user sees more and more of what they like, and pairs where the head knows least.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import users
from replies import Pool, as_reply, as_signal

from assistant.learning import guidance, preference_queries
from assistant.learning.feedback import Signal
from assistant.learning.reward_head import reward

DRAWN = 8  # candidates to a message, as in the window by default


def rate(
    user: users.User, count: int, seed: int, prompts: Sequence[str], pool: Pool, *, explore: bool = True
) -> list[Signal]:
    """``count`` ratings. A thumb is up where the reply stands in the upper half of all base replies."""
    rng = random.Random(f"{user.name} {count} {seed} in use")
    usual = users.usual(user, (text for p in prompts for text in pool.texts(p)))
    found: list[Signal] = []
    for i in range(count):
        prompt = prompts[i % len(prompts)]
        which = rng.sample(range(len(pool.replies(prompt))), DRAWN)
        drawn, texts = [pool.replies(prompt)[k] for k in which], [pool.texts(prompt)[k] for k in which]
        ended = [r.ended for r in drawn]
        head = reward.fit(found)
        shown = guidance.choose(head, texts, ended).index if len(found) >= guidance.FEWEST_RATINGS else 0
        other = None
        if explore and rng.random() < preference_queries.chance(i):
            other = preference_queries.least_known(head, texts, ended, shown)
        if other is None:
            value = users.thumb(user, texts[shown], usual[user.changed(i)], rng, i)
            found.append(as_signal("thumb", value, i, prompt, as_reply(texts[shown], drawn[shown])))
            continue
        better, worse = (
            (shown, other) if users.prefers(user, texts[shown], texts[other], rng, i) else (other, shown)
        )
        sides = (as_reply(texts[k], drawn[k]) for k in (better, worse))
        found.append(as_signal("pair", 1, i, prompt, *sides))
    return found
