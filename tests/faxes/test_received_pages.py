"""What carriers hand out as pages: TIFF, PDF, torn, late, or no fax at all."""

from datetime import timedelta

import pytest

from accounts import clock
from faxes import vault
from faxes.carriers import registry
from faxes.documents import pipeline
from faxes.documents.tiff import read_fax_tiff
from faxes.enums import ErrorCode, FaxState, Outcome
from faxes.errors import DocumentError
from faxes.models import Carrier, CarrierKind, Document, Fax
from faxes.services import received_pages, sync
from tests.faxes.carried import carried, carrier_row, fax_pages

HOUR = timedelta(hours=1)


@pytest.fixture
def carrier(world, work, vendor):
    return carrier_row(world.lakeside)


@pytest.fixture
def began():
    return clock.now() - timedelta(days=1)


@pytest.fixture
def three(world, vendor, began):
    """Three arrivals, an hour apart."""
    return [vendor.comes(f"a{n}", world.lakeside.number, began + n * HOUR) for n in range(3)]


def states():
    arrived = Fax.rows.filter(direction="inbound").order_by("carrier_ref")
    return list(arrived.values_list("state", flat=True))


def look(carrier, work=None):
    sync.sync(carrier.pk)
    if work is not None:
        work.run_jobs()


def test_pages_that_come_as_pdf_become_the_very_fax_pages_that_it_wraps(
    carrier, vendor, work, three, tmp_path
):
    (tmp_path / "fax.tiff").write_bytes(fax_pages(tmp_path, 3))
    pipeline.pdf_of(tmp_path / "fax.tiff", tmp_path / "fax.pdf", own=True)
    vendor.documents["a0"] = (tmp_path / "fax.pdf").read_bytes()
    look(carrier, work)
    fax = Fax.rows.get(carrier_ref="a0")
    assert (fax.state, fax.pages, fax.outcome) == (FaxState.RECEIVED, 3, Outcome.DELIVERED)
    document = fax.documents.get()
    assert (document.media_type, document.pages, document.sound) == ("image/tiff", 3, True)


@pytest.mark.parametrize(
    "hostile", [b"", b"<html>not here</html>", b"II*\0" + bytes(40), b"%PDF-1.7\n" + bytes(99)]
)
def test_what_is_no_fax_is_asked_for_again_and_then_said_to_have_brought_nothing(
    carrier, vendor, work, three, hostile
):
    vendor.documents["a1"] = hostile
    look(carrier, work)
    assert states() == [FaxState.RECEIVED, FaxState.RECEIVING, FaxState.RECEIVED]
    for _ in range(6):
        work.pass_time(timedelta(minutes=2))
    fax = Fax.rows.get(carrier_ref="a1")
    assert (fax.state, fax.outcome, fax.fetch_tries) == (
        FaxState.FAILED,
        Outcome.TRANSMIT_ERROR,
        6,
    )


def test_a_document_that_is_too_large_is_not_even_looked_at(
    carrier, vendor, work, three, monkeypatch
):
    monkeypatch.setattr(received_pages, "_MOST_BYTES", 10)
    monkeypatch.setattr(pipeline, "verify", None)
    look(carrier, work)
    assert states() == [FaxState.RECEIVING] * 3


def test_a_program_that_breaks_over_a_document_leaves_it_to_a_later_try(
    carrier, vendor, work, three, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(pipeline, "verify", lambda *_: 1 / 0)
        look(carrier)
        with pytest.raises(ZeroDivisionError):
            work.run_jobs()
    assert states() == [FaxState.RECEIVING] * 3
    work.pass_time(timedelta(minutes=1))
    assert states() == [FaxState.RECEIVED] * 3


@pytest.mark.parametrize("code", [ErrorCode.DOCUMENT_TOO_SLOW, ErrorCode.DOCUMENT_TOO_MUCH_MEMORY])
def test_pages_whose_check_was_cut_short_are_kept(carrier, work, three, monkeypatch, code):
    def verify(_):
        raise DocumentError(code)

    monkeypatch.setattr(pipeline, "verify", verify)
    look(carrier, work)
    assert states() == [FaxState.RECEIVED] * 3
    assert set(Fax.rows.filter(direction="inbound").values_list("pages", flat=True)) == {1}


def test_a_page_that_breaks_off_is_kept_and_said_to_be_incomplete(
    carrier, vendor, work, three, world, send, tmp_path
):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    path = tmp_path / "real.tiff"
    vault.copy_out(fax.documents.get(role="rendered").key, path)
    data = path.read_bytes()
    (page,) = read_fax_tiff(path)
    torn = len(data) // 2  # the directory stands at the end
    vendor.pages = data[: page.bytes // 2] + bytes(torn - page.bytes // 2) + data[torn:]
    look(carrier, work)
    arrived = Fax.rows.filter(direction="inbound")
    assert {(fax.state, fax.outcome) for fax in arrived} == {
        (FaxState.RECEIVED, Outcome.TRANSMIT_ERROR)
    }
    assert not Document.rows.filter(role="received", sound=True).exists()


def test_on_the_embedded_line_what_is_no_fax_has_brought_nothing(
    world, work, vendor, began, monkeypatch
):
    made = carried(monkeypatch, vendor)
    monkeypatch.setitem(registry.CLASSES, CarrierKind.EMBEDDED, made)
    vendor.pages = b"II*\0" + bytes(40)
    vendor.comes("a", world.lakeside.number, clock.now())
    look(Carrier.objects.get(kind=CarrierKind.EMBEDDED), work)
    assert states() == [FaxState.FAILED]
    assert vendor.discarded == ["a"]


def test_what_the_far_end_tells_of_itself_may_be_long(carrier, vendor, world, work, began):
    long = "anonymous caller at some address far away"
    vendor.comes("a", world.lakeside.number, began, caller=long, station_id=long)
    look(carrier, work)
    fax = Fax.rows.get(carrier_ref="a")
    assert (fax.state, fax.from_number, fax.remote_station_id) == (
        FaxState.RECEIVED,
        long[:20],
        long[:20],
    )
