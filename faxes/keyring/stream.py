"""Objects as they lie in storage: sealed piece by piece, so that any part can be read by itself.

AES-256-GCM in pieces of 256 KiB. What stands in front is a mark and 16 bytes at random; with the
name of the object they make the key of this one stream from the object's (HKDF, RFC 5869), so what
is stored under another name does not open. A piece's nonce is its place and whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): none can be left out,
moved or cut off unseen.
"""

import io
import logging
import secrets
from abc import abstractmethod
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from faxes.errors import CannotOpen

log = logging.getLogger(__name__)
MARK: Final = b"FXP1"
_SALT: Final = 16
_HEAD: Final = len(MARK) + _SALT
_PIECE: Final = 256 * 1024
_TAG: Final = 16
_KEY: Final = 32


class SealBroken(CannotOpen, OSError):
    """A stored object is not whole, was changed, or belongs elsewhere."""


class _InPieces(io.RawIOBase):
    """A stream to read: what stands in front, then piece by piece; the one at hand is kept."""

    def __init__(self, size: int, *, piece: int, head: bytes = b"") -> None:
        self.size = size
        self._length = piece
        self._head = head
        self._at = 0
        self._kept: tuple[int, bytes] = (-1, b"")

    @abstractmethod
    def piece(self, number: int) -> bytes:
        """One piece; all but the last are of the same length."""

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        """The place that is read next."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read on, up to the end of a piece."""
        if self._at >= self.size:
            return 0
        if self._at < len(self._head):
            part = self._head[self._at : self._at + len(buffer)]
        else:
            number, within = divmod(self._at - len(self._head), self._length)
            if self._kept[0] != number:
                self._kept = (number, self.piece(number))
            part = self._kept[1][within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


class Sealed(_InPieces):
    """What is to be stored of a file, as it is read."""

    def __init__(self, plain: BinaryIO, *, key: bytes, name: str) -> None:
        self._plain = plain
        length = plain.seek(0, io.SEEK_END)
        self._last = _last_piece(length)
        head = MARK + secrets.token_bytes(_SALT)
        self._box = _box(key, head, name)
        size = _HEAD + length + (self._last + 1) * _TAG
        super().__init__(size, piece=_PIECE + _TAG, head=head)

    def piece(self, number: int) -> bytes:
        """A piece of the file, sealed."""
        self._plain.seek(number * _PIECE)
        plain = self._plain.read(_PIECE)
        return self._box.encrypt(_nonce(number, last=number == self._last), plain, None)


class Opened(_InPieces):
    """A file again, from what was stored of it. Closing it closes that too.

    Raises:
        SealBroken: it is not what was stored under this name; or later, while it is read.

    """

    def __init__(self, stored: BinaryIO, *, key: bytes, name: str) -> None:
        self._stored = stored
        length = stored.seek(0, io.SEEK_END) - _HEAD
        stored.seek(0)
        head = stored.read(_HEAD)
        self._name = name
        self._last = max(0, (length - 1) // (_PIECE + _TAG))
        tail = length - self._last * (_PIECE + _TAG)
        if tail < _TAG or (tail == _TAG and self._last) or not head.startswith(MARK):
            raise SealBroken(f"{name} is no whole sealed object")
        self._box = _box(key, head, name)
        super().__init__(length - (self._last + 1) * _TAG, piece=_PIECE)
        # at once, lest somebody is given a part of what is none; also of an empty one
        self._kept = (0, self.piece(0))

    def piece(self, number: int) -> bytes:
        """A piece of the file.

        Raises:
            SealBroken: it is not what was stored.

        """
        self._stored.seek(_HEAD + number * (_PIECE + _TAG))
        sealed = self._stored.read(_PIECE + _TAG)
        try:
            return self._box.decrypt(_nonce(number, last=number == self._last), sealed, None)
        except InvalidTag:
            if number:  # some of it may be on its way to somebody already
                log.error("%s is damaged in its piece %d", self._name, number)  # noqa: TRY400
            raise SealBroken(f"{self._name} is not as it was stored") from None

    def close(self) -> None:
        """Close both."""
        try:
            self._stored.close()
        finally:
            super().close()


def _last_piece(length: int) -> int:
    return max(0, (length - 1) // _PIECE)


def _box(key: bytes, head: bytes, name: str) -> AESGCM:
    info = b"faxportal object " + name.encode()
    return AESGCM(HKDF(SHA256(), _KEY, salt=head[len(MARK) :], info=info).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
