"""TIFF files written by hand, for what no tool writes: odd depths, odd chains, old tags."""

import io
import struct

import numpy as np
from PIL import Image

from tests.unit.documents.picture_makers import HEIGHT, PICTURE, WIDTH, flags

SHORT, LONG, RATIONAL = 3, 4, 5
_LETTERS = {SHORT: "H", LONG: "I"}
_SIZES = {SHORT: 2, LONG: 4, RATIONAL: 8}


def tiff(*pages, order="<", last=0):
    """A TIFF of pages, each (tags -> value or values, data in one strip); ``last`` is its end."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    out = bytearray(head + bytes(4))
    link = 4
    for tags, data in pages:
        strip = len(out)
        out += data + bytes(len(data) % 2)
        told = {273: strip, 278: tags.get(257, 1), 279: len(data)} | tags
        entries = bytearray()
        for tag, value in sorted(told.items()):
            if value is None:
                continue
            values = value if isinstance(value, tuple) else (value,)
            kind = RATIONAL if tag in {282, 283} else LONG if max(values) > 65535 else SHORT
            if kind == RATIONAL:
                body = b"".join(
                    struct.pack(order + "II", round(each * 100), 100) for each in values
                )
            else:
                body = struct.pack(f"{order}{len(values)}{_LETTERS[kind]}", *values)
            count = len(body) // _SIZES[kind]
            if len(body) > 4:
                entries += struct.pack(order + "HHII", tag, kind, count, len(out))
                out += body + bytes(len(body) % 2)
            else:
                entries += struct.pack(order + "HHI", tag, kind, count) + body.ljust(4, b"\0")
        struct.pack_into(order + "I", out, link, len(out))
        out += struct.pack(order + "H", len(entries) // 12) + entries
        link = len(out)
        out += bytes(4)
    struct.pack_into(order + "I", out, link, last)
    return bytes(out)


def tags(bits=1, photometric=1, samples=1, **more):
    """The tags of the picture with a black block; ``t296=3`` gives tag 296."""
    told = {
        256: WIDTH,
        257: HEIGHT,
        258: (bits,) * samples,
        259: 1,
        262: photometric,
        277: samples,
        282: 100,
        283: 100,
        296: 2,
    }
    return told | {int(name[1:]): value for name, value in more.items()}


def packed(bits, *, white_is_zero=False, samples=1, order="<"):
    """The picture's samples of so many bits each."""
    most = (1 << bits) - 1
    pixels = (flags().astype(np.int64) ^ white_is_zero).repeat(samples, axis=1) * most
    if bits >= 8:
        return pixels.astype(f"{order}u{bits // 8}").tobytes()
    told = pixels[..., None] >> np.arange(bits)[::-1] & 1
    return np.packbits(told.astype(np.uint8).reshape(HEIGHT, -1), axis=1).tobytes()


def old_jpeg():
    """JPEG as TIFF 6.0 first had it: a whole file, pointed at by two tags."""
    out = io.BytesIO()
    PICTURE.save(out, "JPEG", quality=95, subsampling=0)
    data = out.getvalue()
    told = tags(8, 6, 3, t259=6, t513=8, t514=len(data), t530=(1, 1))
    return tiff((told, data))


def planar(bits):
    """Red, green and blue one after another."""
    plane = packed(bits)
    told = tags(bits, 2, 3, t284=2, t278=HEIGHT)
    starts = tuple(8 + len(plane) * index for index in range(3))
    return tiff((told | {273: starts, 279: (len(plane),) * 3}, plane * 3))


def saved(mode, **options):
    out = io.BytesIO()
    image = PICTURE.convert("L").convert(mode) if mode == "F" else PICTURE.convert(mode)
    image.save(out, "TIFF", dpi=(100, 100), **options)
    return out.getvalue()


def lab():
    grey = PICTURE.convert("L")
    out = io.BytesIO()
    flat = [Image.new("L", grey.size, 128)] * 2
    Image.merge("LAB", (grey, *flat)).save(out, "TIFF", dpi=(100, 100))
    return out.getvalue()


PALETTE = {bits: tuple(([0] + [65535] * ((1 << bits) - 1)) * 3) for bits in (1, 2, 4, 8)}
# What a pixel is -> a file of such pixels, not compressed.
PIXELS = {
    **{f"{bits} bits, black is 0": tiff((tags(bits), packed(bits))) for bits in (1, 2, 4, 8, 16)},
    **{
        f"{bits} bits, white is 0": tiff((tags(bits, 0), packed(bits, white_is_zero=True)))
        for bits in (1, 2, 4, 8, 16)
    },
    **{
        f"palette of {bits} bits": tiff((tags(bits, 3, t320=PALETTE[bits]), packed(bits)))
        for bits in (1, 2, 4, 8)
    },
    "colour": tiff((tags(8, 2, 3), packed(8, samples=3))),
    "colour of 48 bits": tiff((tags(16, 2, 3), packed(16, samples=3))),
    "colour of 48 bits, big-endian": tiff(
        (tags(16, 2, 3), packed(16, samples=3, order=">")), order=">"
    ),
    "colour in planes": planar(8),
    "colour of 48 bits in planes": planar(16),
    "four colours": saved("CMYK"),
    "alpha": saved("RGBA"),
    "luminance and colours": saved("YCbCr"),
    "Lab": lab(),
    "fractions": saved("F"),
}
