"""The ends of a line as the fax library makes them: on audio, on T.38 packets, and a modem."""

from collections.abc import Callable
from typing import Any, Self

from faxes.line.errors import LineError
from faxes.line.spandsp import T30, Callbacks, c_text, library

BLOCK = 160  # samples a turn: 20 ms, the frame of a telephone network
_T38_UNPACED = 1
_CALL = 0  # modem control operation of ``at_interpreter.h``


class AudioEnd:
    """A fax machine with its modems, hearing and speaking linear samples at 8 kHz."""

    def __init__(self, *, calling: bool) -> None:
        lib = library()
        self._lib = lib.spandsp
        self._callbacks = Callbacks(lib.ffi)
        self._state = _made(lib.spandsp.fax_init(lib.ffi.NULL, int(calling)), lib.ffi.NULL)
        # An end that falls silent must go on sending: samples are the line's only clock.
        lib.spandsp.fax_set_transmit_on_idle(self._state, 1)
        self.samples = lib.ffi.new("int16_t[]", BLOCK)
        self.heard = memoryview(lib.ffi.buffer(self.samples)).cast("h")
        self.t30 = T30(lib.spandsp.fax_get_t30_state(self._state), self._callbacks)

    def speak(self) -> None:
        """Put this end's next block into ``samples`` (and so into ``heard``, a view of it)."""
        self._lib.fax_tx(self._state, self.samples, BLOCK)

    def hear(self, samples: Any) -> None:
        """Take a block from the line; the library may overwrite it."""
        self._lib.fax_rx(self._state, samples, BLOCK)

    def check(self) -> None:
        """Raise what a callback raised."""
        self._callbacks.check()

    def close(self) -> None:
        """Give the memory back; nothing may be called afterwards."""
        if self._state is not None:
            self._lib.fax_free(self._state)
            self._state = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class PacketEnd:
    """A fax machine on T.38: packets instead of modem signals, time told by ``advance``."""

    def __init__(self, *, calling: bool, paced: bool) -> None:
        lib = library()
        self._lib = lib.spandsp
        self._ffi = lib.ffi
        self._callbacks = Callbacks(lib.ffi)
        self._sequence = 0
        self.sent: list[bytes] = []
        handler = self._callbacks.make("t38_tx_packet_handler_t", self._transmit)
        made = lib.spandsp.t38_terminal_init(lib.ffi.NULL, int(calling), handler, lib.ffi.NULL)
        self._state = _made(made, lib.ffi.NULL)
        lib.spandsp.t38_terminal_set_config(self._state, 0 if paced else _T38_UNPACED)
        self._core = lib.spandsp.t38_terminal_get_t38_core_state(self._state)
        self.t30 = T30(lib.spandsp.t38_terminal_get_t30_state(self._state), self._callbacks)

    def _transmit(self, _core: Any, _data: Any, packet: Any, length: int, _count: int) -> int:
        self.sent.append(self._ffi.buffer(packet, length)[:])
        return 0

    def advance(self, samples: int) -> None:
        """Let time pass: timers run and packets that are due go to ``sent``."""
        self._lib.t38_terminal_send_timeout(self._state, samples)

    def take(self) -> list[bytes]:
        """The packets sent since the last time."""
        packets, self.sent = self.sent, []
        return packets

    def deliver(self, packet: bytes) -> None:
        """Hand over the far end's next packet."""
        self._lib.t38_core_rx_ifp_packet(self._core, packet, len(packet), self._sequence & 0xFFFF)
        self._sequence += 1

    def lose(self) -> None:
        """The far end's next packet never arrives: its number is missing from now on."""
        self._sequence += 1

    def check(self) -> None:
        """Raise what a callback raised."""
        self._callbacks.check()

    def close(self) -> None:
        """Give the memory back; nothing may be called afterwards."""
        if self._state is not None:
            self._lib.t38_terminal_free(self._state)
            self._state = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class ModemEnd:
    """A Class 1 modem (T.31): commands on one side, samples of the line on the other."""

    def __init__(
        self,
        *,
        to_host: Callable[[bytes], None],
        control: Callable[[int, bool, str], None],
    ) -> None:
        lib = library()
        self._lib = lib.spandsp
        self._callbacks = Callbacks(lib.ffi)

        def at_tx(_at: Any, _data: Any, text: Any, length: int) -> int:
            to_host(lib.ffi.buffer(text, length)[:])
            return 0

        def on_control(_end: Any, _data: Any, operation: int, number: Any) -> int:
            # Only dialling has a number; elsewhere the pointer is a flag: set or NULL.
            dialled = c_text(number) if operation == _CALL else ""
            control(operation, number != lib.ffi.NULL, dialled)
            return 0

        make, null = self._callbacks.make, lib.ffi.NULL
        made = lib.spandsp.t31_init(
            null,
            make("at_tx_handler_t", at_tx),
            null,
            make("t31_modem_control_handler_t", on_control),
            null,
            null,
            null,
        )
        self._state = _made(made, null)
        lib.spandsp.t31_set_transmit_on_idle(self._state, 1)
        self.samples = lib.ffi.new("int16_t[]", BLOCK)

    def from_host(self, text: bytes) -> None:
        """Hand over what the program at the terminal wrote."""
        self._lib.t31_at_rx(self._state, text, len(text))

    def call_event(self, event: int) -> None:
        """Tell the modem what the exchange did: ``at_interpreter.h``, ``AT_CALL_EVENT_…``."""
        self._lib.t31_call_event(self._state, event)

    def speak(self) -> None:
        """Put the modem's next block into ``samples``."""
        self._lib.t31_tx(self._state, self.samples, BLOCK)

    def hear(self, samples: Any) -> None:
        """Take a block from the line; the library may overwrite it."""
        self._lib.t31_rx(self._state, samples, BLOCK)

    def check(self) -> None:
        """Raise what a callback raised."""
        self._callbacks.check()

    def close(self) -> None:
        """Give the memory back; nothing may be called afterwards."""
        if self._state is not None:
            self._lib.t31_free(self._state)
            self._state = None


def silence() -> Any:
    """A block in which nothing is said; a fresh one each time, as hearing may overwrite it."""
    return library().ffi.new("int16_t[]", BLOCK)


def _made(pointer: Any, null: Any) -> Any:
    if pointer == null:
        raise LineError("the fax library could not make an end of the line")
    return pointer
