"""The C names of libspandsp and libtiff, and T.30 over them.

Only ``ends.py`` (the ends of a line) and ``tiff.py`` (documents) know C besides.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from cffi import FFI

from faxes.enums import Quality
from faxes.line.errors import LineError, LineUnavailable
from faxes.line.result import FrameDirection
from faxes.line.station import Compression, Modem, Station

SAMPLES_PER_SECOND = 8000
SPANDSP = "libspandsp.so.2"  # 0.0.6; the 3.0 of FreeSWITCH has other structures
LIBTIFFS = ("libtiff.so.6", "libtiff.so.5")  # the one that libspandsp brought along counts
MAX_PATH_BYTES = 255  # longer ones are cut off silently by the library

_DECLARATIONS = """
typedef struct t30_state_s t30_state_t;
typedef struct fax_state_s fax_state_t;
typedef struct t38_core_state_s t38_core_state_t;
typedef struct t38_terminal_state_s t38_terminal_state_t;
typedef struct t31_state_s t31_state_t;
typedef struct at_state_s at_state_t;
typedef struct {
    int bit_rate, error_correcting_mode, pages_tx, pages_rx, pages_in_file,
        x_resolution, y_resolution, width, length, image_size, encoding,
        bad_rows, longest_bad_row_run, error_correcting_mode_retries, current_status;
} t30_stats_t;

typedef int t30_phase_handler_t(t30_state_t *, void *, int);
typedef void t30_phase_e_handler_t(t30_state_t *, void *, int);
typedef void t30_frame_handler_t(t30_state_t *, void *, int, const uint8_t *, int);
int t30_set_tx_ident(t30_state_t *, const char *);
int t30_set_tx_page_header_info(t30_state_t *, const char *);
int t30_set_tx_page_header_tz(t30_state_t *, const char *);
void t30_set_tx_file(t30_state_t *, const char *, int, int);
void t30_set_rx_file(t30_state_t *, const char *, int);
int t30_set_rx_encoding(t30_state_t *, int);
int t30_set_ecm_capability(t30_state_t *, int);
int t30_set_supported_modems(t30_state_t *, int);
int t30_set_supported_compressions(t30_state_t *, int);
int t30_set_supported_resolutions(t30_state_t *, int);
int t30_set_supported_image_sizes(t30_state_t *, int);
void t30_set_phase_b_handler(t30_state_t *, t30_phase_handler_t *, void *);
void t30_set_phase_d_handler(t30_state_t *, t30_phase_handler_t *, void *);
void t30_set_phase_e_handler(t30_state_t *, t30_phase_e_handler_t *, void *);
void t30_set_real_time_frame_handler(t30_state_t *, t30_frame_handler_t *, void *);
const char *t30_get_rx_ident(t30_state_t *);
const char *t30_get_rx_vendor(t30_state_t *);
const char *t30_get_rx_model(t30_state_t *);
void t30_get_transfer_statistics(t30_state_t *, t30_stats_t *);
void t30_terminate(t30_state_t *);
const char *t30_frametype(uint8_t);
const char *t30_completion_code_to_str(int);

fax_state_t *fax_init(fax_state_t *, int);
int fax_free(fax_state_t *);
int fax_tx(fax_state_t *, int16_t *, int);
int fax_rx(fax_state_t *, int16_t *, int);
void fax_set_transmit_on_idle(fax_state_t *, int);
t30_state_t *fax_get_t30_state(fax_state_t *);

typedef int t38_tx_packet_handler_t(t38_core_state_t *, void *, const uint8_t *, int, int);
t38_terminal_state_t *t38_terminal_init(
    t38_terminal_state_t *, int, t38_tx_packet_handler_t *, void *);
int t38_terminal_free(t38_terminal_state_t *);
int t38_terminal_send_timeout(t38_terminal_state_t *, int);
void t38_terminal_set_config(t38_terminal_state_t *, int);
t30_state_t *t38_terminal_get_t30_state(t38_terminal_state_t *);
t38_core_state_t *t38_terminal_get_t38_core_state(t38_terminal_state_t *);
int t38_core_rx_ifp_packet(t38_core_state_t *, const uint8_t *, int, uint16_t);

typedef int at_tx_handler_t(at_state_t *, void *, const uint8_t *, size_t);
typedef int t31_modem_control_handler_t(t31_state_t *, void *, int, const char *);
t31_state_t *t31_init(t31_state_t *, at_tx_handler_t *, void *,
    t31_modem_control_handler_t *, void *, t38_tx_packet_handler_t *, void *);
int t31_free(t31_state_t *);
int t31_at_rx(t31_state_t *, const char *, int);
void t31_call_event(t31_state_t *, int);
int t31_rx(t31_state_t *, int16_t *, int);
int t31_tx(t31_state_t *, int16_t *, int);
void t31_set_transmit_on_idle(t31_state_t *, int);

typedef struct tiff TIFF;
void *TIFFSetErrorHandler(void *);
void *TIFFSetWarningHandler(void *);
TIFF *TIFFOpen(const char *, const char *);
void TIFFClose(TIFF *);
int TIFFSetDirectory(TIFF *, uint32_t);
int TIFFReadDirectory(TIFF *);
int TIFFGetField(TIFF *, uint32_t, ...);
uint32_t TIFFNumberOfStrips(TIFF *);
int64_t TIFFRawStripSize64(TIFF *, uint32_t);
int64_t TIFFReadRawStrip(TIFF *, uint32_t, void *, int64_t);
int64_t TIFFReadEncodedStrip(TIFF *, uint32_t, void *, int64_t);
int64_t TIFFStripSize(TIFF *);
"""

# Bits of t30_api.h and t30.h, by the names that the rest of the portal uses.
_MODEMS = {Modem.V17: 7, Modem.V29: 3, Modem.V27TER: 1, Modem.V27TER_2400: 0}
_COMPRESSIONS = {Compression.T4_1D: 2, Compression.T4_2D: 4, Compression.T6: 8}
_RESOLUTIONS = {Quality.STANDARD: 1, Quality.FINE: 2, Quality.SUPERFINE: 4}
_R8 = 0x20000  # 204 dots an inch across
_IMAGE_SIZES = 0x1F0001  # A4 wide, any length
ENCODINGS = {1: Compression.T4_1D, 2: Compression.T4_2D, 3: Compression.T6}
_ENCODING_T6 = 3
_FCD = 0x06  # facsimile coded data, T.30 section A.3.2


class Library(NamedTuple):
    """The loaded libraries and the one translator between Python and C."""

    ffi: FFI
    spandsp: Any
    tiff: Any


@cache
def library(name: str = SPANDSP) -> Library:
    """Load the libraries, once a process. ``LineUnavailable`` says what to install."""
    ffi = FFI()
    ffi.cdef(_DECLARATIONS)
    try:
        spandsp = ffi.dlopen(name, os.RTLD_NOW)
    except OSError as error:
        raise LineUnavailable(
            f"the embedded line needs {name}: install the package libspandsp2"
            f" (libspandsp2t64 on newer systems): {error}"
        ) from error
    loaded = Library(ffi, spandsp, _libtiff(ffi))
    # Its complaints go to stderr, about files that are judged by their pages anyway.
    loaded.tiff.TIFFSetErrorHandler(ffi.NULL)
    loaded.tiff.TIFFSetWarningHandler(ffi.NULL)
    return loaded


def _libtiff(ffi: FFI) -> Any:
    """The libtiff that libspandsp is linked with: only that one's handlers matter."""
    for name in LIBTIFFS:
        try:
            return ffi.dlopen(name, os.RTLD_NOW | os.RTLD_NOLOAD)
        except OSError:
            continue
    raise LineUnavailable(f"libspandsp came without any of {', '.join(LIBTIFFS)}")


class Statistics(NamedTuple):
    """``t30_stats_t``: the state of a session as the library keeps it, in its order."""

    bit_rate: int
    ecm: int
    pages_sent: int
    pages_received: int
    pages_in_file: int
    x_resolution: int
    y_resolution: int
    width: int
    rows: int
    image_bytes: int
    encoding: int
    bad_rows: int
    longest_bad_row_run: int
    ecm_retries: int
    status: int

    @classmethod
    def nothing(cls) -> Self:
        """The figures before anything has happened."""
        return cls(*(0 for _ in cls._fields))


class Callbacks:
    """Keeps the callbacks of one C object alive, and the first error that one of them raised.

    C cannot pass on an exception; the loop that drives the object asks ``check`` after a turn.
    """

    def __init__(self, ffi: FFI) -> None:
        self._ffi = ffi
        self._kept: list[Any] = []
        self._error: BaseException | None = None

    def make(self, kind: str, function: Callable[..., Any]) -> Any:
        """A C function pointer for ``function``, alive as long as this object."""
        pointer = self._ffi.callback(kind, function, onerror=self._failed)
        self._kept.append(pointer)
        return pointer

    def _failed(self, _kind: Any, error: BaseException, _trace: Any) -> None:
        self._error = self._error or error

    def check(self) -> None:
        """Raise what a callback raised."""
        if self._error is not None:
            raise self._error


class T30:
    """The T.30 engine inside an end: settings, events and facts."""

    def __init__(self, pointer: Any, callbacks: Callbacks) -> None:
        self._lib = library()
        self._pointer = pointer
        self._callbacks = callbacks

    def identify(self, station_id: str, header: bytes, posix_zone: str) -> None:
        """Set what this end says of itself; the header's clock must come before the header."""
        c = self._lib.spandsp
        done = [c.t30_set_tx_ident(self._pointer, station_id.encode("ascii"))]
        if header:
            done.append(c.t30_set_tx_page_header_tz(self._pointer, posix_zone.encode("ascii")))
            done.append(c.t30_set_tx_page_header_info(self._pointer, header))
        if any(done):
            raise LineError("the fax library refused the station's identification or header")

    def enable(self, station: Station) -> None:
        """Set what this end is able to do."""
        c, end = self._lib.spandsp, self._pointer
        lines = sum(_RESOLUTIONS[quality] for quality in station.resolutions)
        codes = sum(_COMPRESSIONS[compression] for compression in station.compressions)
        c.t30_set_ecm_capability(end, int(station.ecm))
        c.t30_set_supported_modems(end, _MODEMS[station.modem])
        c.t30_set_supported_resolutions(end, _R8 | lines)
        c.t30_set_supported_compressions(end, codes)
        c.t30_set_supported_image_sizes(end, _IMAGE_SIZES)

    def send(self, document: Path) -> None:
        """Have every page of a TIFF sent."""
        self._lib.spandsp.t30_set_tx_file(self._pointer, path_bytes(document), -1, -1)

    def receive(self, target: Path) -> None:
        """Have whatever comes written to a TIFF, coded as Group 4."""
        self._lib.spandsp.t30_set_rx_file(self._pointer, path_bytes(target), -1)
        self._lib.spandsp.t30_set_rx_encoding(self._pointer, _ENCODING_T6)

    def on_events(
        self,
        *,
        identified: Callable[[], None],
        page_ended: Callable[[int], None],
        ended: Callable[[int], None],
        frame: Callable[[FrameDirection, bytes], None],
    ) -> None:
        """Call back in phases B, D (with the frame's code) and E (with the completion code).

        ``frame`` gets every frame but those of image data, a hundred or two a page.
        """
        c, end, null = self._lib.spandsp, self._pointer, self._lib.ffi.NULL

        def phase_b(_end: Any, _data: Any, _code: int) -> int:
            identified()
            return 0

        def phase_d(_end: Any, _data: Any, code: int) -> int:
            page_ended(code)
            return 0

        def phase_e(_end: Any, _data: Any, code: int) -> None:
            ended(code)

        def on_frame(_end: Any, _data: Any, incoming: int, message: Any, length: int) -> None:
            if message[2] != _FCD:
                way = FrameDirection.RECEIVED if incoming else FrameDirection.SENT
                frame(way, self._lib.ffi.buffer(message, length)[:])

        make = self._callbacks.make
        c.t30_set_phase_b_handler(end, make("t30_phase_handler_t", phase_b), null)
        c.t30_set_phase_d_handler(end, make("t30_phase_handler_t", phase_d), null)
        c.t30_set_phase_e_handler(end, make("t30_phase_e_handler_t", phase_e), null)
        c.t30_set_real_time_frame_handler(end, make("t30_frame_handler_t", on_frame), null)

    def statistics(self) -> Statistics:
        """The session's figures; right only inside a callback, later much is reset."""
        raw = self._lib.ffi.new("t30_stats_t *")
        self._lib.spandsp.t30_get_transfer_statistics(self._pointer, raw)
        names = self._lib.ffi.typeof("t30_stats_t").fields
        return Statistics(*(getattr(raw, name) for name, _field in names))

    def remote(self) -> tuple[str | None, str | None, str | None]:
        """The far end's identification, vendor and model; None where it did not tell."""
        c = self._lib.spandsp
        told = (c.t30_get_rx_ident, c.t30_get_rx_vendor, c.t30_get_rx_model)
        texts = [c_text(get(self._pointer)).strip() or None for get in told]
        return texts[0], texts[1], texts[2]

    def terminate(self) -> None:
        """The line went dead: the session ends at once, unless it has ended already."""
        self._lib.spandsp.t30_terminate(self._pointer)


def c_text(pointer: Any) -> str:
    """A C string; empty for NULL. What came over the line may be any bytes."""
    ffi = library().ffi
    if pointer == ffi.NULL:
        return ""
    text = ffi.string(pointer)
    return text.decode("latin-1") if isinstance(text, bytes) else text


def frame_name(code: int) -> str:
    """A T.30 frame's name by its facsimile control field (T.30 section 5.3.6.1), as ``MCF``."""
    return c_text(library().spandsp.t30_frametype(code))


def completion_text(code: int) -> str:
    """The library's words for a completion code."""
    return c_text(library().spandsp.t30_completion_code_to_str(code))


def path_bytes(path: Path) -> bytes:
    """A path as C wants it; ``LineError`` if the library would cut it off."""
    coded = os.fsencode(path)
    if len(coded) > MAX_PATH_BYTES:
        raise LineError(f"the fax library takes paths of {MAX_PATH_BYTES} bytes, not {path}")
    return coded
