"""How large a picture is, how many frames it has and whether all of it is there, by its bytes.

Read by hand, before any decoder sees the file: a decoder takes memory for a picture as large as
its header claims, and may make up what a file that was cut short does not hold. Nothing is decoded.
"""

import re
import struct
from dataclasses import dataclass
from typing import Any

_PNG_CHUNKS_AT = 8
_JPEG_SCAN = 0xDA
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those three are tables
_JPEG_FILL = 0xFF
_JPEG_END = b"\xff\xd9"  # never within coded data, where 00 follows FF
_GIF_SCREEN, _GIF_FRAME = struct.Struct("<6xHHBxx"), struct.Struct("<xHHHHB")
_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B
_GIF_HAS_COLOURS, _GIF_COLOURS = 0x80, 0x07
_WEBP_CHUNKS_AT = 12
_14_BITS = 0x3FFF
_BMP_OLD_HEADER = 12
_BMP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
_BMP_PLAIN = frozenset({0, 3, 6})  # not compressed; 3 and 6 say which bits are red, green, blue
_BMP_RUNS = frozenset({1, 2})
_BMP_END = b"\1"
# Magic, width and height, with comments between them; the largest shade follows in most kinds.
_PNM_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"
_PNM = re.compile(rb"P([1-6])" + _PNM_GAP + rb"(\d{1,9})" + _PNM_GAP + rb"(\d{1,9})(?=\s|#)")
_PNM_SHADES = re.compile(_PNM_GAP + rb"(\d{1,5})(?=\s)")
_PNM_BITMAPS, _PNM_PLAIN, _PNM_COLOUR = b"14", b"123", b"36"
_ONE_BYTE = 255
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_BRANDS_AT = 16


class BadPicture(ValueError):
    """The bytes break off, or go on as something else than they began as."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Size in pixels of the largest frame, and how many frames there are.

    ``parts`` tells from where to where each frame lies, in formats that are one file after another.
    """

    width: int
    height: int
    frames: int = 1
    parts: tuple[tuple[int, int], ...] = ()


def png(data: bytes) -> Outline:
    """Outline a PNG file (RFC 2083). Raises BadPicture."""
    at, size = _PNG_CHUNKS_AT, None
    while True:
        length, kind = _read(">I4s", data, at)
        if kind == b"IHDR":
            size = _read(">II", data, at + 8)
        at += 12 + length
        if size is None or at > len(data):
            raise BadPicture("a chunk breaks off")
        if kind == b"IEND":
            return Outline(*size)


def jpeg(data: bytes) -> Outline:
    """Outline a JPEG file (T.81, annex B); what follows its end is no concern. Raises BadPicture.

    Cameras put films there, and smaller copies of the picture before its first scan.
    """
    at, size = 2, (0, 0)
    while True:
        mark, kind, length = _read(">BBH", data, at)
        if mark != _JPEG_FILL:
            raise BadPicture("no marker where one should be")
        if kind == _JPEG_FILL:
            at += 1
            continue
        if kind in _JPEG_FRAMES:
            size = _read(">HH", data, at + 5)
        at += 2 + length
        if kind == _JPEG_SCAN:
            if data.find(_JPEG_END, at) < 0:
                raise BadPicture("it has no end")
            return Outline(size[1], size[0])


def gif(data: bytes) -> Outline:
    """Outline a GIF file (GIF89a), whose frames may reach beyond its screen. Raises BadPicture."""
    width, height, flags = _read(_GIF_SCREEN.format, data, 0)
    at, frames = _GIF_SCREEN.size + _gif_colours(flags), 0
    while True:
        (kind,) = _read("B", data, at)
        if kind == _GIF_END and frames:
            return Outline(width, height, frames)
        if kind == _GIF_EXTENSION:
            at += 2
        elif kind == _GIF_IMAGE:
            left, top, across, down, flags = _read(_GIF_FRAME.format, data, at)
            width, height = max(width, left + across), max(height, top + down)
            at += _GIF_FRAME.size + _gif_colours(flags) + 1
            frames += 1
        else:
            raise BadPicture("neither a frame nor an extension")
        at = _past_gif_blocks(data, at)


def _gif_colours(flags: int) -> int:
    return 3 << (1 + (flags & _GIF_COLOURS)) if flags & _GIF_HAS_COLOURS else 0


def _past_gif_blocks(data: bytes, at: int) -> int:
    while True:
        (length,) = _read("B", data, at)
        at += 1 + length
        if not length:
            return at


def webp(data: bytes) -> Outline:
    """Outline a WebP file (RFC 9649). Raises BadPicture."""
    end = 8 + _read("<I", data, 4)[0]
    at, frames, size = _WEBP_CHUNKS_AT, 0, None
    while at + 8 <= end:
        kind, length = _read("<4sI", data, at)
        if size is None:
            size = _webp_size(data, at + 8, kind)
        frames += kind == b"ANMF"
        at += 8 + length
        if at > len(data):
            raise BadPicture("a chunk breaks off")
        at += length % 2
    if size is None or end > len(data):
        raise BadPicture("it breaks off")
    return Outline(*size, frames=max(1, frames))


def _webp_size(data: bytes, at: int, kind: bytes) -> tuple[int, int] | None:
    match kind:
        case b"VP8X":  # the canvas of several chunks
            width, width_high, height, height_high = _read("<HBHB", data, at + 4)
            return (width_high << 16 | width) + 1, (height_high << 16 | height) + 1
        case b"VP8L":
            (bits,) = _read("<I", data, at + 1)
            return (bits & _14_BITS) + 1, (bits >> 14 & _14_BITS) + 1
        case b"VP8 ":
            width, height = _read("<HH", data, at + 6)
            return width & _14_BITS, height & _14_BITS
        case _:
            return None


def bmp(data: bytes) -> Outline:
    """Outline a BMP file of OS/2 or Windows. Raises BadPicture, also for a PNG or JPEG in one."""
    start, header = _read("<II", data, 10)
    compression = coded = 0
    if header == _BMP_OLD_HEADER:
        width, height, _, bits = _read("<HHHH", data, 18)
    else:
        width, height, _, bits, compression, coded = _read("<iiHHII", data, 18)
    width, height = abs(width), abs(height)  # a negative height is that of one stored top down
    if compression in _BMP_PLAIN:
        whole = start + (width * bits + 31) // 32 * 4 * height <= len(data)
    else:
        end = start + coded if coded else len(data)
        ends = data[start:end].rstrip(b"\0").endswith(_BMP_END)
        whole = compression in _BMP_RUNS and end <= len(data) and ends
    if not whole:
        raise BadPicture("not all of its pixels are there")
    return Outline(width, height)


def is_bmp(head: bytes) -> bool:
    """Tell whether a file begins as BMP; many a text begins with its first two letters."""
    return head[:2] == b"BM" and head[14:18] in _BMP_HEADERS


def pnm(data: bytes) -> Outline:
    """Outline a file of Netpbm's formats P1 to P6: one picture, or several raw ones in a row.

    Raises BadPicture.
    """
    parts: list[tuple[int, int]] = []
    largest = (0, 0)
    at = 0
    while head := _PNM.match(data, at):
        size = int(head[2]), int(head[3])
        end = _pnm_end(data, head, size)
        if end > len(data):
            raise BadPicture("not all of its pixels are there")
        largest = max(largest, size, key=lambda each: each[0] * each[1])
        parts.append((at, end))
        at = end
    if data[at:].strip():
        raise BadPicture("something else follows")
    return Outline(*largest, frames=len(parts), parts=tuple(parts))


def _pnm_end(data: bytes, head: re.Match[bytes], size: tuple[int, int]) -> int:
    kind, (width, height) = head[1], size
    if kind in _PNM_PLAIN:
        return len(data)  # as text; how many numbers there are, the decoder counts
    if kind in _PNM_BITMAPS:
        return head.end() + 1 + (width + 7) // 8 * height
    shades = _PNM_SHADES.match(data, head.end())
    if shades is None:
        raise BadPicture("no largest shade")
    sample = 1 if int(shades[1]) <= _ONE_BYTE else 2
    return shades.end() + 1 + width * height * sample * (3 if kind in _PNM_COLOUR else 1)


def is_pnm(head: bytes) -> bool:
    """Tell whether a file begins as one of P1 to P6."""
    return _PNM.match(head) is not None


def heif(data: bytes) -> None:
    """Look whether an HEIF file's boxes are all there (ISO 14496-12, 4.2). Raises BadPicture."""
    at = 0
    while at + 8 <= len(data):
        (length,) = _read(">I", data, at)
        if length == 0:  # until the end
            return
        if length == 1:
            (length,) = _read(">Q", data, at + 8)
        at += max(8, length)
    if at > len(data):
        raise BadPicture("a box breaks off")


def is_heif(head: bytes) -> bool:
    """Tell whether a file begins as HEIF with pictures coded as HEVC."""
    if head[4:8] != b"ftyp":
        return False
    end = int.from_bytes(head[:4])
    others = {head[at : at + 4] for at in range(_BRANDS_AT, min(end, len(head)), 4)}
    return not _HEIF_BRANDS.isdisjoint({head[8:12], *others})


def _read(form: str, data: bytes, at: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise BadPicture("it breaks off") from None
