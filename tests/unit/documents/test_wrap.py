"""A wrapped fax shows exactly the pixels of the fax, in three independent readers of PDF."""

import subprocess

import numpy as np
import pytest
from PIL import Image

from faxes.documents.ifd import Tag
from faxes.documents.readers.base import FaxBits
from faxes.documents.readers.pdf import PdfReader
from faxes.documents.tiff import directories_of, read_fax_tiff
from faxes.documents.wrap import NotWrappable, tiff_to_pdf
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import fax_tiff, page_of_text, source_of, tiffcp
from tests.unit.documents.pdf_readers import READERS, by_pdfium

PAGE = page_of_text(700)
FORMS = {
    "T.4 1-D": ("-c", "g3:1d"),
    "T.4 1-D, filled": ("-c", "g3:1d:fill"),
    "T.4 2-D": ("-c", "g3:2d"),
    "T.4 2-D, filled": ("-c", "g3:2d:fill"),
    "T.6": ("-c", "g4"),
    "T.4 1-D in strips": ("-c", "g3:1d", "-r", "64"),
    "T.4 2-D in strips": ("-c", "g3:2d", "-r", "63"),
    "T.6 in strips": ("-c", "g4", "-r", "64"),
    "T.6, turned bits": ("-c", "g4", "-f", "lsb2msb"),
    "T.4 1-D, turned bits": ("-c", "g3:1d", "-f", "lsb2msb"),
    "T.6, other byte order": ("-c", "g4", "-B"),
}


@pytest.fixture(params=FORMS, ids=str)
def coded(request, tmp_path):
    plain = fax_tiff(tmp_path / "plain.tif", PAGE, ~PAGE)
    return tiffcp(plain, tmp_path / "coded.tif", *FORMS[request.param])


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_sees_the_same_pixels(coded, tmp_path, reader):
    pdf = tmp_path / "fax.pdf"
    tiff_to_pdf(coded, pdf)

    assert (reader(pdf, 0, 1728, 700) == PAGE).all()
    assert (reader(pdf, 1, 1728, 700) == ~PAGE).all()


@pytest.mark.parametrize("reader", READERS)
def test_black_may_be_zero(tmp_path, reader):
    path = tmp_path / "inverse.tif"
    Image.fromarray(~PAGE).save(path, compression="group4", dpi=(204, 196))
    assert directories_of(path)[0].integer(Tag.PHOTOMETRIC, 0) == 1
    pdf = tmp_path / "fax.pdf"
    tiff_to_pdf(path, pdf)

    assert (reader(pdf, 0, 1728, 700) == PAGE).all()


@pytest.mark.parametrize("reader", READERS)
def test_rows_without_end_of_line_codes(tmp_path, reader):
    path = tmp_path / "rows.tif"
    Image.fromarray(~PAGE).save(path, compression="tiff_ccitt", dpi=(204, 196))
    pdf = tmp_path / "fax.pdf"
    tiff_to_pdf(path, pdf)

    assert (reader(pdf, 0, 1728, 700) == PAGE).all()


@pytest.mark.parametrize("quality", Quality)
def test_pages_have_the_size_of_the_paper_they_were(tmp_path, quality):
    rows = {Quality.STANDARD: 1078, Quality.FINE: 2156, Quality.SUPERFINE: 4301}[quality]
    pdf = tmp_path / "fax.pdf"
    tiff_to_pdf(fax_tiff(tmp_path / "fax.tif", page_of_text(rows), quality=quality), pdf)
    said = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout

    (size,) = [line for line in said.splitlines() if line.startswith("Page size")]
    assert float(size.split()[2]) == pytest.approx(1728 / 204 * 72, abs=0.1)
    assert float(size.split()[4]) == pytest.approx(792, abs=0.5)


def test_the_coded_data_are_carried_over_unchanged(tmp_path):
    tiff, pdf = fax_tiff(tmp_path / "fax.tif", PAGE), tmp_path / "fax.pdf"
    (directory,) = directories_of(tiff)
    start, size = (directory.integers(tag)[0] for tag in (Tag.STRIP_OFFSETS, Tag.STRIP_BYTES))

    tiff_to_pdf(tiff, pdf)

    assert tiff.read_bytes()[start : start + size] in pdf.read_bytes()
    assert pdf.stat().st_size < size + 1200


def test_a_fax_made_pdf_made_fax_is_the_same_fax(tmp_path):
    page = page_of_text(2279)
    pdf = tmp_path / "fax.pdf"
    tiff_to_pdf(fax_tiff(tmp_path / "fax.tif", page), pdf)

    with PdfReader(source_of(pdf)) as reader:
        drawn = reader.draw(1)
        assert isinstance(drawn, FaxBits)
        assert (drawn.bits == np.packbits(page, axis=1)).all()


@pytest.mark.parametrize("coding", ["lzw", "none"])
def test_what_is_not_coded_as_a_fax_is_not_wrapped(tmp_path, coding):
    path = tiffcp(fax_tiff(tmp_path / "fax.tif", PAGE), tmp_path / "out.tif", "-c", coding)

    with pytest.raises(NotWrappable):
        tiff_to_pdf(path, tmp_path / "fax.pdf")

    assert not (tmp_path / "fax.pdf").exists()


def test_what_is_no_tiff_is_refused(tmp_path):
    path = tmp_path / "fax.tif"
    path.write_bytes(b"%PDF-1.4 not a TIFF at all")

    with pytest.raises(DocumentError) as caught:
        tiff_to_pdf(path, tmp_path / "fax.pdf")

    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


def test_hundreds_of_pages(tmp_path):
    tiff, pdf = fax_tiff(tmp_path / "fax.tif", *[PAGE[:100]] * 300), tmp_path / "fax.pdf"
    tiff_to_pdf(tiff, pdf)

    assert len(read_fax_tiff(tiff)) == 300
    assert (by_pdfium(pdf, 299, 1728, 100) == PAGE[:100]).all()
