"""What joins two ends: audio or T.38 packets, with the line's faults and the line's clock."""

import random
from abc import ABC, abstractmethod

from faxes.line.ends import BLOCK, AudioEnd, PacketEnd, silence
from faxes.line.exchange import Fault
from faxes.line.faults import Noise, Severance, Timetable
from faxes.line.ifp import air_seconds, is_fast_data
from faxes.line.session import Session
from faxes.line.spandsp import SAMPLES_PER_SECOND, T30

TURN_SECONDS = BLOCK / SAMPLES_PER_SECOND


class Line(ABC):
    """Two ends joined, or one end and a person who answers.

    ``seconds`` is the simulated time since the answer; ``severed`` says that the called end has
    hung up in the middle of a page.
    """

    def __init__(self, fault: Fault) -> None:
        self.seconds = 0.0
        self.severed = False
        self._fault = fault
        self._hits = Timetable(fault)
        self._severance: Severance | None = None
        self._sender: Session | None = None
        self._receiver: Session | None = None

    @property
    @abstractmethod
    def engines(self) -> tuple[T30, T30 | None]:
        """The T.30 engines of the caller and of the machine that answers, if one does."""

    @abstractmethod
    def turn(self) -> None:
        """Let 20 ms pass (or more, where packets are not paced) and carry what was said."""

    @abstractmethod
    def close(self) -> None:
        """Free both ends."""

    def follow(self, caller: Session, called: Session | None) -> None:
        """Tell the line of its sessions: some faults depend on what they are doing."""
        self._sender = caller
        self._receiver = called
        self._severance = Severance(self._fault, called) if called is not None else None

    def _spoiled(self) -> bool:
        return self._receiver is not None and self._receiver.bad_rows_by_now > 0

    @property
    def _dead(self) -> bool:
        limit = self._fault.dead_after_seconds
        return limit is not None and self.seconds >= limit

    def _watch(self, image_seconds: float) -> None:
        if self._severance is not None:
            self.severed = self.severed or self._severance.due(image_seconds)


class AudioLine(Line):
    """Modems that hear each other, 20 ms at a time."""

    def __init__(self, fault: Fault, *, answered_by_machine: bool) -> None:
        super().__init__(fault)
        self._noise = Noise(fault)
        self._caller = AudioEnd(calling=True)
        self._called = AudioEnd(calling=False) if answered_by_machine else None

    @property
    def engines(self) -> tuple[T30, T30 | None]:
        """The T.30 engines of the caller and of the machine that answers, if one does."""
        return self._caller.t30, self._called.t30 if self._called is not None else None

    def turn(self) -> None:
        """Let 20 ms pass and carry what was said."""
        caller, called = self._caller, self._called
        self.seconds += TURN_SECONDS
        caller.speak()
        if called is None:
            caller.hear(silence())
        else:
            called.speak()
            self._disturb(caller, called)
            dead = self._dead
            caller.hear(silence() if dead else called.samples)
            called.hear(silence() if dead else caller.samples)
            called.check()
        caller.check()

    def _disturb(self, caller: AudioEnd, called: AudioEnd) -> None:
        if self._fault.snr_db is not None:
            self._noise.under(caller.heard)
            self._noise.under(called.heard)
        imaging = self._sender is not None and self._sender.in_image
        if not imaging:
            self._hits.restart()
        elif self._hits.due(TURN_SECONDS, spoiled=self._spoiled):
            self._noise.burst(caller.heard)
        self._watch(TURN_SECONDS if imaging else 0.0)

    def close(self) -> None:
        """Free both ends."""
        self._caller.close()
        if self._called is not None:
            self._called.close()


class PacketLine(Line):
    """T.38 ends that hand each other packets.

    Unpaced, all packets of a page go in one turn, which is the fastest way; the clock is then
    moved on by the time that each packet's signal would have taken on a telephone line.
    """

    def __init__(self, fault: Fault, *, answered_by_machine: bool, paced: bool) -> None:
        super().__init__(fault)
        self._paced = paced
        self._faulty = fault != Fault()
        self._losses = random.Random(fault.seed)  # noqa: S311 (a repeatable fault, not a secret)  # nosec B311
        self._caller = PacketEnd(calling=True, paced=paced)
        self._called = PacketEnd(calling=False, paced=paced) if answered_by_machine else None

    @property
    def engines(self) -> tuple[T30, T30 | None]:
        """The T.30 engines of the caller and of the machine that answers, if one does."""
        return self._caller.t30, self._called.t30 if self._called is not None else None

    def turn(self) -> None:
        """Let 20 ms pass, or as long as the packets' signals take, and carry them."""
        caller, called = self._caller, self._called
        self.seconds += TURN_SECONDS
        caller.advance(BLOCK)
        if called is not None:
            called.advance(BLOCK)
            self._carry(caller, called)
            self._carry(called, caller)
            called.check()
        caller.check()

    def _carry(self, sender: PacketEnd, to: PacketEnd) -> None:
        for packet in sender.take():
            if self.severed:
                return
            if not self._paced:
                self.seconds += air_seconds(packet)
            if self._faulty and not self._arrives(packet, sent_by_caller=sender is self._caller):
                to.lose()
            else:
                to.deliver(packet)

    def _arrives(self, packet: bytes, *, sent_by_caller: bool) -> bool:
        """Whether a packet gets through the line's faults."""
        # The training check goes at the image's speed too, but before the first confirmation.
        trained = self._sender is not None and self._sender.trained
        imaging = sent_by_caller and trained and is_fast_data(packet)
        seconds = air_seconds(packet)
        if sent_by_caller:
            self._watch(seconds if imaging else 0.0)
        if self._dead or self._losses.random() < self._fault.packet_loss:
            return False
        if not imaging:
            self._hits.restart()
        return not (imaging and self._hits.due(seconds, spoiled=self._spoiled))

    def close(self) -> None:
        """Free both ends."""
        self._caller.close()
        if self._called is not None:
            self._called.close()


def join(fault: Fault, *, t38: bool, answered_by_machine: bool, paced: bool) -> Line:
    """A line between two ends; ``paced`` where every moment matters, not only their sum."""
    if t38:
        return PacketLine(fault, answered_by_machine=answered_by_machine, paced=paced)
    return AudioLine(fault, answered_by_machine=answered_by_machine)
