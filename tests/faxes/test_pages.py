"""What is received is what was sent, pixel for pixel."""

import hashlib
import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from accounts.models import AuditEntry
from faxes.enums import DocumentRole, Quality
from faxes.errors import FaxNotFound
from faxes.models import Document
from faxes.services.pages import document_file, fax_file, fax_pdf, fax_tiff, page_png

HEADER_ROWS = {Quality.STANDARD: 16, Quality.FINE: 32, Quality.SUPERFINE: 64}


def rows_of(actor, fax, page):
    with fax_tiff(actor, fax_id=fax.pk) as tiff, Image.open(tiff) as picture:
        picture.seek(page)
        return np.asarray(picture.convert("1"))


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("header", ["", "Northside Clinic"])
def test_a_received_page_is_the_page_that_was_sent_under_the_header(
    world, work, send, quality, header
):
    world.northside.faxbox.header = header
    world.northside.faxbox.save()
    sent = send(world.northside, world.lakeside.number, pages=2, quality=quality)
    work.run_to_end()
    received = world.lakeside.faxbox.faxes.get()
    assert received.quality == quality
    for page in range(2):
        ours = rows_of(world.northside.admin, sent, page)
        theirs = rows_of(world.lakeside.admin, received, page)
        above = len(theirs) - len(ours)
        assert above == (HEADER_ROWS[quality] if header else 0)
        assert (theirs[above:] == ours).all()
        assert (ours == 0).any(), "there is something on the page"
        if header:
            assert (theirs[:above] == 0).any()


def test_the_pdf_shows_the_pages_in_their_true_size(world, work, send):
    fax = send(world.northside, "+12025550100", pages=2)
    work.run_to_end()
    with fax_pdf(world.northside.admin, fax_id=fax.pk) as pdf:
        document = pypdfium2.PdfDocument(pdf.read())
    assert len(document) == 2
    width, height = document[0].get_size()
    assert width == pytest.approx(612, abs=4)
    assert height == pytest.approx(792, abs=4)
    document.close()


def test_a_page_picture_has_the_width_asked_for_and_square_pixels(world, work, send):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    picture = Image.open(
        io.BytesIO(page_png(world.northside.admin, fax_id=fax.pk, page=1, width=600))
    )
    assert picture.format == "PNG"
    assert picture.width == 600
    assert picture.height == pytest.approx(600 * 11 / 8.47, abs=6)


@pytest.mark.parametrize("page", [0, 2, -1])
def test_there_is_no_page_beyond_the_pages(world, work, send, page):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    with pytest.raises(FaxNotFound):
        page_png(world.northside.admin, fax_id=fax.pk, page=page, width=200)


def test_the_rendered_document_is_exactly_what_goes_over_the_line(world, work, send):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    document = Document.rows.get(fax=fax, role=DocumentRole.RENDERED)
    facts = fax.attempts.get().page_facts
    assert [(page["width"], page["rows"]) for page in facts] == [
        (1728, rows_of(world.northside.admin, fax, 0).shape[0])
    ]
    assert document.pages == 1


def read(file):
    with file.open() as stream:
        return stream.read()


def downloads(fax):
    entries = AuditEntry.objects.filter(object_id=fax.pk, action="fax.download").order_by("number")
    return [entry.facts.get("format") for entry in entries]


def test_a_file_is_the_same_bytes_under_the_same_tag_each_time(world, work, send):
    sent = send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    received = world.lakeside.faxbox.faxes.get()
    for actor, fax in ((world.northside.admin, sent), (world.lakeside.admin, received)):
        tags = set()
        for form in ("pdf", "tiff"):
            first, again = (fax_file(actor, fax_id=fax.pk, form=form) for _ in range(2))
            assert first.tag == again.tag
            assert read(first) == read(again)
            tags.add(first.tag)
        assert len(tags) == 2
        tiff = fax_file(actor, fax_id=fax.pk, form="tiff")
        assert tiff.tag == hashlib.sha256(read(tiff)).hexdigest()


def test_each_document_is_had_as_it_was_brought(world, work, send):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    actor = world.northside.admin
    source = fax.documents.get(role=DocumentRole.SOURCE)
    file = document_file(actor, fax_id=fax.pk, document_id=source.pk)
    assert (file.media_type, file.name) == ("application/pdf", "letter.pdf")
    assert hashlib.sha256(read(file)).hexdigest() == file.tag == source.sha256
    stranger, other = world.lakeside.admin, send(world.northside, "+12025550100")
    for actor_, fax_id, key in (
        (stranger, fax.pk, source.pk),
        (actor, other.pk, source.pk),
        (actor, fax.pk, fax.pk),
    ):
        with pytest.raises(FaxNotFound):
            document_file(actor_, fax_id=fax_id, document_id=key)


def test_a_download_is_on_record_once_however_many_parts_it_comes_in(world, work, send):
    fax = send(world.northside, "+12025550100")
    work.run_to_end()
    actor, member = world.northside.admin, world.northside.member
    fax_file(actor, fax_id=fax.pk, form="pdf")
    assert downloads(fax) == []
    fax_file(actor, fax_id=fax.pk, form="pdf").open().close()
    for _ in range(3):
        fax_file(actor, fax_id=fax.pk, form="pdf", later_part=True).open().close()
    assert downloads(fax) == ["pdf"]
    fax_file(member, fax_id=fax.pk, form="pdf", later_part=True).open().close()
    assert downloads(fax) == ["pdf", None]
    fax_file(actor, fax_id=fax.pk, form="tiff").open().close()
    assert downloads(fax) == ["pdf", None, "tiff"]
