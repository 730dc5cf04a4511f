"""What arrives is, pixel for pixel, what was sent, under the header."""

from itertools import product

import pytest

from faxes.enums import Outcome, Quality
from faxes.line.exchange import Medium
from faxes.line.station import Compression, Modem, Station
from tests.unit.line.calls import connect
from tests.unit.line.pages import HEADER_ROWS, WIDTH, below, blank, letter, pixels, write_tiff

T6 = Compression.T6


@pytest.mark.parametrize(("quality", "medium"), list(product(Quality, Medium)))
def test_whole_pages_of_every_quality_arrive_unchanged(documents, received, quality, medium):
    document = documents(2, quality, 1.0 if medium is Medium.T38 else 0.2)
    result = connect(document, received, medium=medium)
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert result.caller.quality is quality
    assert pixels(received) == pixels(document)


@pytest.mark.parametrize(
    ("quality", "compression", "ecm"),
    [
        (quality, compression, ecm)
        for quality, compression, ecm in product(Quality, Compression, [True, False])
        if ecm or compression is not T6
    ],
)
def test_every_compression_brings_the_same_pixels(documents, received, quality, compression, ecm):
    caller = Station(station_id="1", compressions=frozenset({compression}), ecm=ecm)
    result = connect(documents(1, quality), received, caller=caller)
    assert result.outcome is Outcome.DELIVERED
    assert result.caller is not None
    assert (result.caller.compression, result.caller.ecm) == (compression, ecm)
    assert pixels(received) == pixels(documents(1, quality))


@pytest.mark.parametrize(
    ("modem", "bit_rate"),
    [(Modem.V17, 14400), (Modem.V29, 9600), (Modem.V27TER, 4800), (Modem.V27TER_2400, 2400)],
)
@pytest.mark.parametrize("medium", list(Medium))
def test_every_modem_brings_the_same_pixels(documents, received, modem, bit_rate, medium):
    document = documents(1, Quality.STANDARD, 0.1)
    called = Station(station_id="1", modem=modem)
    result = connect(document, received, called=called, medium=medium)
    assert result.caller is not None
    assert result.caller.bit_rate == bit_rate
    assert pixels(received) == pixels(document)


@pytest.mark.parametrize("quality", list(Quality))
def test_a_header_adds_its_rows_above_the_page_and_changes_nothing_below(
    documents, received, quality
):
    document = documents(2, quality)
    connect(document, received, caller=Station(station_id="1", header="Müller & Söhne"))
    rows = HEADER_ROWS[quality]
    arrived = pixels(received)
    assert [below(page, rows) for page in arrived] == pixels(document)
    for _size, bits in arrived:
        assert any(bits[: rows * WIDTH // 8])  # there is ink in it


def test_without_a_header_the_page_begins_with_its_first_row(documents, received):
    connect(documents(1), received, caller=Station(station_id="1", header="  \n "))
    assert pixels(received) == pixels(documents(1))


@pytest.mark.parametrize("compression", ["group3", "group4", "packbits", "tiff_lzw"])
def test_the_compression_of_the_document_itself_does_not_matter(tmp_path, received, compression):
    page = letter(7, share_of_page=0.2)
    document = write_tiff(tmp_path / "sent.tiff", [page], compression=compression)
    result = connect(document, received)
    assert result.outcome is Outcome.DELIVERED
    assert pixels(received) == pixels(document)


def test_pages_may_differ_in_length_and_have_no_ink_at_all(tmp_path, received):
    pages = [blank(), letter(1, share_of_page=0.05), blank()]
    document = write_tiff(tmp_path / "sent.tiff", pages)
    result = connect(document, received)
    assert result.outcome is Outcome.DELIVERED
    assert pixels(received) == pixels(document)
    assert result.called is not None
    assert [page.rows for page in result.called.page_facts] == [page.height for page in pages]


def test_each_page_has_its_facts_at_both_ends(documents, received):
    result = connect(documents(2), received)
    assert result.caller is not None
    assert result.called is not None
    for end in (result.caller, result.called):
        assert [page.number for page in end.page_facts] == [1, 2]
        for page in end.page_facts:
            assert (page.frame, page.bit_rate, page.compression) == ("MCF", 14400, T6)
            assert (page.width, page.quality) == (WIDTH, Quality.FINE)
            assert page.image_bytes is not None
            assert page.image_bytes > 1000
            assert page.ecm_retries == 0
            assert page.bad_rows is None  # there are none where errors are corrected


def test_packets_sent_at_once_take_the_time_on_the_line_that_sounds_take(documents, received):
    document = documents(2, share_of_page=1.0)
    audio = connect(document, received, medium=Medium.AUDIO)
    packets = connect(document, received, medium=Medium.T38)
    assert packets.line_seconds == pytest.approx(audio.line_seconds, rel=0.1)
