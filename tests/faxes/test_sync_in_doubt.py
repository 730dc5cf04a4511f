"""Storing what a carrier lists, when something is wrong with one, or with the check of it."""

import shutil
from datetime import timedelta

import pytest

from accounts import clock
from faxes import vault
from faxes.carriers.base import Arrival, ArrivalState, CarrierInDoubt
from faxes.documents import pipeline
from faxes.documents.tiff import read_fax_tiff
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import DocumentError
from faxes.models import Carrier, Document, Erasure, Fax, LineCall
from faxes.services import sync


class Listing:
    """A carrier that lists some arrivals and cannot bring some of them."""

    def __init__(self, arrivals, tiff):
        self.arrivals, self.tiff = arrivals, tiff
        self.broken: set[str] = set()
        self.discarded: list[str] = []

    def received_since(self, mark):
        return [each for each in self.arrivals if mark is None or each.at >= mark]

    def arrival(self, ref):
        return next((each for each in self.arrivals if each.ref == ref), None)

    def fetch(self, ref, into):
        if ref in self.broken:
            raise CarrierInDoubt(ref)
        shutil.copy(self.tiff, into)

    def discard(self, ref):
        self.discarded.append(ref)


@pytest.fixture
def tiff(world, work, send, tmp_path):
    """Fax pages as they come over the line."""
    send(world.northside, "+12025550100")
    work.run_jobs()
    path = tmp_path / "pages.tiff"
    vault.copy_out(LineCall.objects.get().document_key, path)
    return path


@pytest.fixture
def carrier(world):
    return Carrier.objects.get()


@pytest.fixture
def listing(world, tiff, monkeypatch):
    """Three arrivals, an hour apart."""
    began = clock.now() - timedelta(days=1)
    arrivals = [
        Arrival(
            ref=f"a{n}",
            called=world.lakeside.number,
            caller="+12025550199",
            state=ArrivalState.RECEIVED,
            at=began + timedelta(hours=n),
            pages=1,
        )
        for n in range(3)
    ]
    listing = Listing(arrivals, tiff)
    monkeypatch.setattr(sync, "opened", lambda _: listing)
    return listing


def states():
    arrived = Fax.rows.filter(direction="inbound").order_by("carrier_ref")
    return list(arrived.values_list("state", flat=True))


def test_one_that_cannot_be_had_stops_the_mark_and_not_the_others(carrier, listing):
    listing.broken = {"a1"}
    sync.sync(carrier.pk)
    assert states() == [FaxState.RECEIVED, FaxState.RECEIVING, FaxState.RECEIVED]
    carrier.refresh_from_db()
    assert carrier.received_until == listing.arrivals[0].at
    assert listing.discarded == ["a0", "a2"]
    listing.broken = set()
    sync.sync(carrier.pk)
    assert states() == [FaxState.RECEIVED] * 3
    carrier.refresh_from_db()
    assert carrier.received_until == listing.arrivals[2].at


def test_one_that_breaks_the_program_does_not_stop_the_others(carrier, listing, monkeypatch):
    def fetch(ref, into):
        if ref == "a0":
            raise RuntimeError("whatever it was")
        shutil.copy(listing.tiff, into)

    monkeypatch.setattr(listing, "fetch", fetch)
    sync.sync(carrier.pk)
    assert states() == [FaxState.RECEIVING, FaxState.RECEIVED, FaxState.RECEIVED]
    carrier.refresh_from_db()
    assert carrier.received_until is None


@pytest.mark.parametrize("code", [ErrorCode.DOCUMENT_TOO_SLOW, ErrorCode.DOCUMENT_TOO_MUCH_MEMORY])
def test_pages_whose_check_was_cut_short_are_kept(carrier, listing, monkeypatch, code):
    def verify(_):
        raise DocumentError(code)

    monkeypatch.setattr(pipeline, "verify", verify)
    sync.sync(carrier.pk)
    assert states() == [FaxState.RECEIVED] * 3
    assert set(Fax.rows.filter(direction="inbound").values_list("pages", flat=True)) == {1}


def test_a_page_that_breaks_off_is_kept_and_said_to_be_incomplete(carrier, listing, work):
    data = listing.tiff.read_bytes()
    (page,) = read_fax_tiff(listing.tiff)
    torn = len(data) // 2  # the directory stands at the end
    listing.tiff.write_bytes(data[: page.bytes // 2] + bytes(torn - page.bytes // 2) + data[torn:])
    sync.sync(carrier.pk)
    work.run_jobs()

    arrived = Fax.rows.filter(direction="inbound")
    assert {(fax.state, fax.outcome) for fax in arrived} == {
        (FaxState.RECEIVED, Outcome.TRANSMIT_ERROR)
    }
    assert not Document.rows.filter(role="received", sound=True).exists()


def test_pages_that_are_well_are_known_to_be(carrier, listing):
    sync.sync(carrier.pk)
    assert Document.rows.filter(role="received", sound=True).count() == 3


def test_what_is_no_fax_is_said_to_have_brought_nothing(carrier, listing, monkeypatch):
    def verify(_):
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE)

    monkeypatch.setattr(pipeline, "verify", verify)
    sync.sync(carrier.pk)
    assert states() == [FaxState.FAILED] * 3


def test_an_arrival_that_a_carrier_forgot_is_given_up_after_a_while_only(carrier, listing, work):
    listing.broken = {"a0", "a1", "a2"}
    sync.sync(carrier.pk)
    listing.arrivals = []
    sync.receive(carrier.pk, "a0")
    assert states() == [FaxState.RECEIVING] * 3
    work.pass_time(sync.OVERLAP)
    sync.receive(carrier.pk, "a0")
    fax = Fax.rows.get(carrier_ref="a0")
    assert (fax.state, fax.outcome) == (FaxState.FAILED, Outcome.INTERNAL_ERROR)


def test_what_the_far_end_tells_of_itself_may_be_long(carrier, listing):
    long = "anonymous caller at some address far away"
    listing.arrivals = [
        Arrival(**{name: getattr(each, name) for name in each.__slots__} | {"caller": long})
        for each in listing.arrivals
    ]
    sync.sync(carrier.pk)
    assert set(Fax.rows.filter(direction="inbound").values_list("from_number", flat=True)) == {
        long[:20]
    }


def test_nothing_waits_for_its_destruction_once_rows_name_it(carrier, listing):
    sync.sync(carrier.pk)
    assert not Erasure.objects.exists()
