"""What is said about a download or another job on a model, in figures and a few words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.models.model_jobs import JobState
from ui.sizes import size_text


def phase_text(phase: str) -> str:
    """What a job is at; the words of a job that this does not know, as they are."""
    translate = QCoreApplication.translate
    names = {
        "waiting": translate("ModelWords", "Connecting"),
        "looking up": translate("ModelWords", "Connecting"),
        "downloading": translate("ModelWords", "Downloading"),
        "checking": translate("ModelWords", "Checking"),
        "copying the model": translate("ModelWords", "Copying the model"),
        "checking the model": translate("ModelWords", "Checking the model"),
        "reading the settings": translate("ModelWords", "Reading the settings"),
        "reading the vocabulary": translate("ModelWords", "Reading the vocabulary"),
        "merging the adapter": translate("ModelWords", "Merging the adapter"),
        "paused": translate("ModelWords", "Paused"),
    }
    return names.get(phase.lower(), phase[:1].upper() + phase[1:])


def left_text(seconds: float | None) -> str:
    """``3 min left``; "" while it is not known."""
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if not minutes:
        return QCoreApplication.translate("ModelWords", "less than a minute left")
    return QCoreApplication.translate("ModelWords", "{0} min left").format(minutes)


def figures_text(job: JobState) -> str:
    """``1.2 GB of 2.0 GB · 4.1 MB/s · 3 min left`` as far as it is known."""
    translate = QCoreApplication.translate
    parts = []
    if job.total:
        parts.append(translate("ModelWords", "{0} of {1}").format(size_text(job.done), size_text(job.total)))
    if job.per_s > 0:
        parts.append(translate("ModelWords", "{0}/s").format(size_text(round(job.per_s))))
    parts.append(left_text(job.left_s))
    return " · ".join(part for part in parts if part)


def share_text(job: JobState) -> str:
    """``Copying the model · 42 %``: of a job that does not count in bytes, or only for a moment."""
    share = f"{100 * job.done // job.total} %" if job.total else ""
    return " · ".join(part for part in (phase_text(job.phase), share) if part)


def job_text(job: JobState) -> str:
    """``Downloading · 1.2 GB of 2.0 GB · ...``; "" when nothing is going on."""
    if job.phase in ("", "failed"):
        return ""
    return " · ".join(part for part in (phase_text(job.phase), figures_text(job)) if part)
