"""A foreign fax program, efax, and the embedded line understand each other, both ways.

efax has its own T.30 and its own image coding, so what it takes and gives is proof that the line
speaks as others do. It runs against the line's modem, ten times faster than real time: not much
faster, as efax divides by the whole seconds that a page took. Where it is kept from running for a
moment its signal has a hole, so that no training succeeds: then it tries again, slower.
"""

import shutil
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from faxes.line.errors import LineError
from faxes.line.modem import Modem
from faxes.line.result import SessionResult
from faxes.line.station import Compression, Station
from tests.unit.line.pages import WIDTH, below, letter, pixels, write_tiff

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("efax") is None, reason="efax is not installed"),
]

SPEEDS = (10.0, 4.0, 2.0)
PATIENCE = 60.0  # wall seconds
EFAX_HEADER_ROWS = 20
EFAX_BLANKS_ROWS = 3  # of the page itself, below its header
RETURN_TO_CONTROL = b"\x00\x10\x01" * 3  # T.4 section 4.1.4: six ends of line
THEM = "+49 30 1234"


def group3_tiff(path: Path, image: Image.Image) -> Path:
    """A page as efax wants it: Group 3, and nothing after the data, which it would send as well."""
    image.save(path, compression="group3", strip_size=1 << 30)
    with TiffImageFile(path) as coded:
        (start,), (length,) = coded.tag_v2[273], coded.tag_v2[279]
    strip = path.read_bytes()[start : start + length] + RETURN_TO_CONTROL
    short, long, rational = 3, 4, 5
    count = 9
    rationals_at = 8 + 2 + 12 * count + 4
    entries = [
        (256, long, WIDTH),
        (257, long, image.height),
        (258, short, 1),
        (259, short, 3),  # Group 3
        (262, short, 0),  # min is white
        (273, long, rationals_at + 16),
        (279, long, len(strip)),
        (282, rational, rationals_at),
        (283, rational, rationals_at + 8),
    ]
    directory = b"".join(struct.pack("<HHLL", tag, kind, 1, value) for tag, kind, value in entries)
    path.write_bytes(
        struct.pack("<2sHLH", b"II", 42, 8, count)
        + directory
        + struct.pack("<L4L", 0, 204, 1, 196, 1)
        + strip
    )
    return path


def with_efax(arguments: list[str | Path], call: Callable[[Modem], SessionResult]) -> SessionResult:
    """Run efax at a modem while our end does its part; efax must be content, too.

    efax has a wall clock: where the machine has no time for a fast call, a slower one is made.
    """
    *faster, slowest = SPEEDS
    for speed in faster:
        with suppress(AssertionError):
            result = with_efax_at(speed, arguments, call)
            assert result.completion_code == 0
            return result
    return with_efax_at(slowest, arguments, call)


def with_efax_at(
    speed: float, arguments: list[str | Path], call: Callable[[Modem], SessionResult]
) -> SessionResult:
    """One call, so many times faster than real time."""
    with Modem(speed=speed) as modem:
        return talked(modem, arguments, lambda: call(modem))


def talked(
    modem: Modem, arguments: list[str | Path], call: Callable[[], SessionResult]
) -> SessionResult:
    """What our end found, once efax has ended well."""
    command = ["efax", "-d", modem.device, "-o1", "-l", THEM, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as efax:
        try:
            result = call()
            modem.idle_while(lambda: efax.poll() is None, wall_seconds=PATIENCE)
        finally:
            efax.kill()
        assert efax.stdout is not None
        assert efax.returncode == 0, efax.stdout.read().decode()
    return result


@pytest.mark.timeout(300)
def test_what_efax_sends_arrives_as_it_was(tmp_path):
    images = [letter(n, share_of_page=0.3) for n in (1, 2)]
    sent = [group3_tiff(tmp_path / f"{n}.tiff", image) for n, image in enumerate(images)]
    received = tmp_path / "received.tiff"
    us = Station(station_id="+12025550100")
    result = with_efax(
        ["-t", "T0301234", *sent],
        lambda modem: modem.receive(us, received, wall_seconds=PATIENCE),
    )
    assert (result.completion_code, result.pages, result.last_page_ended) == (0, 2, True)
    assert (result.remote_station_id, result.bit_rate, result.ecm) == (THEM, 14400, False)
    assert (result.compression, result.bad_rows) == (Compression.T4_1D, 0)
    ours = [below(page, EFAX_HEADER_ROWS + EFAX_BLANKS_ROWS) for page in pixels(received)]
    theirs = [below(page, EFAX_BLANKS_ROWS) for tiff in sent for page in pixels(tiff)]
    assert ours == theirs


@pytest.mark.timeout(300)
def test_what_efax_receives_is_as_it_was_sent(tmp_path):
    document = write_tiff(tmp_path / "sent.tiff", [letter(n, share_of_page=0.3) for n in (3, 4, 5)])
    result = with_efax(
        ["-r", tmp_path / "efax"],
        lambda modem: modem.send(Station(station_id="1"), document, wall_seconds=PATIENCE),
    )
    assert (result.completion_code, result.pages, result.pages_in_file) == (0, 3, 3)
    assert (result.remote_station_id, result.bit_rate, result.ecm) == (THEM, 14400, False)
    arrived = [pixels(tmp_path / f"efax.00{page}") for page in (1, 2, 3)]
    assert arrived == [[page] for page in pixels(document)]


@pytest.mark.timeout(300)
def test_a_program_that_is_called_and_does_not_answer_is_not_waited_for_for_ever(tmp_path):
    document = write_tiff(tmp_path / "sent.tiff", [letter(1, share_of_page=0.1)])
    with Modem(speed=20.0) as modem, pytest.raises(LineError, match="no program has answered"):
        modem.send(Station(station_id="1"), document, wall_seconds=0.5)
