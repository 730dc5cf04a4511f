"""All hostile files."""

from tests.hostile import (
    corpus_lures,
    corpus_markup,
    corpus_office,
    corpus_pdf,
    corpus_pictures,
    corpus_programs,
)
from tests.hostile.hostile import Hostile

FILES: list[Hostile] = [
    *corpus_lures.files(),
    *corpus_markup.files(),
    *corpus_office.files(),
    *corpus_pdf.files(),
    *corpus_pictures.files(),
    *corpus_programs.files(),
]
NAMES = {
    "newlines": "a\nb\r\n.pdf",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x9b.pdf",
    "10,000 characters": "n" * 10_000,
    "a million characters that are long to write": "\x01" * 1_000_000,
    "a path": "../../../../etc/passwd",
    "another path": "/etc/passwd",
    "backslashes": "C:\\con\\..\\aux",
    "nothing": "",
    "dots": "..",
    "a zero": "a\0b.pdf",
    "half a character": "\ud800\udfff\udcff",
    "braces": "{name} {0} {limit!r} %s %(name)s",
    "markup": "<script>alert(1)</script>&amp;",
    "directions": "\u202egpj.exe",
    "an option": "-dNOSAFER",
    "an address": "http://127.0.0.1/",
}
