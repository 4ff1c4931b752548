"""Small contents for store tests."""

from __future__ import annotations

from assistant.records import BestOf, Candidate, Generation, Message, ReplyDetails
from assistant.store import Store

GENERATION = Generation(
    model="starter",
    style="v1",
    prompt_tokens=4,
    completion_tokens=3,
    ttft_s=0.25,
    tokens_per_s=31.5,
    finish="stop",
    seed=2**63 + 5,
    dropped_turns=2,
    prompt_ids=(1, 2, 49151, 0),
    reply_ids=(7, 8, 9),
    logprobs=(-0.1, -2.3456789012345, 0.0),
    details=ReplyDetails(reused_tokens=7, best_of=BestOf(0, (Candidate("你好", 0.5, 0.25),))),
)


def exchange(
    store: Store, asked: str = "hello", answered: str = "hi there", **fields
) -> tuple[Message, Message]:
    """A conversation of one question and its finished reply."""
    conversation = store.create_conversation(**{"title": asked, **fields})
    question = store.add_message(conversation.id, None, "user", asked)
    reply = store.add_message(conversation.id, question.id, "assistant", "", state="streaming")
    return question, store.finish_message(reply.id, answered, GENERATION)
