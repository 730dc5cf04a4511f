"""Whoever takes over a job finds nothing to reach from there: every wall, tried from inside."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from faxes.documents import folders
from faxes.documents.limits import Limits
from faxes.documents.sandbox import Sandbox
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from tests.hostile.watch import helpers

ATTACKS = "tests.hostile.attacks"
MEGA = 1_000_000
TIGHT = Limits(wall_seconds=3, cpu_seconds=2, output_bytes=20 * MEGA, memory_bytes=400 * MEGA)


@pytest.fixture(scope="module")
def sandbox():
    box = Sandbox(modules=(ATTACKS,))
    yield box
    box.close()


@pytest.fixture
def attack(sandbox, tmp_path):
    """Run an attack in a folder of its own; whatever comes of it, the helper lives on."""
    folder = tmp_path / "job"
    folder.mkdir()

    def attack(operation, *, limits=TIGHT, names=("a.pdf",), **arguments):
        sandbox.warm()
        before = sandbox._helper.process.pid
        start = time.monotonic()
        try:
            return sandbox.run(
                f"{ATTACKS}:{operation}", arguments, folder=folder, limits=limits, names=names
            )
        finally:
            assert time.monotonic() - start < limits.wall_seconds + 5
            assert sandbox._helper.process.pid == before
            assert not helpers()[before].children(recursive=True)

    return attack


def refusal(attack, operation, **arguments):
    with pytest.raises(DocumentError) as caught:
        attack(operation, **arguments)
    return caught.value


@pytest.fixture
def bystander():
    """A process of the same user that has nothing to do with it."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    alive = process.poll() is None
    process.kill()
    process.wait()
    assert alive


@pytest.fixture
def foreign_files(tmp_path):
    """What a job must not touch: the system's, the portal's, another job's."""
    other = tmp_path / "other-job"
    other.mkdir()
    (other / "document").write_text("another tenant's")
    settings_file = Path(settings.BASE_DIR) / "faxportal" / "settings.py"
    data = Path(os.environ["FAXPORTAL_DATA"]) / "secret"
    data.write_text("the portal's")
    yield [str(path) for path in (Path("/etc/passwd"), settings_file, other / "document", data)]
    assert (other / "document").read_text() == "another tenant's"
    assert sorted(path.name for path in other.iterdir()) == ["document"]
    assert data.read_text() == "the portal's"
    data.unlink()


def test_no_socket_of_any_family_is_had(attack):
    assert attack("open_sockets") == []


def test_nothing_outside_can_be_read(attack, foreign_files, sandbox):
    sandbox.warm()
    places = ["/etc/shadow", "/etc", "/root", "/home", "/tmp", "/run", "/dev", "/proc", "/"]  # noqa: S108
    processes = [f"/proc/{pid}/environ" for pid in (1, os.getpid(), sandbox._helper.process.pid)]

    assert attack("read", paths=[*foreign_files, *places, *processes]) == []


def test_nothing_outside_can_be_changed(attack, foreign_files):
    assert attack("write", paths=foreign_files) == []


def test_no_process_and_no_program_is_started(attack):
    assert attack("start_processes") == []


def test_no_other_process_is_reached(attack, bystander, sandbox):
    sandbox.warm()
    pids = [bystander.pid, os.getpid(), sandbox._helper.process.pid]

    assert attack("reach_processes", pids=pids) == []


def test_no_memory_outlives_a_job(attack):
    assert attack("leave_memory_behind") == []


def test_no_privilege_is_gained_and_no_file_is_made_but_plain_ones(attack):
    assert attack("gain_privileges") == []


def test_the_environment_that_a_job_can_read_holds_no_secret(attack, sandbox, monkeypatch):
    sandbox.close()
    monkeypatch.setenv("FAXPORTAL_SECRET_KEY", "the secret of secrets")

    assert "secret of secrets" not in attack("environment")


@pytest.mark.parametrize(
    ("operation", "arguments", "codes"),
    [
        ("threads_without_number", {}, {ErrorCode.DOCUMENT_TOO_MUCH_MEMORY}),
        ("burn_in_threads", {}, {ErrorCode.DOCUMENT_TOO_SLOW}),
        (
            "many_empty_files",
            {},
            {ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE, ErrorCode.DOCUMENT_TOO_SLOW},
        ),
        ("a_sparse_file", {"size": 19 * MEGA}, {ErrorCode.DOCUMENT_TOO_SLOW}),
        ("a_sparse_file", {"size": 21 * MEGA}, {ErrorCode.DOCUMENT_UNREADABLE}),
        ("many_sparse_files", {"size": 19 * MEGA}, {ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE}),
        (
            "removed_files",
            {"size": 10 * MEGA},
            {ErrorCode.DOCUMENT_TOO_MUCH_MEMORY, ErrorCode.DOCUMENT_UNREADABLE},
        ),
        ("deep_folders", {"depth": 3000}, {ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE}),
    ],
)
def test_disk_processor_and_threads_are_bounded(attack, tmp_path, operation, arguments, codes):
    free = psutil.disk_usage(str(tmp_path)).free

    assert refusal(attack, operation, **arguments).code in codes
    assert free - psutil.disk_usage(str(tmp_path)).free < 600 * MEGA


def test_a_job_that_waits_for_itself_is_not_waited_for(attack):
    limits = Limits(idle_seconds=0.5)
    begun = time.monotonic()
    assert refusal(attack, "wait_for_ever", limits=limits).code == ErrorCode.DOCUMENT_TOO_SLOW
    assert time.monotonic() - begun < limits.wall_seconds / 2


def test_what_only_a_stranger_makes_is_removed_whatever_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):
        Path("deeper").mkdir()
        os.chdir("deeper")
    monkeypatch.undo()
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    locked = tmp_path / "locked"
    (locked / "below").mkdir(parents=True)
    locked.chmod(0o000)

    assert folders.contents(tmp_path).is_wild
    folders.empty(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("words", ["x", "\n", '{"progress": {"source": 0}}\n', '{"a": "b"}\n'])
def test_a_job_that_talks_without_end_is_stopped_and_forgotten(attack, words):
    before = psutil.Process().memory_info().rss

    refused = refusal(attack, "flood", words=words)
    assert refused.code is ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE
    assert psutil.Process().memory_info().rss - before < 150 * MEGA


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1, 2]",
        "3",
        "null",
        "[" * 50_000,
        '{"progress": 7}',
        '{"progress": {"source": 99}}',
        '{"progress": {"source": "x"}}',
        '{"progress": {"source": -1}}',
        '{"exit": 0, "cpu_seconds": "many", "memory_bytes": null}',
        '{"exit": 0}',
        '{"exit": "x"}',
        '{"error": "no_such_code", "params": {}}',
        '{"error": "document_empty"}',
        '{"error": 7, "params": []}',
        '{"error": "document_empty", "params": {"name": {"a": 1}}}',
        '{"error": "document_empty", "params": {"code": "x", "field": "y", "self": 1}}',
        '{"exception": 3, "trace": 4}',
        '{"exception": "MemoryError"}',
        '{"neither": 1}',
        '{"result": NaN',
    ],
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_forged_words_confuse_nobody(attack, line, end):
    refused = refusal(attack, "forge", lines=[line + end])

    assert refused.code.name.startswith("DOCUMENT_")
    assert set(refused.params) <= {"name", "limit", "seconds"}
    assert refused.params.get("name", "a.pdf") == "a.pdf"


def test_others_go_on_while_one_misbehaves(sandbox, tmp_path):
    folders_of = [tmp_path / str(number) for number in range(16)]
    for folder in folders_of:
        folder.mkdir()

    def run(folder, operation, **arguments):
        return sandbox.run(f"{ATTACKS}:{operation}", arguments, folder=folder, limits=TIGHT)

    with ThreadPoolExecutor(8) as threads:
        bad = [
            threads.submit(run, folders_of[0], "flood", words="x"),
            threads.submit(run, folders_of[1], "threads_without_number"),
            threads.submit(run, folders_of[2], "removed_files", size=MEGA),
            threads.submit(run, folders_of[3], "start_processes"),
        ]
        good = [
            threads.submit(run, folder, "read", paths=["/etc/passwd"]) for folder in folders_of[4:]
        ]
        assert [each.result() for each in good] == [[]] * 12
        assert all(isinstance(each.exception(), DocumentError) for each in bad[:3])


def test_a_folder_that_a_job_locked_can_be_removed(attack, tmp_path):
    with contextlib.suppress(DocumentError):  # root sees into it, others do not
        attack("locked_folders")
    shutil.rmtree(tmp_path / "job")
