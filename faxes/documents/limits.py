"""What one conversion may cost: bytes, pages, pixels, memory, time, files."""

import time
from dataclasses import dataclass, replace

_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one job. The defaults are those of the portal; a caller may pass tighter ones.

    ``input_bytes`` and ``pixels_per_page`` hold for each document; ``pages``, ``wall_seconds`` and
    ``output_bytes`` for all documents of a fax together; ``memory_bytes`` is what a job may take
    beyond what the warm process has mapped already. Nothing comes to a job from outside: one that
    does nothing for ``idle_seconds`` waits for itself, and will for ever.
    """

    input_bytes: int = 30 * _MEGA
    pages: int = 500
    pixels_per_page: int = 40 * _MEGA
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    idle_seconds: float = 10.0
    output_bytes: int = 200 * _MEGA
    open_files: int = 64


class Budget:
    """What is left of the limits of a fax while one job after another works on it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends = time.monotonic() + limits.wall_seconds
        self._bytes = limits.output_bytes

    @property
    def left(self) -> Limits:
        """The limits of the next job: without the time that passed and the bytes that were made."""
        seconds = max(0.0, self._ends - time.monotonic())
        return replace(self._limits, wall_seconds=seconds, output_bytes=max(0, self._bytes))

    def spend(self, size: int) -> None:
        """Count a file that was made and is kept until the end."""
        self._bytes -= size
