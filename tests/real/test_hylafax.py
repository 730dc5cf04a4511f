"""A real HylaFAX between the portal and the embedded line, both ways.

HylaFAX has its own T.30 and its own images. Its modem is the embedded line's, at a terminal: what
is dialled there a session of the line answers, and sessions of the line call it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from faxes import vault
from faxes.carriers.base import CarrierInDoubt, CarrierUnavailable
from faxes.enums import Direction, DocumentRole, FaxState, Outcome, Quality
from faxes.line.station import Station
from faxes.models import Attempt, Carrier, CarrierRoute, Document, Fax, Number
from faxes.services import follow, sync
from tests.carriers.doors import Pages, fax_of, opened, sent
from tests.real.hylafax_server import Hylafax, hylafax, why_not
from tests.real.running import until
from tests.real.switchboard import Switchboard, switchboard
from tests.unit.line.pages import below, letter, pixels, write_tiff

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(why_not() != "", reason=why_not()),
    pytest.mark.timeout(300),
]

SPEED = 10.0
PATIENCE = 60.0
THEIRS, SOMEBODY, ENGAGED = "+12025550123", "+12025550100", "+12025550101"
HEADER_ROWS = 33  # of the page itself, that HylaFAX prints its header line over


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with switchboard(speed=SPEED) as served:
        served.stations[SOMEBODY] = Station(station_id=SOMEBODY)
        yield served


@pytest.fixture(scope="module")
def server(board: Switchboard) -> Iterator[Hylafax]:
    with hylafax(board.device, number=THEIRS) as running:
        yield running


def handed_over(carrier, folder: Path, *, to: str, pages: int = 1, **told):
    """A fax of some pages that the carrier has taken: its file, and the try."""
    images = [letter(page, share_of_page=0.2) for page in range(pages)]
    tiff = write_tiff(folder / "sent.tiff", images)
    fax = fax_of(Pages(tiff.read_bytes()), to_number=to, pages=pages, **told)
    return tiff, sent(carrier.submit(fax), key=fax.key, to_number=to, pages=pages)


def found(carrier, one, *, when):
    """Where a try stands, as soon as that is as it should be."""
    status = None
    deadline = time.monotonic() + PATIENCE
    while status is None or not when(status):
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
        with suppress(CarrierInDoubt):
            status = carrier.find(one)
    return status


def result_of(carrier, one):
    return found(carrier, one, when=lambda status: status.result is not None).result


def jobs_at(server: Hylafax) -> set[Path]:
    """The jobs that the server has, ended or not."""
    return set(server.spool.glob("*q/q*"))


def documents_at(server: Hylafax) -> set[Path]:
    """What the server has to send or has sent."""
    return set(server.spool.glob("docq/doc*"))


def route_by(server: Hylafax, number: str) -> Carrier:
    """Let all faxes go out by the server, and those to a number come in there."""
    told = {**server.settings(), "number": number, "header_line": False}
    row = Carrier(kind="hylafax", name="Our HylaFAX", channels=1)
    row.secrets = {name: told.pop(name) for name in ("password", "admin_password")}
    row.options = told
    row.save()
    CarrierRoute.objects.create(carrier=row)
    numbers = Number.objects.across_tenants(why="it is to be received there")
    numbers.filter(e164=number).update(carrier=row)
    return row


def stored(fax: Fax, role: DocumentRole, folder: Path):
    """The pixels of a document of a fax."""
    document = Document.objects.for_account(fax.account_id).get(fax=fax, role=role)
    vault.copy_out(document.key, folder / role)
    return pixels(folder / role)


def test_a_fax_goes_out_by_hylafax_and_another_comes_in_just_as_they_are(
    world, work, send, settings, server, board, tmp_path
):
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    ours = world.northside.number
    row = route_by(server, ours)
    documents = documents_at(server)
    fax = send(world.northside, SOMEBODY, quality=Quality.STANDARD, pages=2)
    work.run_jobs()
    attempt = Attempt.rows.get(fax=fax)

    def ended():
        follow.follow(attempt.key)
        return Attempt.rows.get(pk=attempt.pk).outcome != ""

    until(ended, PATIENCE)
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.pages_sent) == (Outcome.DELIVERED, 2)
    assert (attempt.remote_station_id, attempt.bit_rate) == (SOMEBODY, 14400)
    assert (attempt.compression, attempt.completion_code) == ("t6", 0)
    assert Fax.rows.get(pk=fax.pk).state == FaxState.DELIVERED
    call = board.answered.get(timeout=PATIENCE)
    assert call.result.remote_station_id == (fax.station_id or ours)
    assert pixels(call.pages) == stored(fax, DocumentRole.RENDERED, tmp_path)
    assert not (server.spool / "doneq" / f"q{attempt.carrier_ref}").exists()
    assert documents_at(server) <= documents

    until(server.modem_is_ready, PATIENCE)
    page = write_tiff(
        tmp_path / "theirs.tiff", [letter(1, share_of_page=0.3), letter(2, share_of_page=0.2)]
    )
    board.call(Station(station_id=SOMEBODY), page)

    def received():
        Carrier.objects.update(sync_at=None)
        sync.sync(row.pk)
        work.run_jobs()
        return Fax.rows.filter(direction=Direction.INBOUND, state=FaxState.RECEIVED).exists()

    until(received, PATIENCE)
    arrived = Fax.rows.get(direction=Direction.INBOUND)
    assert (arrived.to_number, arrived.remote_station_id) == (ours, SOMEBODY)
    assert (arrived.pages, arrived.outcome) == (2, Outcome.DELIVERED)
    assert stored(arrived, DocumentRole.RECEIVED, tmp_path) == pixels(page)
    assert list((server.spool / "recvq").glob("fax*")) == []


def test_a_header_line_goes_over_the_first_rows_and_no_others(server, board, tmp_path):
    carrier = opened(server, seconds=10.0)
    tiff, one = handed_over(carrier, tmp_path, to=SOMEBODY, header='Dr "Quote", 100 % | Zoë')
    assert result_of(carrier, one).outcome == Outcome.DELIVERED
    (came,) = pixels(board.answered.get(timeout=PATIENCE).pages)
    (went,) = pixels(tiff)
    assert came != went
    assert below(came, HEADER_ROWS) == below(went, HEADER_ROWS)
    carrier.settled(one)
    assert THEIRS in carrier.check()
    assert [each.e164 for each in carrier.numbers()] == [THEIRS]


def test_an_engaged_number_is_told_as_busy_and_dialled_once(server, board, tmp_path):
    carrier = opened(server, seconds=10.0)
    _, one = handed_over(carrier, tmp_path, to=ENGAGED)
    result = result_of(carrier, one)
    assert (result.outcome, result.pages_sent) == (Outcome.BUSY, 0)
    assert result.facts["carrier_tries"] == 1
    assert result.facts["completion_text"].startswith("Busy signal detected")
    assert board.refused == [ENGAGED]
    carrier.settled(one)
    assert not (server.spool / "doneq" / f"q{one.ref}").exists()


def test_what_is_in_doubt_is_found_by_its_key_or_never_goes_out(server, board, tmp_path):
    carrier = opened(server, seconds=10.0)
    server.freeze("faxq")
    lost = sent("", key=fax_of(Pages(b"")).key, to_number=ENGAGED)
    power_cut = threading.Timer(0.7, server.stop, ["hfaxd"])
    power_cut.start()
    with pytest.raises(CarrierInDoubt):
        handed_over(carrier, tmp_path, to=ENGAGED, key=lost.key)
    power_cut.join()
    with pytest.raises(CarrierUnavailable):
        carrier.find(lost)
    server.start("hfaxd")
    until(server.listens, PATIENCE)
    with pytest.raises(CarrierInDoubt):
        carrier.find(lost)
    old = replace(lost, at=lost.at - timedelta(minutes=2))
    assert carrier.find(old) is None  # and it is taken away, so that it never will go out
    assert carrier.find(lost) is None
    refused = list(board.refused)
    server.thaw("faxq")
    _, one = handed_over(carrier, tmp_path, to=SOMEBODY)
    unheard = replace(one, ref="")
    assert found(carrier, unheard, when=lambda status: status.phase == "dialing").ref == one.ref
    carrier.hang_up(unheard)
    assert result_of(carrier, one).outcome == Outcome.CANCELED
    assert board.refused == refused


def test_without_its_scheduler_nothing_is_left_with_hylafax(server, tmp_path):
    server.stop("faxq")
    jobs, documents = jobs_at(server), documents_at(server)
    try:
        with pytest.raises(CarrierUnavailable, match="FIFO"):
            handed_over(opened(server, seconds=10.0), tmp_path, to=SOMEBODY)
        assert (jobs_at(server), documents_at(server)) == (jobs, documents)
    finally:
        server.start_scheduler()
