"""Calls in processes of their own: watched, hung up, killed, starved."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
import timeit
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from PIL import Image

from faxes.enums import Outcome
from faxes.line.errors import LineCrashed, LineError, LineUnavailable
from faxes.line.exchange import answering
from faxes.line.launcher import stop_host
from faxes.line.process import CallSpec, Limits, Progress, place_call, self_check
from faxes.line.spandsp import library
from tests.unit.line.calls import THEM, US, lives, ring
from tests.unit.line.pages import pixels, write_tiff

ROOT = Path(__file__).parents[3]
SLOW = 16.0  # times real time: a call takes a second or two


def hosts(parent: int | None = None) -> list[psutil.Process]:
    """The hosts of calls below a process (a test's process may have other children too)."""
    found = []
    for child in psutil.Process(parent).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "faxes.line.host" in child.cmdline():
                found.append(child)
    return found


def line_processes(parent: int | None = None) -> list[psutil.Process]:
    """The processes of calls that are under way below a process."""
    return [child for host in hosts(parent) for child in host.children()]


def wait_for(condition, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Acting:
    """Does something to the call's process when the call has got so far."""

    def __init__(self, kind: str, act) -> None:
        self._kind, self._act, self.done = kind, act, False

    def __call__(self, progress: Progress) -> None:
        if progress.kind == self._kind and not self.done:
            self.done = True
            self._act()


@pytest.fixture(autouse=True, scope="module")
def no_process_is_left() -> Iterator[None]:
    yield
    stop_host()
    assert not hosts()


def test_the_first_call_starts_the_host_and_later_ones_find_it_warm(documents, received):
    stop_host()
    ring(documents(1), received)
    (host,) = hosts()
    ring(documents(1), received)
    assert hosts() == [host]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_call_whose_process_is_killed_has_crashed_and_nothing_else_has(documents, received, how):
    def kill() -> None:
        (process,) = line_processes()
        process.send_signal(how)

    with pytest.raises(LineCrashed, match=how.name):
        ring(documents(1), received, pace=SLOW, on_progress=Acting("connected", kill))
    assert ring(documents(1), received).outcome is Outcome.DELIVERED


def test_a_host_that_is_killed_takes_its_calls_along_and_is_replaced(documents, received):
    def kill() -> None:
        (host,) = hosts()
        host.kill()

    with pytest.raises(LineCrashed):
        ring(documents(1), received, pace=SLOW, on_progress=Acting("connected", kill))
    assert ring(documents(1), received).outcome is Outcome.DELIVERED
    assert not line_processes()


def test_other_calls_go_on_when_one_crashes(documents, tmp_path):
    sent = documents(1)  # written once, not by four at a time

    def kill_one() -> None:
        line_processes()[0].kill()

    def one(number: int) -> Outcome | str:
        watch = Acting("page", kill_one) if number == 0 else (lambda _progress: None)
        try:
            return ring(sent, tmp_path / f"{number}.tiff", pace=40.0, on_progress=watch).outcome
        except LineCrashed:
            return "crashed"

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(one, range(4)))
    assert sorted(ends) == ["crashed", *[Outcome.DELIVERED] * 3]


def test_a_caller_can_hang_up_in_the_middle_of_a_page(documents, received):
    on_page = threading.Event()
    began = time.monotonic()
    result = ring(
        documents(2),
        received,
        pace=SLOW,
        on_progress=Acting("page", on_page.set),
        should_hang_up=on_page.is_set,
    )
    assert result.outcome is Outcome.CANCELED
    assert result.hung_up_by_caller
    assert result.caller is not None
    assert result.caller.completion_code == 49
    assert result.received_pages == 0
    assert time.monotonic() - began < 10


def test_a_caller_can_hang_up_while_it_rings(documents, received):
    behaviour = answering(THEM, ring_seconds=30.0)
    spec = CallSpec(document=documents(1), receive=received, caller=US, behaviour=behaviour)
    until = time.monotonic() + 0.3
    result = place_call(spec, should_hang_up=lambda: time.monotonic() > until)
    assert result.outcome is Outcome.CANCELED
    assert result.caller is None


def test_hanging_up_is_asked_for_about_four_times_a_second(documents, received):
    asked: list[float] = []

    def look() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 6

    ring(documents(1), received, pace=SLOW, should_hang_up=look)
    gaps = [later - earlier for earlier, later in pairwise(asked[1:])]
    assert 0.2 < sum(gaps) / len(gaps) < 0.6


def test_hanging_up_too_late_leaves_it_delivered(documents, received):
    seen: list[int] = []
    result = ring(
        documents(1),
        received,
        on_progress=lambda progress: seen.append(progress.pages_done),
        should_hang_up=lambda: bool(seen) and seen[-1] == 1,
    )
    assert result.outcome is Outcome.DELIVERED


def test_progress_comes_in_the_callers_own_thread(documents, received):
    threads = set()
    ring(documents(1), received, on_progress=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_an_error_of_the_watcher_ends_the_call(documents, received):
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ring(documents(1), received, pace=SLOW, on_progress=Acting("connected", fail))
    wait_for(lambda: not line_processes(), seconds=3)


PARENT = """
    import sys
    from pathlib import Path
    from tests.unit.line.calls import ring
    def say(progress):
        print(progress.kind, flush=True)
    ring(Path(sys.argv[1]), Path(sys.argv[2]), pace=8.0, on_progress=say)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_call_dies_with_the_process_that_placed_it(documents, received, how):
    program = [sys.executable, "-c", textwrap.dedent(PARENT), documents(1), received]
    with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        for _dialing_and_connected in range(2):
            parent.stdout.readline()
        below = psutil.Process(parent.pid).children(recursive=True)
        assert len(below) == 2  # the host and the call
        parent.send_signal(how)
        parent.wait(5)
    wait_for(lambda: not any(map(lives, below)), seconds=30)


def test_a_fork_of_the_portal_has_a_host_of_its_own(documents, received):
    """As a cluster of workers is forked from a process that has placed calls already."""
    program = f"""
        import os, warnings
        from pathlib import Path
        from tests.unit.line.calls import ring
        def call():
            print(ring(Path({str(documents(1))!r}), Path({str(received)!r})).outcome, flush=True)
        call()
        pid = os.fork()
        if pid == 0:
            call()
            from faxes.line.launcher import stop_host
            stop_host()
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        call()
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["delivered"] * 3, "")


def test_many_threads_may_place_calls_at_once(documents, tmp_path):
    letters = [documents(pages) for pages in (1, 2, 3)]

    def one(number: int) -> bool:
        received, letter = tmp_path / f"{number}.tiff", letters[number % 3]
        return ring(letter, received).received_complete and pixels(received) == pixels(letter)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(one, range(32)))


def test_calls_leave_no_descriptors_behind(documents, received):
    ring(documents(1), received)
    (host,) = hosts()
    before = psutil.Process().num_fds(), host.num_fds()
    for _ in range(10):
        ring(documents(1), received)
    wait_for(lambda: (psutil.Process().num_fds(), host.num_fds()) == before, seconds=3)


def limited(document: Path, received: Path, limits: Limits):
    spec = CallSpec(
        document=document,
        receive=received,
        caller=US,
        behaviour=answering(THEM, ring_seconds=0.0),
        limits=limits,
    )
    return place_call(spec)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_disk_that_runs_full_is_no_delivery(documents, received, share):
    document = documents(3)
    room = int(document.stat().st_size * share)
    result = limited(document, received, Limits(file_bytes=room))
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert not result.received_complete
    assert result.caller is not None
    assert result.caller.pages <= result.received_pages < 3
    if result.received_pages:
        assert (
            pixels(received)[: result.received_pages] == pixels(document)[: result.received_pages]
        )


@pytest.mark.parametrize("place", ["nowhere/received.tiff", "."])
def test_a_place_that_cannot_be_written_to_is_no_delivery(documents, tmp_path, place):
    result = limited(documents(1), tmp_path / place, Limits())
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.received_pages == 0


def test_what_lay_at_the_place_before_is_not_taken_for_received(documents, tmp_path, received):
    received.write_bytes(documents(1).read_bytes())
    result = limited(tmp_path / "missing.tiff", received, Limits())
    assert result.received_pages == 0
    assert not received.exists()


@pytest.mark.parametrize("content", [b"", b"II*\0", b"%PDF-1.7 not a fax"])
def test_a_document_that_is_none_is_no_delivery(tmp_path, received, content):
    document = tmp_path / "broken.tiff"
    document.write_bytes(content)
    result = limited(document, received, Limits())
    assert result.outcome is Outcome.TRANSMIT_ERROR
    assert result.caller is not None
    assert result.caller.completion_code == 41


def test_a_document_that_has_lost_its_last_pages_is_no_delivery(documents, tmp_path, received):
    whole = documents(3).read_bytes()
    for share in (0.4, 0.7, 0.95, 0.999):
        document = tmp_path / "cut.tiff"
        document.write_bytes(whole[: int(len(whole) * share)])
        spec = CallSpec(
            document=document,
            receive=received,
            pages=3,
            caller=US,
            behaviour=answering(THEM, ring_seconds=0.0),
        )
        assert place_call(spec).outcome is Outcome.TRANSMIT_ERROR


def test_a_page_too_large_for_the_memory_allowed_hurts_nobody_else(tmp_path, received):
    roll = write_tiff(tmp_path / "roll.tiff", [Image.new("1", (1728, 60_000), 0)])
    try:
        result = limited(roll, received, Limits(memory_bytes=1 << 20))
    except LineCrashed:
        pass  # the library does not expect to be refused memory
    else:
        assert result.outcome is Outcome.TRANSMIT_ERROR
    assert limited(roll, received, Limits()).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    "limits", [Limits(line_seconds=20.0), Limits(wall_seconds=0.0)], ids=["line", "wall"]
)
def test_a_call_that_takes_too_long_is_ended(documents, received, limits):
    spec = CallSpec(
        document=documents(3, share_of_page=1.0),
        receive=received,
        caller=US,
        behaviour=answering(THEM, ring_seconds=0.0),
        limits=limits,
    )
    result = place_call(spec)
    assert result.out_of_time
    assert result.outcome is Outcome.TRANSMIT_ERROR


def test_the_wall_time_allowed_grows_with_pages_and_with_slowness():
    limits = Limits()
    assert limits.wall_limit(100, 0.0) > limits.wall_limit(1, 0.0) >= 30
    assert limits.wall_limit(1, 1.0) > limits.line_limit(1)
    assert limits.wall_limit(1, 10.0) < limits.wall_limit(1, 1.0)


def test_a_path_that_the_library_would_cut_off_is_refused(documents, tmp_path):
    with pytest.raises(LineError, match="255 bytes"):
        limited(documents(1), tmp_path / ("x" * 250), Limits())


def test_paths_may_have_any_letters(documents, tmp_path):
    document = tmp_path / "Überweisung № 7, Kopie.tiff"
    document.write_bytes(documents(1).read_bytes())
    assert limited(document, tmp_path / "Empfänger.tiff", Limits()).received_complete


def test_relative_paths_mean_what_they_mean_to_the_caller(documents, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sent.tiff").write_bytes(documents(1).read_bytes())
    assert limited(Path("sent.tiff"), Path("received.tiff"), Limits()).received_complete
    assert (tmp_path / "received.tiff").exists()


def test_the_host_knows_nothing_of_the_portals_settings(documents, received, monkeypatch):
    stop_host()
    monkeypatch.setenv("FAXPORTAL_SECRET_KEY", "hush")
    ring(documents(1), received)
    (host,) = hosts()
    assert "hush" not in host.environ().values()


def test_a_missing_library_is_said_clearly():
    with pytest.raises(LineUnavailable, match="install the package libspandsp2"):
        library("libspandsp-of-nowhere.so.2")


def test_the_self_check_takes_less_than_a_second():
    self_check()  # the host may have to be started first
    assert min(self_check() for _ in range(3)) < 1.0


def test_a_call_costs_little_besides_its_pages(documents, received):
    """A guard against a start of Python, or of the fax library, sneaking into every call."""
    ring(documents(1), received)
    took = timeit.repeat(lambda: ring(documents(1), received), number=1, repeat=10)
    assert min(took) < 0.3  # a start would be in each of them, what else the machine does is not
