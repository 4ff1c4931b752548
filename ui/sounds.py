"""Playing and recording sounds. Qt's multimedia module is no part of the installation (it is large); where it is there,
sounds play in the window and can be recorded, otherwise the system's own player opens them.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
import tempfile
import wave
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

RATE = 16_000  # samples a second, as intake keeps sounds
LONGEST_S = 30  # as intake keeps them


@cache
def has_multimedia() -> bool:
    """Is Qt's multimedia module installed? Looks, but loads nothing."""
    return importlib.util.find_spec("PySide6.QtMultimedia") is not None


def length(seconds: float) -> str:
    """``0:07``; ``1:02``."""
    whole = max(1, round(seconds)) if seconds > 0 else 0
    return f"{whole // 60}:{whole % 60:02d}"


def seconds_of(path: str) -> float:
    """How long a kept sound (a WAV file) lasts; 0 where it can't be read."""
    try:
        with wave.open(path) as file:
            return file.getnframes() / max(1, file.getframerate())
    except (OSError, EOFError, wave.Error):
        return 0.0


class Player(QObject):
    """Plays one kept sound at a time; the same one again stops it."""

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self._player: Any = None
        self._copies: Path | None = None
        self.destroyed.connect(self._clear)

    def toggle(self, path: str, name: str) -> None:
        if not has_multimedia():
            self._open_outside(path, name)
            return
        if self._player is None:
            from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

            self._player = QMediaPlayer(self)
            self._player.setAudioOutput(QAudioOutput(self))
        playing = self._player.playbackState() == self._player.PlaybackState.PlayingState
        if playing and path == self._path:
            self._player.stop()
            return
        self._path = path
        self._player.setSource(QUrl.fromLocalFile(path))
        self._player.play()

    def _open_outside(self, path: str, name: str) -> None:
        """Kept files are named by their hash; players want a name that ends as the format does."""
        try:
            if self._copies is None:
                self._copies = Path(tempfile.mkdtemp(prefix="attune-"))
            copy = self._copies / f"{Path(name).stem or 'sound'}.wav"
            shutil.copyfile(path, copy)
        except OSError as error:
            self.failed.emit(self.tr("The sound cannot be played: {0}").format(error.strerror or error))
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(copy))):
            self.failed.emit(self.tr("This system has no player that opens the sound."))

    def _clear(self) -> None:
        if self._copies is not None:
            shutil.rmtree(self._copies, ignore_errors=True)


class Recorder(QObject):
    """Records from the usual microphone. ``recorded(wav)`` when stopped, ``failed(sentence)`` otherwise."""

    recorded = Signal(bytes)
    failed = Signal(str)
    running_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: Any = None
        self._bytes = QByteArray()
        self._buffer = QBuffer(self._bytes, self)
        self._enough = QTimer(self, singleShot=True, interval=LONGEST_S * 1000)
        self._enough.timeout.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._source is not None

    def start(self) -> None:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSource, QMediaDevices

        device = QMediaDevices.defaultAudioInput()
        if device.isNull():
            self.failed.emit(self.tr("No microphone was found."))
            return
        wanted = QAudioFormat()
        wanted.setSampleRate(RATE)
        wanted.setChannelCount(1)
        wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if not device.isFormatSupported(wanted):
            self.failed.emit(self.tr("The microphone cannot record speech at {0} Hz.").format(RATE))
            return
        self._bytes.clear()
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly | QIODevice.OpenModeFlag.Truncate)
        self._source = QAudioSource(device, wanted, self)
        self._source.start(self._buffer)
        self._enough.start()
        self.running_changed.emit(True)

    def stop(self) -> None:
        """End the recording and hand it on."""
        if self._source is None:
            return
        self._source.stop()
        self._source.deleteLater()
        self._source = None
        self._enough.stop()
        self._buffer.close()
        self.running_changed.emit(False)
        samples = bytes(self._bytes.data())
        if not samples:
            self.failed.emit(self.tr("Nothing was recorded."))
            return
        self.recorded.emit(wav_of(samples))


def wav_of(samples: bytes) -> bytes:
    """Little-endian 16-bit samples, one channel at RATE, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples)
    return file.getvalue()
