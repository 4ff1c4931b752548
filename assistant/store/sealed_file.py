"""Encrypted files: a stream under a random key, which is wrapped by a passphrase and by a recovery key.

    attune-sealed-1 LF
    one line of JSON: how the key is wrapped LF
    chunks of CHUNK_BYTES, each with a tag of 16 bytes; the last one may be shorter, and may be empty

A chunk is sealed with ChaCha20-Poly1305. Its nonce is its number (11 bytes) and whether it is the last one (1 byte), so that
chunks cannot be left out, doubled or exchanged, and an end cannot be made (the STREAM construction, Hoang et al. 2015).
The hash of both header lines is bound to every chunk. The key is wrapped twice: under scrypt (RFC 7914) of the passphrase,
and to an X25519 public key whose secret is the printed recovery key. The data folder knows the public key only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from assistant import strict_json
from assistant.errors import BadInput
from models import durable

MAGIC = b"attune-sealed-1\n"
CHUNK_BYTES = 65_536
_TAG_BYTES = 16
_MOST_HEADER = 10_000
_SCRYPT_N = 1 << 17  # 128 MB of memory and about half a second
_MOST_N = 1 << 20  # a stranger's file may ask for no more
_SHORTEST_PASSPHRASE = 8
_GROUP = 4  # letters of a recovery key between two dashes


class WrongKey(BadInput):
    """Neither passphrase nor recovery key opens the file."""


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """What is printed, and what stays in the data folder."""

    secret: bytes
    public: bytes

    @property
    def words(self) -> str:
        """In groups of four letters and digits, with a checksum."""
        text = base64.b32encode(self.secret + _checksum(self.secret)).decode().rstrip("=")
        return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def new_recovery_key() -> RecoveryKey:
    return _recovery_key(secrets.token_bytes(32))


def read_recovery_key(words: str) -> RecoveryKey:
    """A recovery key as a person types it: small letters and spaces do not matter. Raises BadInput."""
    text = "".join(words.upper().replace("-", "").split())
    text = text.replace("0", "O").replace("1", "I").replace("8", "B")  # not in the alphabet
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as error:
        raise BadInput("That is no recovery key: it has letters and digits in groups of four.") from error
    unused_bits = base64.b32encode(data).decode().rstrip("=") != text
    if len(data) != 34 or _checksum(data[:32]) != data[32:] or unused_bits:
        raise BadInput("That is no recovery key, or one of its letters is wrong.")
    return _recovery_key(data[:32])


def _recovery_key(secret: bytes) -> RecoveryKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return RecoveryKey(secret, X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())


def _checksum(secret: bytes) -> bytes:
    return hashlib.sha256(b"attune recovery key" + secret).digest()[:2]


def is_sealed(path: Path) -> bool:
    """Does it begin as an encrypted file does? False for what is no file. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def keep_public(path: Path, key: RecoveryKey) -> None:
    """Keep what later backups need, so that one printed key opens them all. Raises OSError."""
    durable.write(path, json.dumps({"recovery_public_key": _text(key.public)}).encode(), private=True)


def read_public(path: Path) -> bytes | None:
    """None where there is none, or none that can be used."""
    try:
        public = _bytes(strict_json.read(path.read_bytes())["recovery_public_key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return public if len(public) == 32 else None


def check_passphrase(passphrase: str) -> None:
    """Raises BadInput for one that would protect nothing."""
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise BadInput(
            f"A passphrase needs {_SHORTEST_PASSPHRASE} characters at least; several words are best."
        )


# --- wrapping the key ---------------------------------------------------------------------------------------


def _by_passphrase(passphrase: str, salt: bytes, n: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # The same letters may come composed or not, by keyboard and system.
    same = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(same)


def _by_exchange(shared: bytes, ephemeral: bytes, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, ephemeral + public, b"attune-sealed-1 recovery").derive(shared)


def _seal_key(wrapping: bytes, key: bytes) -> str:
    """Each wrapping key is used once, so the nonce may be the same."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return _text(ChaCha20Poly1305(wrapping).encrypt(bytes(12), key, MAGIC))


def _header(key: bytes, passphrase: str, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    salt = secrets.token_bytes(16)
    once = X25519PrivateKey.generate()
    ephemeral = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    return json.dumps(
        {
            "scrypt": {
                "n": _SCRYPT_N,
                "salt": _text(salt),
                "key": _seal_key(_by_passphrase(passphrase, salt, _SCRYPT_N), key),
            },
            "x25519": {
                "ephemeral": _text(ephemeral),
                "public": _text(public),
                "key": _seal_key(_by_exchange(shared, ephemeral, public), key),
            },
        }
    ).encode()


def _unwrap(header: dict[str, Any], secret: str | RecoveryKey, name: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        if isinstance(secret, RecoveryKey):
            part = header["x25519"]
            ephemeral = _bytes(part["ephemeral"])
            shared = X25519PrivateKey.from_private_bytes(secret.secret).exchange(
                X25519PublicKey.from_public_bytes(ephemeral)
            )
            wrapping = _by_exchange(shared, ephemeral, secret.public)
        else:
            part = header["scrypt"]
            n = int(part["n"])
            if not 1 < n <= _MOST_N or n & (n - 1):
                raise ValueError("a cost that is not taken")
            wrapping = _by_passphrase(secret, _bytes(part["salt"]), n)
        sealed = _bytes(part["key"])
        if len(sealed) != 32 + _TAG_BYTES:
            raise ValueError("a key of another length")
        return ChaCha20Poly1305(wrapping).decrypt(bytes(12), sealed, MAGIC)
    except InvalidTag as error:
        which = "recovery key" if isinstance(secret, RecoveryKey) else "passphrase"
        raise WrongKey(f"That {which} does not open {name}.") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{name} is damaged.") from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)


# --- the stream ---------------------------------------------------------------------------------------------


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing:
    """A file to write to, which ``target`` receives encrypted. ``close`` seals the last chunk; ``target`` stays open."""

    def __init__(self, target: IO[bytes], passphrase: str, public: bytes) -> None:
        """Raises BadInput, OSError."""
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        check_passphrase(passphrase)
        key = secrets.token_bytes(32)
        header = MAGIC + _header(key, passphrase, public) + b"\n"
        self._target, self._cipher = target, ChaCha20Poly1305(key)
        self._bound = hashlib.sha256(header).digest()
        self._waiting = bytearray()
        self._number = 0
        self._place = 0
        target.write(header)

    def write(self, data: bytes) -> int:
        self._waiting += data
        # The last chunk is known at the end only, so one is always kept back.
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """Nothing to do: what waits is written with its chunk."""

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, chunk: bytes, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last), chunk, self._bound))
        self._number += 1


def opened(path: Path, secret: str | RecoveryKey) -> Iterator[bytes]:
    """The content of an encrypted file, chunk by chunk, each verified. Raises WrongKey, BadInput, OSError.

    An end that is missing shows at the end only: use nothing of it before.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    damaged = BadInput(f"{path.name} is damaged, cut off or was changed.")
    size = os.path.getsize(path)
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadInput(f"{path.name} is not an encrypted backup of Attune.")
        line = file.readline(_MOST_HEADER)
        try:
            header = strict_json.read(line)
            if not line.endswith(b"\n") or not isinstance(header, dict):
                raise ValueError("no header")
        except ValueError as error:
            raise damaged from error
        cipher = ChaCha20Poly1305(_unwrap(header, secret, path.name))
        bound = hashlib.sha256(MAGIC + line).digest()
        number = 0
        while True:
            sealed = file.read(CHUNK_BYTES + _TAG_BYTES)
            last = file.tell() == size
            try:
                yield cipher.decrypt(_nonce(number, last), sealed, bound)
            except InvalidTag as error:
                raise damaged from error
            if last:
                return
            number += 1
