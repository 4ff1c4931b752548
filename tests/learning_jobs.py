"""Jobs, ratings and reports of learning from plain dictionaries, as short as a test needs them."""

from __future__ import annotations

from typing import Any

import msgspec

from assistant.learning_records import EvaluationJob, Signal, UpdateJob
from assistant.records import UpdateReport


def update_job(fields: dict[str, Any]) -> UpdateJob:
    return msgspec.convert(fields, UpdateJob)


def evaluation_job(fields: dict[str, Any]) -> EvaluationJob:
    return msgspec.convert(fields, EvaluationJob)


def signal(fields: dict[str, Any]) -> Signal:
    return msgspec.convert(fields, Signal)


def report(fields: dict[str, Any]) -> UpdateReport:
    return msgspec.convert(fields, UpdateReport)
