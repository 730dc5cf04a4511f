"""What one conversion may cost: bytes, pages, pixels, memory, time, files."""

from dataclasses import dataclass

_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one job. The defaults are those of the portal; a caller may pass tighter ones.

    ``input_bytes`` and ``pixels_per_page`` hold for each document, ``pages`` and ``output_bytes``
    for all documents of a fax together; ``memory_bytes`` is what a job may take beyond what the
    warm process has mapped already.
    """

    input_bytes: int = 30 * _MEGA
    pages: int = 500
    pixels_per_page: int = 40 * _MEGA
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    output_bytes: int = 200 * _MEGA
    open_files: int = 64
