"""Where Attune keeps its files: one data folder, private to the user, never a cache folder."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import Unwritable


def data_dir(explicit: str | None = None) -> Path:
    """The data folder: ``--data-dir``, else ``ATTUNE_HOME``, else the platform's own place for user data."""
    chosen = explicit or os.environ.get("ATTUNE_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("Attune", appauthor=False)


@dataclass(frozen=True, slots=True)
class DataPaths:
    """The folders and files inside the data folder ``root``."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "attune.db"

    @property
    def attachments(self) -> Path:
        return self.root / "attachments"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def styles(self) -> Path:
        return self.root / "styles"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def snapshots(self) -> Path:
        """Beside the data folder, so that whoever loses or empties that one still has them."""
        return self.root.with_name(f"{self.root.name}-snapshots")

    @property
    def recovery_key(self) -> Path:
        """The public half of the recovery key of encrypted backups."""
        return self.root / "recovery-key.json"

    @property
    def damaged(self) -> Path:
        """Where files that cannot be read are kept aside, untouched."""
        return self.root / "damaged"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.attachments, self.models, self.styles, self.logs, self.backups, self.locks)

    def ensure(self) -> DataPaths:
        """Make the folders, readable by this user only, and prove that the data folder can be written.

        Raises Unwritable in one sentence if it cannot.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.name == "posix" and self.root.stat().st_mode & 0o077:
                self.root.chmod(0o700)
            for folder in self.folders:
                folder.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unwritable(f"The data folder {self.root} cannot be written: {reason}.") from error
        return self
