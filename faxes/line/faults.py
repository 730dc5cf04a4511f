"""Faults of a line: noise, bursts of it, and the called end hanging up in the middle of a page."""

import math
import random
from array import array
from collections.abc import Callable

from faxes.line.exchange import Fault
from faxes.line.session import Session

_BURST_SAMPLES = 100  # 12.5 ms
_BURST_PEAK = 9000  # loud enough to spoil some rows, not so loud that a modem loses its footing
_FIRST_BURST_SECONDS = 1.0  # the training of V.27ter is over by then, and hardly any page is
_HASTE_SECONDS = 0.1
_SILENCE = 40  # samples quieter than this are no signal
_TABLE = 1 << 13


class Noise:
    """Noise that is added to samples, from a seeded table, so that a call can be repeated.

    It is put under a signal only: a carrier that never goes quiet keeps T.30 waiting for ever.
    """

    def __init__(self, fault: Fault) -> None:
        self._random = random.Random(fault.seed)  # noqa: S311 (a repeatable fault, not a secret)  # nosec B311
        self._relative = 0.0 if fault.snr_db is None else 10 ** (-fault.snr_db / 20)
        self._table: list[float] = []
        if fault.snr_db is not None:
            self._table = [self._random.gauss(0.0, 1.0) for _ in range(_TABLE)]

    def under(self, samples: memoryview) -> None:
        """Add noise to a block, so much quieter than its signal as the fault says."""
        signal = samples.tolist()
        power = math.sqrt(sum(sample * sample for sample in signal) / len(signal))
        if power < _SILENCE:
            return
        level = power * self._relative
        start = self._random.randrange(_TABLE - len(signal))
        noise = self._table[start : start + len(signal)]
        loud = (int(one + level * other) for one, other in zip(signal, noise, strict=True))
        samples[:] = array("h", (max(-32768, min(32767, sample)) for sample in loud))

    def burst(self, samples: memoryview) -> None:
        """Drown most of a block."""
        peaks = (self._random.randint(-_BURST_PEAK, _BURST_PEAK) for _ in range(_BURST_SAMPLES))
        samples[:_BURST_SAMPLES] = array("h", peaks)


class Timetable:
    """When bursts of noise are due, in seconds of image on the line.

    A burst that falls on blank paper may spoil nothing. A line that is to be seen as noisy has
    to spoil something, so until it has, bursts come quickly, and then as rarely as they should.
    """

    def __init__(self, fault: Fault) -> None:
        self._mean = fault.image_hit_seconds
        self._random = random.Random(fault.seed)  # noqa: S311 (a repeatable fault, not a secret)  # nosec B311
        self._left = _FIRST_BURST_SECONDS

    def due(self, seconds: float, *, spoiled: Callable[[], bool]) -> bool:
        """Whether a burst falls into the next ``seconds`` of image.

        ``spoiled`` tells whether the page at the far end has a bad row by now.
        """
        if self._mean is None:
            return False
        self._left -= seconds
        if self._left > 0:
            return False
        mean = self._mean if spoiled() else min(self._mean, _HASTE_SECONDS)
        self._left = mean * self._random.uniform(0.5, 1.5)
        return True

    def restart(self) -> None:
        """The image has ended: the next one is spared at its beginning, where modems train."""
        self._left = _FIRST_BURST_SECONDS


class Severance:
    """Knows when the called end hangs up, if the fault says in the middle of which page."""

    _AFTER_SECONDS = 1.0  # of the page's image

    def __init__(self, fault: Fault, called: Session) -> None:
        self._page = fault.hang_up_in_page
        self._called = called
        self._imaged = 0.0

    def due(self, image_seconds: float) -> bool:
        """Whether the time has come, after so much more of an image.

        A short page ends before the second is over; then its end is the moment.
        """
        if self._page is None:
            return False
        if self._called.pages != self._page - 1:
            return self._called.pages >= self._page
        self._imaged += image_seconds
        return self._imaged >= self._AFTER_SECONDS or (self._imaged > 0 and image_seconds == 0)
