"""The frames of one end's session: kept as a trace, and read for what they tell of its course."""

from collections.abc import Callable

from faxes.enums import Quality
from faxes.line.result import Frame, FrameDirection
from faxes.line.spandsp import frame_name

MAX_FRAMES = 1000  # a call of a hundred good pages has about 700

# Facsimile control fields (T.30 section 5.3.6.1), bits in the order in which the library has
# them. The lowest bit (X in the Recommendation) only tells which end sends and is masked.
_DIS = 0x80
_CFR = 0x84
_CTR = 0xC4
_MCF = 0x8C
_RTP = 0xCC
_RTN = 0x4C
_PPS = 0xBE
_EOP = 0x2E
_FOLLOWED_BY_IMAGE = frozenset({_CFR, _CTR, _MCF})


class Trace:
    """Takes every frame of one end except those of image data."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.frames: list[Frame] = []
        self.left_out = 0
        self.trained = False  # the far end has confirmed the training (CFR) at least once
        self.in_image = False  # this end's image is on the line, or its modem's training for it
        self.remote_qualities: frozenset[Quality] | None = None

    def add(self, way: FrameDirection, message: bytes) -> None:
        """Take one frame as it was on the line: address, control, control field, the rest."""
        code = message[2] & 0xFE
        if way is FrameDirection.RECEIVED:
            self.in_image = code in _FOLLOWED_BY_IMAGE
            self.trained = self.trained or code == _CFR
            if code == _DIS:
                self.remote_qualities = qualities_of_dis(message)
        else:
            self.in_image = False
        if len(self.frames) < MAX_FRAMES:
            self.frames.append(Frame(way, _name(message), round(self._clock(), 2)))
        else:
            self.left_out += 1


def answers_page(code: int) -> bool:
    """Whether a frame answers a page: MCF, RTP (confirmed, but train again) or RTN (rejected)."""
    return code & 0xFE in (_MCF, _RTP, _RTN)


def ends_procedure(code: int) -> bool:
    """Whether a frame after a page says that it was the last one: EOP."""
    return code & 0xFE == _EOP


def qualities_of_dis(message: bytes) -> frozenset[Quality]:
    """The resolutions that a DIS frame offers: T.30 table 2, bits 15 and 41."""
    qualities = {Quality.STANDARD}
    if _dis_bit(message, 15):
        qualities.add(Quality.FINE)
    if _dis_bit(message, 41):
        qualities.add(Quality.SUPERFINE)
    return frozenset(qualities)


def _dis_bit(message: bytes, number: int) -> bool:
    octet, bit = divmod(number - 1, 8)
    return len(message) > 3 + octet and bool(message[3 + octet] >> bit & 1)


def _name(message: bytes) -> str:
    name = frame_name(message[2])
    if message[2] & 0xFE == _PPS and len(message) > 3:  # noqa: PLR2004 (the second control field)
        following = frame_name(message[3]) if message[3] else "NULL"
        return f"{name}-{following}"
    return name
