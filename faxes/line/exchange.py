"""The numbering plan: what happens when a number of the embedded line is dialled.

Ten test numbers exist on every embedded line, in the block of numbers reserved for fiction, so
that every outcome can be tried without a carrier. A number that belongs to a tenant answers as
that tenant's machine (``answering``); every other number is ``NOT_IN_SERVICE``.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from faxes.enums import Quality
from faxes.line.codec import Jsonable
from faxes.line.result import DialResult
from faxes.line.station import Modem, Station

REAL_TIME = 1.0
RING_SECONDS = 0.2  # of wall time; a telephone would take 4 to 60


class Medium(StrEnum):
    """What carries a call between its two ends."""

    AUDIO = "audio"  # samples at 8 kHz between real modems
    T38 = "t38"  # packets of T.38, a third of the work


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Jsonable):
    """What is wrong with a line. Everything random comes from ``seed``, so calls repeat exactly."""

    hang_up_in_page: int | None = None  # the called end hangs up while this page (from 1) comes in
    image_hit_seconds: float | None = None  # mean time between bursts of noise in a page's image
    snr_db: float | None = None  # noise under every signal (audio)
    packet_loss: float = 0.0  # share of packets that never arrive (T.38)
    dead_after_seconds: float | None = None  # from then on nothing is carried, and nobody is told
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour(Jsonable):
    """What a dialled number does.

    ``station`` is the machine that answers; None, when answered, is a person. ``pace`` is the
    speed in multiples of real time; 0 is as fast as the processor can. ``ring_seconds`` is the
    wall time for which a caller waits before an answer or a tone.
    """

    dial: DialResult = DialResult.ANSWERED
    station: Station | None = None
    fault: Fault = field(default_factory=Fault)
    medium: Medium = Medium.T38
    pace: float = 0.0
    ring_seconds: float = RING_SECONDS

    @property
    def dial_line_seconds(self) -> float:
        """The simulated time from dialling to the answer, the tone or the giving up."""
        return _DIAL_LINE_SECONDS[self.dial]


_DIAL_LINE_SECONDS = {
    DialResult.ANSWERED: 6.0,  # one ring
    DialResult.BUSY: 4.0,  # the tone, heard twice over to be sure
    DialResult.NO_ANSWER: 60.0,  # ten rings
    DialResult.NOT_IN_SERVICE: 10.0,  # the announcement
    DialResult.HUNG_UP: 3.0,
}

NOT_IN_SERVICE = Behaviour(dial=DialResult.NOT_IN_SERVICE)
BUSY = Behaviour(dial=DialResult.BUSY)


def answering(station: Station, *, ring_seconds: float = RING_SECONDS) -> Behaviour:
    """A number that belongs to somebody: answers as their machine, on a clean line."""
    return Behaviour(station=station, ring_seconds=ring_seconds)


def behaviour_for(
    number: str, *, earlier_calls: int, ring_seconds: float = RING_SECONDS
) -> Behaviour | None:
    """What a test number does, or None if ``number`` (E.164) is not a test number.

    ``earlier_calls`` is how often the same fax has dialled the number before.
    """
    entry = TEST_NUMBERS.get(number)
    if entry is None:
        return None
    behaviour = BUSY if earlier_calls < entry.busy_calls else entry.behaviour
    return replace(behaviour, ring_seconds=ring_seconds)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One line of the numbering plan: what it says to people, and what it does."""

    says: str
    behaviour: Behaviour
    busy_calls: int = 0  # how often it is busy before it does that


def _machine(number: str) -> Station:
    return Station(station_id=number)


def _noisy_machine(number: str) -> Behaviour:
    """Noise shows on the page where there is no error correction.

    It comes in bursts while the image is on the line: in the handshake, where there is no error
    correction either, it would end the call instead.
    """
    station = Station(station_id=number, ecm=False)
    fault = Fault(image_hit_seconds=3.0, seed=105)
    return Behaviour(station=station, fault=fault, medium=Medium.AUDIO)


def _old_machine(number: str) -> Behaviour:
    standard_only = frozenset({Quality.STANDARD})
    return Behaviour(
        station=Station(
            station_id=number, modem=Modem.V27TER_2400, resolutions=standard_only, ecm=False
        )
    )


TEST_NUMBERS = {
    "+12025550100": PlanEntry(
        "answers, receives everything",
        Behaviour(station=_machine("+12025550100")),
    ),
    "+12025550101": PlanEntry("busy", BUSY),
    "+12025550102": PlanEntry("rings, no answer", Behaviour(dial=DialResult.NO_ANSWER)),
    "+12025550103": PlanEntry(
        "a person answers: no fax tones",
        Behaviour(station=None, medium=Medium.AUDIO),
    ),
    "+12025550104": PlanEntry(
        "hangs up during the second page of each call",
        Behaviour(station=_machine("+12025550104"), fault=Fault(hang_up_in_page=2)),
    ),
    "+12025550105": PlanEntry(
        "noisy line without error correction: arrives with bad rows",
        _noisy_machine("+12025550105"),
    ),
    "+12025550106": PlanEntry(
        "an old machine: V.27ter 2400, standard resolution only, no error correction",
        _old_machine("+12025550106"),
    ),
    "+12025550107": PlanEntry(
        "busy twice, then answers",
        Behaviour(station=_machine("+12025550107")),
        busy_calls=2,
    ),
    "+12025550108": PlanEntry("not in service", NOT_IN_SERVICE),
    "+12025550109": PlanEntry(
        "slow: paced in real time, so that progress can be watched",
        Behaviour(station=_machine("+12025550109"), pace=REAL_TIME),
    ),
}
