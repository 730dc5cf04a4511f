"""Pictures for the tests, in every format: white, with a black block that is a quarter each way."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SAMPLES = Path(__file__).parent / "samples"
WIDTH, HEIGHT = 400, 200
_DOTS_A_METRE = 3937  # 100 an inch


def corner_marked(width=WIDTH, height=HEIGHT, at=(0, 0)):
    """White, with a black block at the top left, or so many quarters from there."""
    image = Image.new("RGB", (width, height), "white")
    left, top = at[0] * width // 4, at[1] * height // 4
    box = (left, top, left + width // 4 - 1, top + height // 4 - 1)
    ImageDraw.Draw(image).rectangle(box, fill="black")
    return image


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def flags():
    """The picture as 0 for black and 1 for white."""
    return (np.asarray(corner_marked().convert("L")) > 128).astype(np.uint32)


def bmp(depth, rows=None, compression=0, masks=b"", coded=0, *, top_down=False):
    """A BMP; its palette begins with black and white."""
    palette = struct.pack("<II", 0, 0xFFFFFF) + bytes(4 * ((1 << depth) - 2)) if depth < 16 else b""
    start = 14 + 40 + len(masks) + len(palette)
    height = -HEIGHT if top_down else HEIGHT
    resolution = (_DOTS_A_METRE, _DOTS_A_METRE)
    head = struct.pack("<IiiHHII", 40, WIDTH, height, 1, depth, compression, coded)
    head += struct.pack("<iiII", *resolution, 0, 0) + masks + palette
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + head + rows


def bmp_rows(depth, *, upside_down=True):
    white = {16: 0x7FFF, 24: 0xFFFFFF, 32: 0xFFFFFF}.get(depth, 1)
    pixels = flags()[::-1] if upside_down else flags()
    bits = (pixels[..., None] * white >> np.arange(depth)[::-1].astype(np.uint32)) & 1
    if depth >= 16:  # whole bytes, the least first
        bits = bits.reshape(HEIGHT, WIDTH, depth // 8, 8)[:, :, ::-1]
    packed = np.packbits(bits.astype(np.uint8).reshape(HEIGHT, -1), axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4))).tobytes()


def bmp_runs(depth):
    """Rows of runs of up to 255 pixels, with one written out pixel by pixel."""
    coded = bytearray()
    for row in flags()[::-1]:
        for start in range(0, WIDTH, 100):
            colour = int(row[start])
            coded += bytes([100, colour * 0x11 if depth == 4 else colour])
        coded += b"\0\0"
    return bytes(coded[:-2] + b"\0\1")


def bmp_of_os2():
    rows = bmp_rows(24)
    head = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 24)
    return b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26) + head + rows


BMPS = {
    **{f"bmp of {depth} bits": bmp(depth, bmp_rows(depth)) for depth in (1, 4, 8, 16, 24, 32)},
    "bmp with masks": bmp(16, bmp_rows(16), 3, struct.pack("<III", 0x7C00, 0x3E0, 0x1F)),
    "bmp, top row first": bmp(24, bmp_rows(24, upside_down=False), top_down=True),
    "bmp of runs of 8 bits": bmp(8, bmp_runs(8), 1, coded=len(bmp_runs(8))),
    "bmp of runs of 4 bits": bmp(4, bmp_runs(4), 2),
    "bmp of OS/2": bmp_of_os2(),
    "bmp with an alpha that is none": bmp(
        32, bmp_rows(32), 3, struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    ),
}


def ycck():
    """A JPEG as Photoshop writes it for print: luminance, colours and key, all inverted."""
    key = Image.eval(corner_marked().convert("L"), lambda shade: 255 - shade)
    flat = [Image.new("L", key.size, shade) for shade in (255, 127, 127)]
    data = bytearray(saved(Image.merge("CMYK", (*flat, key)), "JPEG", quality=95))
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def png(depth, kind, samples):
    """A PNG of samples of 16 bits, which Pillow does not write."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    pixels = (flags()[..., None] * 65535).repeat(samples, axis=2)
    if samples in {2, 4}:
        pixels[..., -1] = 65535
    rows = np.hstack(
        [np.zeros((HEIGHT, 1), np.uint8), pixels.astype(">u2").reshape(HEIGHT, -1).view(np.uint8)]
    )
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, kind, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows.tobytes()))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def pnm(kind):
    pixels = flags()
    if kind in {b"P1", b"P4"}:
        raw = np.packbits(1 - pixels.astype(np.uint8), axis=1).tobytes()
        text = b"\n".join(b" ".join(b"%d" % (1 - each) for each in row) for row in pixels)
        return kind + b"\n# by hand\n400 200\n" + (raw if kind == b"P4" else text)
    shades = (pixels * 255).astype(np.uint8).repeat(3 if kind in {b"P3", b"P6"} else 1, axis=1)
    text = b"\n".join(b" ".join(b"%d" % each for each in row) for row in shades)
    return kind + b" 400 # wide\n200 255\n" + (text if kind in {b"P2", b"P3"} else shades.tobytes())


PICTURE = corner_marked()
PNMS = {kind.decode(): pnm(kind) for kind in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")}
FORMS = {
    **BMPS,
    **PNMS,
    "pgm of 16 bits": b"P5 400 200 65535\n" + (flags() * 65535).astype(">u2").tobytes(),
    "gif": saved(PICTURE, "GIF"),
    "gif, interlaced, transparent": saved(
        PICTURE.convert("P"), "GIF", interlace=1, transparency=255
    ),
    "webp": saved(PICTURE, "WEBP", quality=90),
    "webp, lossless": saved(PICTURE, "WEBP", lossless=True),
    "webp with alpha": saved(PICTURE.convert("RGBA"), "WEBP", lossless=True),
    "heic": (SAMPLES / "corner.heic").read_bytes(),
    "heic of a camera held upright": (SAMPLES / "turned.heic").read_bytes(),
    "progressive jpeg": saved(PICTURE, "JPEG", progressive=True),
    "jpeg of four colours": saved(PICTURE.convert("CMYK"), "JPEG"),
    "jpeg of four colours as photoshop has them": ycck(),
    "jpeg with a film behind it": saved(PICTURE, "JPEG") + bytes(1_000_000),
    "png with something behind it": saved(PICTURE, "PNG") + bytes(1_000_000),
    "png of 16 bits": png(16, 0, 1),
    "png of 48 bits": png(16, 2, 3),
    "png of 64 bits": png(16, 6, 4),
    "png of 16 bits and alpha": png(16, 4, 2),
    "png with a palette": saved(PICTURE.convert("P"), "PNG"),
}
