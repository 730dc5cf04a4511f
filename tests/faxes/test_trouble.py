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
def test_a_fax_that_was_struck_is_tried_again_soon_and_not_for_ever(
    work, send, world, monkeypatch, error
):
    once, ever = send(world.northside, TO), send(world.northside, TO)
    with monkeypatch.context() as patched:
        patched.setattr(convert, "render_kept", breaks(error))
        work.run()
    Fax.rows.filter(pk=ever.pk).update(prepare_tries=3)
    monkeypatch.setattr(convert, "render_kept", breaks(error))
    convert.convert_batch(ever.pk)
    work.pass_time(A_WHILE)
    convert.convert_batch(ever.pk)
    assert state_of(ever) == FaxState.FAILED
    monkeypatch.undo()
    work.pass_time(A_WHILE)
    work.run_to_end()
    assert state_of(once) == FaxState.DELIVERED


def test_a_fax_whose_document_could_not_be_read_is_shown_when_it_is_stripped(
    work, send, world, monkeypatch, client
):
    fax = send(world.northside, TO)
    error = breaks(JobKilled(ErrorCode.DOCUMENT_UNREADABLE, field="documents", name="letter.pdf"))
    monkeypatch.setattr(convert, "render_kept", error)
    Fax.rows.filter(pk=fax.pk).update(prepare_tries=3)
    convert.convert_batch(fax.pk)
    privacy.strip_fax(world.northside.admin, fax_id=fax.pk)
    client.force_login(world.northside.people["admin"])
    assert client.get(f"/faxes/{fax.pk}/").status_code == 200
    fax.refresh_from_db()
    assert "letter" not in str(fax.error_params)
