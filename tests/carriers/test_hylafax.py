"""The HylaFAX carrier against a scripted hfaxd that fails; a real one is in tests/real."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.carriers.base import CarrierInDoubt, CarrierRefused, CarrierUnavailable
from faxes.enums import Outcome, Quality
from faxes.wire import hylafax as wire
from tests.carriers.doors import Pages, fax_of, fetched, opened, sent
from tests.unit.line.pages import letter, write_tiff
from tests.upstreams.hylafax import BETWEEN, Trouble, plain, scripted

SECONDS = 0.5


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    file = tmp_path_factory.mktemp("pages") / "fax.tiff"
    return Pages(write_tiff(file, [letter(n, share_of_page=0.1) for n in (1, 2)]).read_bytes())


def test_a_job_says_all_that_a_fax_is_to_be(pages):
    with scripted() as server:
        carrier = opened(server, prefix="9,011", modem="ttyS7")
        fax = fax_of(
            pages,
            to_number="+4930123456",
            header='Dr. "Müller" \\ 100 % | fax',
            time_zone="Asia/Tokyo",
            quality=Quality.STANDARD,
            ecm=False,
            most_bits=9600,
        )
        assert carrier.submit(fax) == "7"
        job = server.jobs["7"]
    assert job["document"] == str(len(pages.as_tiff))
    assert job["JOBINFO"] == str(fax.key)
    assert (job["DIALSTRING"], job["EXTERNAL"]) == ("9,0114930123456", "+4930123456")
    assert (job["MAXDIALS"], job["MAXTRIES"], job["MODEM"]) == ("1", "1", "ttyS7")
    assert (job["VRES"], job["USEXVRES"], job["PAGECHOP"]) == ("98", "NO", "none")
    assert (job["USEECM"], job["BEGBR"], job["TSI"]) == ("NO", "3", "Northside")
    tokyo = datetime.now(UTC) + timedelta(hours=9)
    header, when, numbers = job["TAGLINE"].split("|")
    assert header == 'Dr. "Müller" \\ 100   / fax Northside'
    assert when.startswith(f"{tokyo:%Y-%m-%d}")
    assert numbers == "Page %%P of %%T"


@pytest.mark.parametrize(("header", "header_line"), [("", True), ("Northside", False)])
def test_without_a_header_none_is_printed_not_even_the_servers_own(pages, header, header_line):
    with scripted() as server:
        opened(server, header_line=header_line).submit(fax_of(pages, header=header))
        job = server.jobs["7"]
    assert (job["USETAGLINE"], job["TAGLINE"]) == ("YES", " ")
    assert "BEGBR" not in job


def test_data_goes_to_the_address_of_the_session_whatever_is_told(pages):
    with scripted(liar=True) as server:
        assert opened(server).submit(fax_of(pages)) == "7"


def test_a_no_to_the_number_is_one_to_this_fax_and_to_the_rest_of_a_job_one_to_all(pages):
    with scripted(refused="DIALSTRING") as server, pytest.raises(CarrierRefused) as no:
        opened(server).submit(fax_of(pages))
    assert no.value.outcome is Outcome.DIAL_FAILED
    with scripted(refused="MODEM") as server, pytest.raises(CarrierUnavailable):
        opened(server).submit(fax_of(pages))


@pytest.mark.parametrize("trouble", Trouble)
def test_only_a_definite_no_lets_a_fax_go_elsewhere(pages, trouble):
    sure = {Trouble.REFUSES, Trouble.HAS_NO_SCHEDULER}
    began = time.monotonic()
    with scripted(trouble=trouble) as server:
        with pytest.raises(CarrierUnavailable if trouble in sure else CarrierInDoubt):
            opened(server, seconds=SECONDS).submit(fax_of(pages))
        assert not (server.jobs and trouble in sure)
    assert time.monotonic() - began < SECONDS + 5


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"220",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff" * 20_000,
        b"220-x\r\n" * 9,
        b"5\r\n",
    ],
)
def test_what_is_no_hfaxd_takes_nothing_and_no_time(pages, garbage):
    began = time.monotonic()
    with scripted(garbage=garbage or b"\0") as server:
        carrier = opened(server, seconds=SECONDS)
        with pytest.raises(CarrierUnavailable):
            carrier.submit(fax_of(pages))
    assert time.monotonic() - began < SECONDS + 5


def test_who_was_stopped_until_its_time_was_over_hands_nothing_over(pages):
    with scripted() as server:
        carrier = opened(server, until=time.monotonic())
        with pytest.raises(CarrierUnavailable, match="no time is left"):
            carrier.submit(fax_of(pages))
        assert not server.jobs


def test_a_wrong_password_is_told_and_never_repeated(pages):
    with scripted() as server:
        carrier = opened(server, password='wr"ong')
        with pytest.raises(CarrierUnavailable) as refused:
            carrier.submit(fax_of(pages))
        assert "ong" not in str(refused.value)
        with pytest.raises(CarrierUnavailable):
            carrier.check()


def row(job, state, info, pages=0, dials=0, status=""):
    return BETWEEN.join(map(str, (job, state, info, pages, dials, status)))


STATUSES = {
    "Busy signal detected; too many attempts to dial": (333, Outcome.BUSY),
    "No answer from remote; too many attempts to dial": (333, Outcome.NO_ANSWER),
    "No carrier detected": (2, Outcome.NO_CARRIER),
    "No receiver protocol (T.30 T1 timeout); too many attempts to send": (334, Outcome.NO_CARRIER),
    "No response to PPS repeated 3 times.": (147, Outcome.TRANSMIT_ERROR),
    "Job aborted by request": (345, Outcome.CANCELED),
    "Kill time expired": (325, Outcome.INTERNAL_ERROR),
    "REJECT: Unable to convert dial string to canonical format": (327, Outcome.DIAL_FAILED),
    "Something new": (999, Outcome.TRANSMIT_ERROR),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_failed_job_tells_its_cause_and_its_pages(status):
    code, outcome = STATUSES[status]
    file = f"status:{status}\nstatuscode:{code}\nsignalrate:9600 bit/s\ncsi:+49 30\n"
    one = sent("7")
    with scripted(files={"doneq/q7": file.encode()}) as server:
        server.queues["doneq"] = [row(6, "D", "another"), row(7, "F", one.key, 1, 1, status)]
        result = opened(server).find(one).result
    assert (result.outcome, result.pages_sent) == (outcome, 1)
    assert result.facts == {
        "bit_rate": 9600,
        "remote_station_id": "+49 30",
        "completion_code": code,
        "completion_text": status,
        "carrier_tries": 1,
    }


def test_a_job_on_its_way_tells_how_far_it_is():
    one = sent("7")
    with scripted() as server:
        carrier = opened(server)
        for state, pages, phase in (("W", 0, ""), ("R", 0, "dialing"), ("R", 2, "page")):
            server.queues["sendq"] = [row(7, state, one.key, pages)]
            status = carrier.find(one)
            assert (status.phase, status.pages_done, status.result) == (phase, pages, None)


def test_a_job_that_is_gone_was_never_there_only_where_that_is_sure():
    with scripted() as server:
        carrier = opened(server)
        assert carrier.find(sent("")) is None
        long_ago = datetime.now(UTC) - timedelta(minutes=11)
        for one in (sent("7"), sent("", at=long_ago)):
            assert carrier.find(one).result.outcome == Outcome.UNKNOWN
        twice = sent("")
        server.queues["sendq"] = [row(7, "W", twice.key), row(8, "W", twice.key)]
        with pytest.raises(CarrierInDoubt):
            carrier.find(twice)


def test_arrivals_are_told_apart_even_under_one_name(tmp_path):
    def lie(at, size, coming=" "):
        told = ("fax000000001.tif", coming, at, size, 2, "+1 202", "12025550188", 98)
        return BETWEEN.join(map(str, told))

    log = "\t".join(
        [
            "d",
            "RECV",
            "1",
            "m",
            "recvq/fax000000001.tif",
            '""',
            "fax",
            '"+1.202.555.0123"',
            *"tpnjc",
        ]
    )
    files = {"log/xferfaxlog": f'{log}\t"V.21 signal lost"\t""\n'.encode()}
    files["recvq/fax000000001.tif"] = b"II*\0"
    with scripted(files=files) as server:
        carrier = opened(server)
        server.queues["recvq"] = [lie(1_700_000_000, 500)]
        (first,) = carrier.received_since(None)
        assert (first.called, first.caller, first.pages) == ("+12025550123", "12025550188", 2)
        assert (first.complete, first.quality) == (False, Quality.STANDARD)
        assert fetched(carrier, first.ref, tmp_path) == b"II*\0"
        server.queues["recvq"] = [lie(1_700_000_100, 500)]
        with pytest.raises(CarrierInDoubt):
            fetched(carrier, first.ref, tmp_path)
        assert carrier.arrival(first.ref) is None
        assert carrier.forget_arrival(first.ref) is False
        assert not any(line.startswith("DELE") for line in server.heard)
        server.queues["recvq"] = [lie(1_700_000_200, 500, "*"), "nonsense", ""]
        assert list(carrier.received_since(None)) == []


@given(st.text(st.characters(max_codepoint=255)))
def test_whatever_is_quoted_is_read_as_it_was_and_stays_one_line(text):
    said = wire.quoted(text)
    assert said.isascii()
    assert said.isprintable()
    assert plain(said) == text
