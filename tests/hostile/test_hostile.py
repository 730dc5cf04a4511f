"""No file breaks anything: it is faxed or refused in words, in time, and leaves nothing."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest

from faxes.documents import pipeline, sandbox, translate
from faxes.documents.detect import DocumentType
from faxes.documents.limits import Budget, Limits
from faxes.documents.pipeline import NamedPath
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.hostile import mutate
from tests.hostile.canary import MARKER, Canary
from tests.hostile.corpus import FILES, NAMES
from tests.hostile.fuzz import try_one
from tests.hostile.hostile import Hostile
from tests.hostile.watch import helpers
from tests.unit.documents import document_makers as makers

pytestmark = [pytest.mark.timeout(400)]

TIGHT = Limits(
    cpu_seconds=1, wall_seconds=3, memory_bytes=512_000_000, pages=30, output_bytes=20_000_000
)
ROOM = Limits(cpu_seconds=10, wall_seconds=30, memory_bytes=900_000_000)  # to go the whole way
CODES = {
    "nothing": ErrorCode.DOCUMENT_EMPTY,
    "pdf of 100,000 pages": ErrorCode.DOCUMENT_TOO_MANY_PAGES,
    "pdf locked": ErrorCode.DOCUMENT_ENCRYPTED,
    "ole locked": ErrorCode.DOCUMENT_ENCRYPTED,
    "png lie": ErrorCode.DOCUMENT_TOO_MANY_PIXELS,
    "tiff lie": ErrorCode.DOCUMENT_TOO_MANY_PIXELS,
    "ps loop": ErrorCode.DOCUMENT_TOO_SLOW,
    "rtf table": ErrorCode.DOCUMENT_TOO_SLOW,
    "eml pictures": ErrorCode.DOCUMENT_TOO_MUCH_MEMORY,
    "zip broken manifest": ErrorCode.DOCUMENT_UNREADABLE,
    "zip only names": ErrorCode.DOCUMENT_UNREADABLE,
    "pdf behind a script": ErrorCode.DOCUMENT_TYPE_UNSUPPORTED,
}
# Every third one, those that say why, and those that reach out; all of them by ``make hostile``.
CHOSEN = [
    file
    for number, file in enumerate(FILES)
    if os.environ.get("HOSTILE_FILES") == "all"
    or number % 3 == 0
    or file.reaches_out
    or file.name in CODES
]
LURES = [file for file in FILES if file.reaches_out]
FLOWN = Path("/tmp/canary-flew")  # noqa: S108 - where hostile programs are told to write
SECRETS = (MARKER.encode(), b"root:x:0:")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A temporary folder of this module's own, which must be empty in the end."""
    folder = tmp_path_factory.mktemp("conversions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    bird = Canary(tmp_path_factory.mktemp("canary"))
    yield bird
    bird.close()


def one(file: Hostile, canary, folder):
    """Send a file the whole way."""
    work = Path(tempfile.mkdtemp(dir=folder))
    path, out = work / "document", work / "out"
    out.mkdir()
    path.write_bytes(file.make(canary.lures))
    trial = try_one(path, out, limits=ROOM if file.reaches_out else TIGHT)
    shutil.rmtree(work)
    return trial


@pytest.fixture(scope="module")
def trials(place, canary, tmp_path_factory):
    """What came of every file, two at a time; and of the helpers meanwhile."""
    FLOWN.unlink(missing_ok=True)
    for box in (sandbox.SANDBOX, sandbox.OFFICE_SANDBOX, sandbox.HTML_SANDBOX):
        box.warm()
    before = set(helpers())
    folder = tmp_path_factory.mktemp("work")
    with ThreadPoolExecutor(2) as threads:
        done = threads.map(lambda file: one(file, canary, folder), CHOSEN)
        came = dict(zip((file.name for file in CHOSEN), done, strict=True))
    assert set(helpers()) == before, "a helper died"
    for helper in helpers().values():
        assert helper.children(recursive=True) == []
    return came


def test_there_are_many_and_each_has_a_name_of_its_own_and_a_reason():
    assert len({file.name for file in FILES}) == len(FILES) > 300
    assert all(file.reason for file in FILES)


def test_the_fuzzer_knows_every_type():
    assert {kind.value for kind in DocumentType} == mutate.KINDS


@pytest.mark.parametrize("file", CHOSEN, ids=str)
def test_is_faxed_or_refused_in_words_and_in_time(trials, file):
    assert trials[file.name].faults == []


@pytest.mark.parametrize(("name", "code"), CODES.items(), ids=CODES)
def test_is_refused_for_the_right_reason(trials, name, code):
    assert trials[name].outcome.split()[1] == code.value


def test_nothing_was_called_shown_written_or_left(trials, canary, place):
    assert canary.calls == []
    assert not FLOWN.exists()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("file", LURES, ids=str)
def test_what_lies_elsewhere_is_not_shown(file, canary, place, tmp_path):
    path = tmp_path / "document"
    path.write_bytes(file.make(canary.lures))
    folder = tmp_path / "parts"
    folder.mkdir()
    try:
        parts = translate.parts_of(
            [NamedPath(path, "x")], folder, paper=Paper.A4, budget=Budget(ROOM)
        )
        out = tmp_path / "fax.tif"
        pipeline.render([NamedPath(path, "x")], out, quality=Quality.FINE, paper=Paper.A4)
    except DocumentError:
        return
    made = [part.path for part in parts if part.path != path] + [out]
    for secret in SECRETS:
        assert all(secret not in each.read_bytes() for each in made)
        assert all(secret not in words_of(part.path) for part in parts)
    assert canary.calls == []


def words_of(path: Path) -> bytes:
    """Return the text layer of a PDF; what is none has none."""
    if not path.read_bytes().startswith(b"%PDF"):
        return b""
    document = pypdfium2.PdfDocument(path)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return "\n".join(texts).encode()


def test_the_watch_sees_whoever_does_call(tmp_path):
    bird = Canary(tmp_path)
    script = (
        "import socket, sys, urllib.request as r\n"
        "for address in sys.argv[2:]:\n"
        "    try: r.urlopen(address, timeout=5)\n"
        "    except r.HTTPError: pass\n"
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.1', int(sys.argv[1])))\n"
    )
    web = [bird.lures.web, bird.lures.web6, bird.lures.named]
    called = [sys.executable, "-c", script, str(bird.name_port), *web]
    subprocess.run(called, check=True, timeout=30, env={"no_proxy": "*"})
    wait_for(lambda: len(bird.calls) >= 4)
    bird.close()

    assert set(bird.calls) == {"called on 127.0.0.1", "called on ::1", "asked for a name"}


def test_an_office_program_without_walls_would_call(tmp_path):
    """Else the files that point elsewhere would prove nothing."""
    bird = Canary(tmp_path)
    [file] = [file for file in FILES if file.name == "odt everywhere"]
    path = tmp_path / "lure.odt"
    path.write_bytes(file.make(bird.lures))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=False, capture_output=True, timeout=90)
    bird.close()

    assert bird.calls


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


TRACED = """
import pathlib, sys
from faxes.documents import pipeline
from faxes.documents.pipeline import NamedPath
from faxes.enums import Paper, Quality
from faxes.errors import DocumentError
for name in sys.argv[1:]:
    path = pathlib.Path(name)
    try:
        pipeline.render([NamedPath(path, 'x')], path.with_suffix('.tif'), quality=Quality.FINE,
                        paper=Paper.A4)
    except DocumentError:
        pass
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_system_call_goes_to_an_internet_address(canary, tmp_path):
    for number, file in enumerate(LURES):
        (tmp_path / str(number)).write_bytes(file.make(canary.lures))
    told = tmp_path / "calls"
    root = str(Path(__file__).parents[2])
    trace = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=%network", "-o", str(told)]
    files = [str(tmp_path / str(number)) for number in range(len(LURES))]
    subprocess.run(
        [*trace, sys.executable, "-c", TRACED, *files], check=True, timeout=300, cwd=root
    )
    calls = told.read_text(errors="replace")

    assert re.search(r"socket\(AF_INET.* EPERM", calls), "nothing was tried, so nothing is proved"
    assert [
        line for line in calls.splitlines() if re.search(r"sa_family=AF_INET|htons\(", line)
    ] == []
    opened = [line for line in calls.splitlines() if re.search(r"\bsocket\(", line)]
    assert [line for line in opened if "EPERM" not in line and "AF_UNIX" not in line] == []


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_breaks_anything(name, place, tmp_path):
    """Where the document is good, and where it is refused."""
    for content in (makers.pdf_bytes("0 0 9 9 re f"), b"%PDF-", b"\0", b"%!PS\nshowpage"):
        path, out = tmp_path / "document", tmp_path / "out"
        path.write_bytes(content)
        out.mkdir(exist_ok=True)

        assert try_one(path, out, name=name, limits=ROOM).faults == []
