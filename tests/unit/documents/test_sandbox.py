"""The sandbox bears jobs that crash, loop, eat memory or disk, and callers that fork or thread."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from faxes.documents.limits import Limits
from faxes.documents.outcome import JobKilled, NoRoom, SandboxBroken
from faxes.documents.sandbox import Sandbox
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

HOSTILE = "tests.unit.documents.hostile_operations"
MEGA = 1 << 20


@pytest.fixture(scope="module")
def sandbox():
    box = Sandbox(modules=(HOSTILE,))
    yield box
    box.close()


@pytest.fixture
def run(sandbox, tmp_path):
    def run(operation, *, limits=None, reads=(), names=(), **arguments):
        return sandbox.run(
            f"{HOSTILE}:{operation}",
            arguments,
            folder=tmp_path,
            limits=limits or Limits(),
            reads=reads,
            names=names,
        )

    return run


def test_returns_what_the_operation_returns(run, tmp_path):
    answer = run("echo", one=1, two=["x", None])

    assert answer["arguments"] == {"one": 1, "two": ["x", None]}
    assert answer["folder"] == str(tmp_path)
    assert answer["pid"] != os.getpid()


def test_every_job_has_a_fresh_process(run):
    assert run("echo")["pid"] != run("echo")["pid"]


def test_hands_on_the_error_and_its_facts(run):
    with pytest.raises(DocumentError) as caught:
        run("refuse", names=["a.pdf"], page=7)

    assert caught.value.code is ErrorCode.DOCUMENT_NO_PAGES
    assert caught.value.field == "documents"
    assert caught.value.params == {"name": "a.pdf", "page": 7}


@pytest.mark.parametrize(
    ("operation", "arguments", "limits", "code"),
    [
        ("crash", {}, Limits(), ErrorCode.DOCUMENT_UNREADABLE),
        ("leave", {}, Limits(), ErrorCode.DOCUMENT_UNREADABLE),
        ("loop", {}, Limits(cpu_seconds=1), ErrorCode.DOCUMENT_TOO_SLOW),
        ("loop", {}, Limits(wall_seconds=0.4), ErrorCode.DOCUMENT_TOO_SLOW),
        ("sleep", {"seconds": 60}, Limits(wall_seconds=0.4), ErrorCode.DOCUMENT_TOO_SLOW),
        ("eat_memory", {}, Limits(memory_bytes=200 * MEGA), ErrorCode.DOCUMENT_TOO_MUCH_MEMORY),
        (
            "write_one_large_file",
            {"size": 9 * MEGA},
            Limits(output_bytes=4 * MEGA),
            ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE,
        ),
        (
            "write_many_files",
            {},
            Limits(output_bytes=4 * MEGA),
            ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE,
        ),
        ("open_many_files", {}, Limits(), ErrorCode.DOCUMENT_UNREADABLE),
    ],
)
def test_each_way_to_fail_has_its_own_code(run, operation, arguments, limits, code):
    with pytest.raises(DocumentError) as caught:
        run(operation, limits=limits, **arguments)

    assert caught.value.code is code
    assert run("echo", still="alive")["arguments"] == {"still": "alive"}


def test_an_unforeseen_error_names_the_document_and_is_logged(run, caplog):
    with pytest.raises(DocumentError) as caught:
        run("stumble", names=["first.pdf", "second.pdf"])

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE
    assert caught.value.params["name"] == "second.pdf"
    assert "in stumble" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "not foreseen" not in caplog.text  # it might be the document's own words


def test_a_job_writes_only_in_its_own_folder(run, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "note"

    with pytest.raises(DocumentError):
        run("write_elsewhere", path=str(outside))

    assert not outside.exists()


def test_a_job_reads_only_what_it_was_given(run, tmp_path_factory):
    secret = tmp_path_factory.mktemp("outside") / "secret"
    secret.write_text("password")

    with pytest.raises(DocumentError):
        run("read_elsewhere", path=str(secret))

    assert run("read_elsewhere", path=str(secret), reads=[secret]) == "password"


def test_a_job_has_no_network(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(DocumentError):
            run("speak_to_the_network", port=port)


def test_a_job_does_not_see_the_environment(run, sandbox, monkeypatch):
    sandbox.close()
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/db")

    assert "DATABASE_URL" not in run("environment")


def test_the_helper_is_started_again_when_it_died(run, sandbox):
    run("echo")
    os.kill(sandbox._helper.process.pid, signal.SIGKILL)
    time.sleep(0.05)

    assert run("echo", after="death")["arguments"] == {"after": "death"}


def test_a_helper_that_nobody_needs_leaves_and_comes_back(tmp_path):
    sandbox = Sandbox(["tests.unit.documents.idle_operations"])

    def pid():
        operation = "tests.unit.documents.idle_operations:parent"
        return sandbox.run(operation, {}, folder=tmp_path, limits=Limits())

    first = pid()
    helper = sandbox._helper
    assert helper is not None
    assert helper.process.wait(10) == 0
    assert pid() != first
    sandbox.close()


def test_a_job_cannot_take_the_helper_down(run):
    with pytest.raises((DocumentError, SandboxBroken)):
        run("kill_the_helper", limits=Limits(wall_seconds=2))

    assert run("echo", still="alive")["arguments"] == {"still": "alive"}


def test_a_job_that_somebody_kills_may_go_well_the_next_time(run):
    with pytest.raises(JobKilled) as caught:
        run("be_killed", names=["a.pdf"])
    assert caught.value.code is ErrorCode.DOCUMENT_TOO_MUCH_MEMORY


@pytest.mark.parametrize(("free", "error"), [(0, NoRoom), (1 << 40, SandboxBroken)])
def test_a_full_disk_is_no_documents_fault_and_looked_at(run, monkeypatch, free, error):
    room = os.statvfs_result((1, 1, free, free, free, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    with pytest.raises(SandboxBroken) as caught:
        run("find_the_disk_full", names=["a.pdf"])
    assert type(caught.value) is error


def test_many_threads_run_jobs_at_once(run):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: run("echo", number=number), range(40)))

    assert [answer["arguments"]["number"] for answer in answers] == list(range(40))


def test_a_slow_job_does_not_hold_up_others(run):
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(run, "sleep", seconds=3)
        run("echo")
        waited = slow.done()
        slow.result()

    assert not waited


def test_a_forked_parent_gets_a_helper_of_its_own(run, sandbox):
    run("echo")
    mine = sandbox._helper.process.pid
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            run("echo")
            os.write(writing, str(sandbox._helper.process.pid).encode())
            sandbox.close()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        theirs = pipe.read()
    os.waitpid(child, 0)

    assert theirs
    assert int(theirs) != mine
    assert run("echo", still="mine")["arguments"] == {"still": "mine"}
    assert sandbox._helper.process.pid == mine


def test_the_helper_goes_when_its_parent_is_killed():
    script = (
        "import os, sys; from faxes.documents.sandbox import SANDBOX; SANDBOX.warm();"
        "print(SANDBOX._helper.process.pid, flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    )
    assert parent.stdout is not None
    helper = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()

    helper.wait(timeout=8)
    assert not helper.is_running()


def test_a_warm_job_takes_few_milliseconds(run):
    run("echo")
    times = []
    for _ in range(20):
        start = time.perf_counter()
        run("echo")
        times.append(time.perf_counter() - start)

    assert min(times) < 0.010


def test_jobs_leave_no_open_files_behind(run):
    run("echo")
    before = psutil.Process().num_fds()
    for _ in range(5):
        run("echo")
        with pytest.raises(DocumentError):
            run("crash")

    assert psutil.Process().num_fds() == before
