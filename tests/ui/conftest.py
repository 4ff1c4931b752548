"""What the window's tests share."""

from __future__ import annotations

import pytest
from answering_engine import AnsweringClient, Answers


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """The window's engine is one that answers at once; what it says and was asked."""
    made = Answers()
    monkeypatch.setattr("assistant.services.learning.AFTER_RATING_S", 0.05)  # nobody says why here
    monkeypatch.setattr("ui.engine_bridge.Client", type("Client", (AnsweringClient,), {"answers": made}))
    return made
