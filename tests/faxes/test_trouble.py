"""What the machine or its servers did is no fault of a fax: it waits, and goes when they are back.

Found by the faults that a portal in production is struck by (``make faults``).
"""

from datetime import timedelta

import pytest
from django.db import OperationalError

from faxes.documents.outcome import JobKilled, NoRoom, SandboxBroken
from faxes.enums import ErrorCode, FaxState
from faxes.models import Fax
from faxes.services import convert, privacy
from faxes.wording import sentence_for

TO = "+12025550100"
A_WHILE = timedelta(seconds=15)
AWAY = [OSError("the store is away"), NoRoom("the disk is full")]
STRUCK = [
    SandboxBroken("no helper"),
    OperationalError("the database went away"),
    JobKilled(ErrorCode.DOCUMENT_TOO_MUCH_MEMORY, field="documents", name="letter.pdf", limit=1),
]


def breaks(error):
    def render(*_args, **_named):
        raise error

    return render


def state_of(fax):
    fax.refresh_from_db()
    return FaxState(fax.state)


@pytest.mark.parametrize("error", AWAY, ids=str)
def test_a_fax_outlasts_whatever_is_away_or_full_for_long(work, send, world, monkeypatch, error):
    fax = send(world.northside, TO)
    with monkeypatch.context() as patched:
        patched.setattr(convert, "render_kept", breaks(error))
        for _ in range(10):
            work.run()
            work.pass_time(A_WHILE)
        assert state_of(fax) == FaxState.PREPARING
    work.run_to_end()
    assert state_of(fax) == FaxState.DELIVERED


@pytest.mark.parametrize("error", STRUCK, ids=lambda error: type(error).__name__)
def test_a_fax_that_was_struck_once_is_tried_again(work, send, world, monkeypatch, error):
    fax = send(world.northside, TO)
    with monkeypatch.context() as patched:
        patched.setattr(convert, "render_kept", breaks(error))
        work.run()
        assert state_of(fax) == FaxState.PREPARING
    work.pass_time(A_WHILE)
    work.run_to_end()
    assert state_of(fax) == FaxState.DELIVERED


@pytest.mark.parametrize("error", STRUCK, ids=lambda error: type(error).__name__)
def test_a_fax_that_is_struck_each_time_fails(work, send, world, monkeypatch, error):
    fax = send(world.northside, TO)
    with monkeypatch.context() as patched:
        patched.setattr(convert, "render_kept", breaks(error))
        work.run_to_end()
    assert state_of(fax) == FaxState.FAILED


def test_a_fax_whose_document_could_not_be_read_is_shown_when_it_is_stripped(
    send, world, monkeypatch
):
    fax = send(world.northside, TO)
    error = breaks(JobKilled(ErrorCode.DOCUMENT_UNREADABLE, field="documents", name="letter.pdf"))
    monkeypatch.setattr(convert, "render_kept", error)
    Fax.rows.filter(pk=fax.pk).update(prepare_tries=2)
    convert.convert_batch(fax.pk)
    privacy.strip_fax(world.northside.admin, fax_id=fax.pk)
    fax.refresh_from_db()
    shown = sentence_for(ErrorCode(fax.error_code), fax.error_params)
    assert "cannot be read" in shown
    assert "letter" not in shown
