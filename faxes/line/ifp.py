"""T.38 packets (IFP), read as far as the line's clock needs: how long is each on the air."""

# Field data type of T.38 section 7.2: the modem whose bits the packet carries, in bit/s.
_BIT_RATES = (300, 2400, 4800, 7200, 9600, 7200, 9600, 12000, 14400)

# Indicators of T.38 section 7.1.1, with the seconds that the signal takes before data can follow:
# tones and training sequences of V.21, V.27ter, V.29 and V.17 (short, long), T.30 sections 4 and 5.
_INDICATOR_SECONDS = (
    0.0,  # silence
    0.0,  # CNG: sounds while the caller waits anyway
    2.8,  # CED, with the pause before it
    1.08,  # V.21 preamble
    1.2,  # V.27ter 2400
    0.9,  # V.27ter 4800
    0.3,  # V.29 7200
    0.3,  # V.29 9600
    0.22,  # V.17, short training and long, for each of four speeds
    1.47,
    0.22,
    1.47,
    0.22,
    1.47,
    0.22,
    1.47,
)
_IS_DATA = 0x40
_HAS_FIELDS = 0x80
_EXTENDED = 0x20  # V.34 and V.8, which are not used here
_OVERHEAD = 4  # bytes of a packet that are not the signal's


def _value(first: int) -> int:
    """The indicator or the data type in a packet's first byte."""
    return 0 if first & _EXTENDED else first >> 1 & 0x0F


def _indicator_seconds(first: int) -> float:
    return 0.0 if first & _IS_DATA else _INDICATOR_SECONDS[_value(first)]


def _byte_seconds(first: int) -> float:
    known = first & _IS_DATA and first & _HAS_FIELDS and _value(first) < len(_BIT_RATES)
    return 8 / _BIT_RATES[_value(first)] if known else 0.0


# The first byte says it all; there are hundreds of packets a page, so it is looked up.
_INDICATED = tuple(_indicator_seconds(first) for first in range(256))
_A_BYTE = tuple(_byte_seconds(first) for first in range(256))


def is_fast_data(packet: bytes) -> bool:
    """Whether the packet carries bits of a fast modem: an image, or the training check."""
    return bool(packet[0] & _IS_DATA) and _value(packet[0]) > 0


def air_seconds(packet: bytes) -> float:
    """How long the packet's signal would take on a telephone line, in seconds."""
    first = packet[0]
    return _INDICATED[first] + _A_BYTE[first] * max(len(packet) - _OVERHEAD, 0)
