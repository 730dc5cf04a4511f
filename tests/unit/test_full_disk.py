"""Whoever guards the processes outlives a full disk, and goes on when there is room."""

import errno
import os
import sys
from pathlib import Path

from faxes.management.children import Child
from faxes.management.vigil import Note


def test_what_cannot_be_started_is_started_when_there_is_room(tmp_path, monkeypatch):
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
    said: list[str] = []

    def full(*_args, **_named):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", full)
        child.ensure(said.append, tmp_path / "scratch")
    assert not child.runs()
    assert "No space left" in said[0]
    child.start_at = 0
    child.ensure(said.append, tmp_path / "scratch")
    assert child.runs()
    child.kill()
    assert child.process is not None
    child.process.wait()


def test_a_note_that_cannot_be_written_is_left(tmp_path):
    Note(tmp_path / "full", ["line"], [])()
