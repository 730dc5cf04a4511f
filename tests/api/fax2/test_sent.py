"""Where a sent fax stands: every status and reason of the vendor's document, in its words."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from faxes.api.common.places import Place
from faxes.api.fax2.errors import HANDLED, code_of
from faxes.api.fax2.states import REASON, STATUS, sent_fax
from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.models import Fax
from faxes.wire.fax2 import Code

ENDED = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
ALWAYS = {"status", "pages", "send_attempts"}
# State, outcome, phase of the call, tries and pages that went; status, attempts, pages told.
STATUSES: dict[str, tuple[Any, ...]] = {
    "waiting: because there are other faxes being sent": (
        "queued", "", "", 0, 0, "waiting", 0, None),
    "waiting: because a previous attempt failed": ("queued", "busy", "", 2, 1, "waiting", 2, None),
    "waiting: made ready": ("preparing", "", "", 0, 0, "waiting", 0, None),
    "sending: The receiving number will be called shortly": (
        "sending", "", "dialing", 1, 0, "sending", 0, None),
    "sending: not the attempt currently in progress": (
        "sending", "busy", "page", 3, 1, "sending", 2, None),
    "sent: pages_sent will be equal to pages": (
        "delivered", "delivered", "", 1, 3, "sent", 1, 3),
    "failed: greater than 0, the fax was partially transmitted": (
        "failed", "transmit_error", "", 3, 2, "failed", 3, 2),
    "failed: before anything was dialled": ("failed", "", "", 0, 0, "failed", 0, 0),
}  # fmt: skip
REASONS = {
    "busy": ("failed", Outcome.BUSY),
    "no_answer": ("failed", Outcome.NO_ANSWER),
    "no_carrier": ("failed", Outcome.NO_CARRIER),
    "dial_failed": ("failed", Outcome.DIAL_FAILED),
    "transmit_error": ("failed", Outcome.TRANSMIT_ERROR),
    "cancelled": ("canceled", Outcome.CANCELED),
    "cancelled between two attempts": ("failed", Outcome.CANCELED),
    "internal_error": ("failed", Outcome.INTERNAL_ERROR),
    "internal_error: nobody knows": ("failed", Outcome.UNKNOWN),
    "internal_error: without an attempt": ("failed", ""),
}


def a_fax(state: str, outcome: str = "", phase: str = "", tries: int = 1, done: int = 0) -> Any:
    ended = ENDED if state in {"delivered", "failed", "canceled"} else None
    return SimpleNamespace(
        direction=Direction.OUTBOUND, state=state, outcome=outcome, phase=phase, tries=tries,
        pages=3, pages_done=done, finished_at=ended,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "outcome", "phase", "tries", "done", "status", "attempts", "pages"),
    STATUSES.values(),
    ids=STATUSES,
)
def test_status(state, outcome, phase, tries, done, status, attempts, pages):
    told = sent_fax(a_fax(state, outcome, phase, tries, done))
    assert (told["status"], told["pages"], told["send_attempts"]) == (status, 3, attempts)
    if pages is None:
        assert set(told) == ALWAYS
        return
    assert (told["sent_at"], told["pages_sent"]) == ("2026-11-21T02:30:00Z", pages)
    assert ("reason" in told) is (status == "failed")


@pytest.mark.parametrize(("state", "outcome"), REASONS.values(), ids=REASONS)
def test_reason(request: pytest.FixtureRequest, state: str, outcome: str):
    told = sent_fax(a_fax(state, outcome))
    word = request.node.callspec.id.partition(":")[0].partition(" ")[0]
    assert (told["status"], told["reason"]) == ("failed", word)


def test_every_place_of_a_fax_that_is_sent_has_its_word():
    inbound = {Place.RECEIVING, Place.RECEIVED, Place.REJECTED}
    assert set(STATUS) | set(REASON) | inbound == set(Place)
    for state in set(FaxState) - {FaxState.RECEIVING, FaxState.RECEIVED}:
        assert sent_fax(a_fax(state, Outcome.DELIVERED if state == "delivered" else ""))


# Beginnings of what no request of this dialect can be about.
OF_OTHERS = (
    "book_", "broadcast_", "callback_", "carrier_", "contact_", "cover_", "covered_", "cursor_",
    "date_", "do_not_fax_listed", "documents_", "echo_", "email_", "extension_", "fax_",
    "faxbox_", "fetch_", "from_", "group_", "label_", "legal_hold",
    "logo_", "mail_", "metadata_", "no_faxes_",
    "no_pages_", "note_", "notify_", "number_under_way", "numbers_", "owner_", "pages_",
    "quality_",
    "recipients_", "retention_", "retries_", "route_", "send_at_", "sms_", "status_", "text_",
    "time_",
    "too_many_", "url_", "view_",
)  # fmt: skip


def test_every_error_of_ours_has_a_code_of_the_document():
    unforeseen = {each for each in set(ErrorCode) - HANDLED if not each.startswith(OF_OTHERS)}
    assert not unforeseen, "say in HANDLED what they are"
    assert {code_of(each) for each in HANDLED} == {
        Code.EMPTY_DOCUMENT, Code.CONVERSION_ERROR, Code.INSUFFICIENT_CREDIT, Code.FORBIDDEN,
        Code.BAD_PARAMETER, Code.UNKNOWN_ERROR,
    }  # fmt: skip


def test_a_fax_fails_after_three_attempts(world, work, fax2):
    program = fax2()
    made = program.send("12025550101").json()["id"]  # always busy
    work.run()
    told = program.told(f"sent_faxes/{made}")
    assert (told["status"], told["send_attempts"]) == ("waiting", 1)
    assert set(told) == ALWAYS
    work.run_to_end()
    told = program.told(f"sent_faxes/{made}")
    assert (told["status"], told["reason"], told["send_attempts"]) == ("failed", "busy", 3)
    assert told["pages_sent"] == 0
    assert Fax.rows.get(pk=made).origin == "fax2"
