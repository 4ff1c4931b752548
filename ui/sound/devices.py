"""Microphone and loudspeaker, where QtMultimedia is installed (it is not part of PySide6-Essentials).

What is recorded goes the way of every attached file: as bytes to the intake, which checks and converts it.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QFile, QIODevice, QObject, QTimer, Signal

RATE_HZ = 16_000  # as sounds are kept, one channel, 16 bits
MAX_SECONDS = 30.0  # what models listen to at once
_WAV_HEADER_BYTES = 44
_BUFFER_US = 100_000  # microseconds of sound between device and program
_TAIL_MS = 400  # a loudspeaker goes on for this long after it was given the last sample


@lru_cache(maxsize=1)
def _multimedia() -> Any:
    """Qt's module, or None where it is not installed or does not load. Imported when first asked for."""
    try:
        from PySide6 import QtMultimedia
    except ImportError:
        return None
    return QtMultimedia


def why_not() -> str:
    """Why nothing can be heard or recorded here, in a sentence; empty where it can."""
    if _multimedia() is not None:
        return ""
    return QCoreApplication.translate(
        "Sound", 'Recording and playing need the package PySide6-Addons: pip install "attune-desktop[sound]".'
    )


class Recorder(QObject):
    """``recorded(wav)`` after ``stop``, or by itself after ``MAX_SECONDS``; ``failed(sentence)`` where it cannot be."""

    recorded = Signal(bytes)
    failed = Signal(str)
    running_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: Any = None
        self._buffer: QBuffer | None = None
        self._enough = QTimer(self, singleShot=True, interval=int(MAX_SECONDS * 1000))
        self._enough.timeout.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._source is not None

    def start(self) -> None:
        """Listen to the system's microphone."""
        multimedia = _multimedia()
        if multimedia is None:
            self.failed.emit(why_not())
            return
        if self.running:
            return
        device = multimedia.QMediaDevices.defaultAudioInput()
        if device.isNull():
            self.failed.emit(self.tr("No microphone was found."))
            return
        wanted = multimedia.QAudioFormat()
        wanted.setSampleRate(RATE_HZ)
        wanted.setChannelCount(1)
        wanted.setSampleFormat(multimedia.QAudioFormat.SampleFormat.Int16)
        if not device.isFormatSupported(wanted):
            wanted = device.preferredFormat()
        self._buffer = QBuffer(self)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._source = multimedia.QAudioSource(device, wanted, self)
        # Small, or what the device still holds when the recording ends would be lost.
        self._source.setBufferSize(wanted.bytesForDuration(_BUFFER_US))
        self._source.start(self._buffer)
        if (
            self._source.error().name != "NoError"
        ):  # by name: PySide has the enumeration twice, and they differ
            self._drop()
            self.failed.emit(self.tr("The microphone could not be opened."))
            return
        self._enough.start()
        self.running_changed.emit(True)

    def stop(self) -> None:
        """End the recording and give it out."""
        if self._source is None or self._buffer is None:
            return
        self._source.stop()
        form, heard = self._source.format(), bytes(self._buffer.data().data())
        self._drop()
        self.running_changed.emit(False)
        if not heard:
            self.failed.emit(self.tr("The microphone gave no sound."))
            return
        is_float = form.sampleFormat() == _multimedia().QAudioFormat.SampleFormat.Float
        self.recorded.emit(
            wav(heard, form.sampleRate(), form.channelCount(), 8 * form.bytesPerSample(), is_float=is_float)
        )

    def _drop(self) -> None:
        self._enough.stop()
        for part in (self._source, self._buffer):
            if part is not None:
                part.deleteLater()
        self._source = self._buffer = None


class Player(QObject):
    """Plays kept sounds (WAV, 16 kHz, one channel, 16 bits), one at a time. ``changed(path)``: "" for none."""

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sink: Any = None
        self._data: QBuffer | None = None
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self.stop)
        self.path = ""

    def toggle(self, path: str) -> None:
        """Play ``path`` from its beginning; stop it if it is the one being played."""
        same = path == self.path
        self.stop()
        multimedia = _multimedia()
        if same or multimedia is None:
            return
        file = QFile(path)
        if not file.open(QIODevice.OpenModeFlag.ReadOnly):
            return
        samples = bytes(file.readAll().data())[_WAV_HEADER_BYTES:]
        form = multimedia.QAudioFormat()
        form.setSampleRate(RATE_HZ)
        form.setChannelCount(1)
        form.setSampleFormat(multimedia.QAudioFormat.SampleFormat.Int16)
        self._data = QBuffer(self)
        self._data.setData(QByteArray(samples))
        self._data.open(QIODevice.OpenModeFlag.ReadOnly)
        self._sink = multimedia.QAudioSink(multimedia.QMediaDevices.defaultAudioOutput(), form, self)
        self._sink.start(self._data)
        # By the clock: the sink's stateChanged cannot be delivered in some versions of PySide (a type it cannot convert).
        self._end.start(len(samples) * 1000 // (2 * RATE_HZ) + _TAIL_MS)
        self.path = path
        self.changed.emit(path)

    def stop(self) -> None:
        """Silence."""
        if self._sink is not None:
            self._end.stop()
            self._sink.stop()
            self._sink.deleteLater()
            self._sink = None
        if self._data is not None:
            self._data.deleteLater()
            self._data = None
        if self.path:
            self.path = ""
            self.changed.emit("")


@lru_cache(maxsize=1)
def player() -> Player:
    """The window's one loudspeaker."""
    return Player(QCoreApplication.instance())


def wav(samples: bytes, rate: int, channels: int, bits: int, *, is_float: bool = False) -> bytes:
    """Raw samples, interleaved and little-endian, as a WAV file (RIFF; format 1: integers, 3: floats)."""
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", 3 if is_float else 1, channels, rate, rate * align, align, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", len(body) + len(samples)) + body + samples
