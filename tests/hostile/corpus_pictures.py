"""Hostile pictures: dimensions that lie, endless frames, directories in circles."""

# ruff: noqa: E501 - hostile files have long lines

import random
import struct
import zlib
from collections.abc import Iterable

from tests.hostile.hostile import Hostile, made
from tests.hostile.seeds import picture_of
from tests.unit.documents import picture_makers

MEGA = 1_000_000
_TYPES = {1: "B", 3: "H", 4: "I"}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int,
    height: int,
    *chunks: bytes,
    depth: int = 8,
    kind: int = 0,
    data: bytes | None = None,
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = zlib.compress(bytes(MEGA), 9) if data is None else data
    parts = chunk(b"IHDR", head), *chunks, chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def interlaced() -> bytes:
    data = bytearray(png(5000, 5000, data=zlib.compress(bytes(30 * MEGA), 9)))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def gif(width: int, height: int, *frames: bytes, count: int = 1) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + b"".join(frames) * count + b";"


def gif_frame(width: int, height: int, coded: bytes = b"\x02\x44\x01\0") -> bytes:
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + coded


def tiff(tags: dict[int, tuple[int, list[int]]], data: bytes = b"", *, following: int = 0) -> bytes:
    """One directory, at 8; values that do not fit come after it, then ``data``."""
    beyond = 8 + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, (kind, numbers) in sorted(tags.items()):
        coded = struct.pack(f"<{len(numbers)}{_TYPES[kind]}", *numbers)
        if len(coded) > 4:
            where = struct.pack("<I", beyond + len(values))
            values += coded
        else:
            where = coded.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, len(numbers)) + where
    count = struct.pack("<H", len(tags))
    return b"II*\0\x08\0\0\0" + count + entries + struct.pack("<I", following) + values + data


def strip(width: int, height: int, coding: int, data: bytes, **more: int) -> bytes:
    """A TIFF of one strip."""
    tags = {
        256: width, 257: height, 258: 1, 259: coding, 262: 0, 273: 0, 277: 1, 278: height,
        279: len(data), **{int(tag[1:]): value for tag, value in more.items()},
    }  # fmt: skip
    tags[273] = 8 + 2 + 12 * len(tags) + 4
    return tiff({tag: (4, [value]) for tag, value in tags.items()}, data)


def directories(count: int, *, circle: bool) -> bytes:
    """A chain of directories, each of a page of one pixel."""
    size, out = 2 + 12 * 4 + 4, bytearray(b"II*\0\x08\0\0\0")
    for index in range(count):
        last = index == count - 1
        following = (8 if circle else 0) if last else 8 + (index + 1) * size
        entries = b"".join(
            struct.pack("<HHII", tag, 4, 1, value)
            for tag, value in ((256, 1), (257, 1), (273, 8), (279, 1))
        )
        out += struct.pack("<H", 4) + entries + struct.pack("<I", following)
    return bytes(out)


def bmp(width: int, height: int, depth: int, coding: int = 0, data: bytes = b"") -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, coding, len(data), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + head + data


def jpeg(width: int, height: int, scans: int) -> bytes:
    """A progressive JPEG with scan after scan over the same picture."""
    good: bytes = picture_makers.saved(
        picture_makers.PICTURE.convert("L"), "JPEG", progressive=True
    )
    frame = good.index(b"\xff\xc2") + 5
    good = good[:frame] + struct.pack(">HH", height, width) + good[frame + 4 :]
    start, end = good.index(b"\xff\xda"), good.rindex(b"\xff\xd9")
    return good[:end] + good[start:end] * scans + good[end:]


def webp(width: int, height: int, frames: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    still: bytes = picture_makers.saved(picture_makers.corner_marked(8, 8), "WEBP", lossless=True)[
        12:
    ]
    frame = bytes(6) + (7).to_bytes(3, "little") * 2 + b"\x0a\0\0\0" + still
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body += (b"ANMF" + struct.pack("<I", len(frame)) + frame + b"\0" * (len(frame) % 2)) * frames
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heics() -> Iterable[Hostile]:
    good = picture_makers.FORMS["heic"]
    at = good.index(b"ispe") + 8
    huge = good[:at] + b"\x7f\xff\xff\xff" * 2 + good[at + 8 :]
    yield made("heic lie", "two thousand million pixels each way", huge)
    yield made("heic box of nothing", "boxes without end", good[:24] + bytes(8) * 99_999)
    deep = b"".join(struct.pack(">I4s", (9999 - n) * 8, b"meta") for n in range(9999))
    yield made("heic boxes in boxes", "a stack overflows", good[:24] + deep)
    chance = random.Random(8)
    where = good.index(b"mdat") + 8
    noise = good[:where] + chance.randbytes(len(good) - where)
    yield made("heic noise", "a decoder of films", noise)
    turned = picture_makers.FORMS["heic of a camera held upright"]
    odd = turned.replace(b"Exif", b"\xff\xff\xff\x7f", 1)
    yield made("heic odd notes", "a decoder that breaks down over them", odd)
    grid = good.replace(b"hvc1", b"grid").replace(b"hvcC", b"free")
    yield made("heic grid of nothing", "tiles that are not there", grid)


def tiffs() -> Iterable[Hostile]:
    chance = random.Random(9)
    noise = chance.randbytes(50_000)
    circle = directories(1, circle=True)
    yield made("tiff directory in a circle", "pages without end", circle)
    yield made("tiff circle of 99", "pages without end", directories(99, circle=True))
    yield made("tiff of 60,000 pages", "more than a fax may have",
               lambda: directories(60_000, circle=False))  # fmt: skip
    for coding in (1, 2, 3, 4, 5, 7, 8, 32773, 34661, 34712, 34887, 34925, 50000, 50001, 65535):
        yield made(f"tiff coding {coding} of noise", "a decoder in C",
                   strip(1728, 2200, coding, noise))  # fmt: skip
    huge = strip(0xFFFFFFFF, 0xFFFFFFFF, 5, noise)
    yield made("tiff lie", "4 thousand million pixels each way", huge)
    yield made("tiff fax of a million rows", "longer than any paper", strip(1728, MEGA, 4, noise))

    def empty() -> bytes:
        return strip(6000, 6000, 8, zlib.compress(bytes(36 * MEGA), 9), t258=8)

    yield made("tiff deflate bomb", "36 megapixels in 36 kilobytes", empty)
    yield made("tiff deep samples", "65535 samples of 65535 bits",
               strip(100, 100, 1, noise, t258=65535, t277=65535))  # fmt: skip
    yield made("tiff tiles of nothing", "a division by zero",
               strip(100, 100, 1, noise, t322=0, t323=0, t324=8, t325=8))  # fmt: skip
    yield made("tiff tiles lie", "a tile larger than memory",
               strip(99, 99, 1, noise, t322=1 << 31, t323=1 << 31, t324=8, t325=8))  # fmt: skip
    strips = tiff({256: (4, [1728]), 257: (4, [50_000]), 273: (4, [8] * 50_000),
                   278: (4, [1]), 279: (4, [0xFFFFFFFF] * 50_000)})  # fmt: skip
    yield made("tiff strips lie", "all strips are one, each of 4 GB", strips)
    entries = b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 273, 4, 0xFFFFFFFF, 0) * 65535
    yield made("tiff 65535 entries", "of 4 thousand million values each", entries)
    big = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, (1 << 64) - 1) + bytes(999)
    yield made("tiff 64 bits", "a count of everything", big)


def files() -> list[Hostile]:
    """Return them all."""

    def packed_away(kind: bytes) -> bytes:
        return png(9, 9, chunk(kind, b"a\0\0" + zlib.compress(bytes(100 * MEGA), 9)))

    frames = chunk(b"acTL", struct.pack(">II", 0xFFFFFFFF, 0))
    rows = b"\0\2\xff\xff" * 9999
    film = gif(9, 9, gif_frame(9, 9), count=100_000)
    return [
        made("png lie", "4 thousand million pixels", png(65535, 65535)),
        made("png greater lie", "more than numbers go", png(0x7FFFFFFF, 0x7FFFFFFF)),
        made("png nothing", "no pixel at all", png(0, 0)),
        made("png deep", "39 megapixels of 64 bits", png(6300, 6200, depth=16, kind=6)),
        made("png ribbon", "a page of one column", png(1, 39 * MEGA)),
        made("png words", "100 MB of notes", lambda: packed_away(b"zTXt")),
        made("png profile", "100 MB of colours", lambda: packed_away(b"iCCP")),
        made("png film", "4 thousand million frames", png(9, 9, frames, data=b"")),
        made("png interlaced", "seven times over", interlaced),
        made("png long", "more pixels than it says",
             lambda: png(9, 9, data=zlib.compress(bytes(99 * MEGA), 9))),
        made("png palette", "no palette", png(99, 99, kind=3)),
        made("png chunk lie", "a chunk of 4 GB",
             png(9, 9).replace(b"\0\0\0\x0dIHDR", b"\xff\xff\xff\xffIHDR")),
        made("gif lie", "4 thousand million pixels", gif(65535, 65535, gif_frame(1, 1))),
        made("gif frame lie", "a frame larger than its screen", gif(9, 9, gif_frame(65535, 65535))),
        made("gif film", "100,000 frames", film),
        made("gif blocks", "a frame that never ends", gif(9, 9, gif_frame(9, 9, b"\x08" + b"\xff" * MEGA))),
        made("gif codes", "noise", gif(999, 999, gif_frame(999, 999, b"\x0b\xff" + b"\xaa" * 255 + b"\0"))),
        made("webp lie", "268 megapixels", webp(16384, 16384, 1)),
        made("webp greater lie", "16 million pixels each way", webp(1 << 24, 1 << 24, 1)),
        made("webp film", "20,000 frames", lambda: webp(1000, 1000, 20_000)),
        made("bmp lie", "two thousand million pixels", bmp(0x7FFFFFFF, 0x7FFFFFFF, 32)),
        made("bmp least number", "a height that has no opposite", bmp(1, -0x80000000, 1)),
        made("bmp runs", "jumps out of the picture", bmp(600, 600, 8, 1, rows + b"\0\1")),
        made("bmp 99 bits", "an odd depth", bmp(9, 9, 99, 0, bytes(9999))),
        made("pnm lie", "more pixels than atoms", b"P6 999999999 999999999 255\n" + bytes(99)),
        made("pnm text", "numbers without end", lambda: b"P3 4000 4000 255\n" + b"9 " * (14 * MEGA)),
        made("pnm long numbers", "a number of a megabyte", b"P2 9 9 255\n" + b"9" * MEGA),
        made("pnm many", "a million pictures", lambda: b"P4 1 1\n\0" * MEGA),
        made("pnm comments", "30 MB of comments", lambda: b"P5\n" + b"#\n" * (14 * MEGA) + b"1 1 255\n\0"),
        made("jpeg lie", "4 thousand million pixels", jpeg(65535, 65535, 0)),
        made("jpeg scans", "2,000 scans over 36 megapixels", lambda: jpeg(6000, 6000, 2000)),
        made("jpeg nothing", "no pixel at all", jpeg(0, 0, 0)),
        made("jpeg fill", "markers without end", b"\xff\xd8" + b"\xff" * (5 * MEGA)),
        made("jpeg and png", "two in one", picture_makers.saved(picture_makers.PICTURE, "JPEG")
             + picture_of(9, 9)),
        *tiffs(),
        *heics(),
    ]  # fmt: skip
