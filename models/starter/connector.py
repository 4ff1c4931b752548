"""From what perception thinks of a picture to a few embeddings that the starter's language model reads.

Every image token is a mixture of the language model's own word embeddings, weighted with the probabilities of what the
words say of the picture (ConSE, Norouzi et al., arXiv 1312.5650), plus half of a word for what the token tells:

    which picture · 4 name · 4 and 4 other names that it may be · 1 category · 6 first group (count, colour, shape, height,
    left or right, how it stands to the second) · 6 second group · 1 background · 1 light or dark · 2 main colours
    · 4 same as the picture before it? (count, colour, shape, the whole thing)

A claimed name is told as it is, a guessed one half mixed with "something unclear"; where only the category is clear the
category token alone tells it; and a picture of nothing known reads as "something unclear".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig

from models.perception import concepts, scene_words
from models.perception.evidence import Evidence, Seen, Senses, compared, main_colours
from models.starter.roles import GROUP, NAME_TOKENS, words

ROLE_WEIGHT = 0.5


class Connector(Senses):
    """``forward(Seen, order (images,)) -> (images, TOKENS, hidden)``

    ``order``: which picture of its conversation each one is, from 0; pictures of a conversation follow one another.
    """

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__(config.num_kinds, config.num_drawn)
        hidden: int = config.get_text_config().hidden_size
        named = len(concepts.names())
        # The language model's embeddings of the words, made when the starter is prepared.
        self.names = nn.Parameter(torch.empty(named + 2, NAME_TOKENS * hidden), requires_grad=False)
        self.words = nn.ParameterDict(
            {
                table: nn.Parameter(torch.empty(len(rows), hidden), requires_grad=False)
                for table, rows in words().items()
            }
        )
        self.hidden = hidden

    def forward(self, seen: Seen, order: Tensor) -> Tensor:
        return self.tokens(self.evidence(seen), order)

    def tokens(self, evidence: Evidence, order: Tensor) -> Tensor:
        """Evidence -> image tokens (images, TOKENS, hidden). ``order`` (images,): see the class."""
        heads, words = evidence.heads, self.words
        none, unclear = words["special"]
        name = (evidence.names @ self.names).view(-1, NAME_TOKENS, self.hidden)
        parts = [words["ordinals"][order.clamp(max=len(scene_words.ORDINALS) - 1)].unsqueeze(1), name]
        for other in evidence.others.unbind(dim=1):
            told = self.names[other.clamp(min=0)].view(-1, NAME_TOKENS, self.hidden)
            parts.append(torch.where(other[:, None, None] < 0, none, told))
        parts.append((evidence.categories @ words["categories"]).unsqueeze(1))
        hazy = heads["shape1"][:, -1:]
        for number in "12":
            place = heads[f"place{number}"]
            told_of = {
                **{
                    role: heads[f"{role}{number}"] @ words[f"{role}s"]
                    for role in ("count", "colour", "shape")
                },
                "row": place @ words["rows"],
                "column": place @ words["columns"],
                "side": heads["relation"] @ words[f"sides{number}"],
            }
            absent = heads["count2"][:, :1] if number == "2" else torch.zeros_like(hazy)
            for role in GROUP:
                token = (1 - absent) * told_of[role] + absent * none
                parts.append(((1 - hazy) * token + hazy * unclear).unsqueeze(1))
        parts.append(((1 - hazy) * (heads["background"] @ words["colours"]) + hazy * unclear).unsqueeze(1))
        parts.append((evidence.light @ words["lights"]).unsqueeze(1))
        first, second = main_colours(evidence.palette)
        parts.append(words["colours"][first].unsqueeze(1))
        other = torch.where(second[:, None] < 0, none, words["colours"][second])
        parts.append(other.unsqueeze(1))
        parts.append(words["verdicts"][compared(evidence, order)])
        return torch.cat(parts, dim=1) + ROLE_WEIGHT * words["roles"]
