"""A fax as files: PDF, TIFF, pictures of its pages, the transmission report."""

import io

import pypdfium2
import pytest
from PIL import Image

from faxes.services.privacy import strip_fax

FILES = ("fax-document-pdf", "fax-document-tiff", "fax-report-pdf")


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_pages_come_as_a_pdf(world, visit, arrived):
    response = visit(world.northside).get("fax-document-pdf", fax=arrived.pk)
    assert response["Content-Type"] == "application/pdf"
    assert len(pypdfium2.PdfDocument(body(response))) == 3


def test_the_pages_come_as_they_came_over_the_line(world, visit, arrived):
    response = visit(world.northside).get("fax-document-tiff", fax=arrived.pk)
    assert response["Content-Type"] == "image/tiff"
    with Image.open(io.BytesIO(body(response))) as tiff:
        assert (getattr(tiff, "n_frames", 1), tiff.width) == (3, 1728)


@pytest.mark.parametrize(
    ("query", "width"),
    [("?width=96", 96), ("", 864), ("?width=1", 32), ("?width=99999", 864), ("?width=9999", 1728)],
)
def test_a_page_comes_as_a_picture_of_a_sensible_width(world, visit, arrived, query, width):
    response = visit(world.northside).get("fax-page", query, fax=arrived.pk, page=2)
    assert response["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(response.content)) as picture:
        assert picture.width == width


def test_a_browser_keeps_a_picture_and_asks_whether_it_may(world, visit, arrived):
    visitor = visit(world.northside)
    first = visitor.get("fax-page", fax=arrived.pk, page=1)
    known = {"If-None-Match": first["ETag"]}
    address = visitor.address("fax-page", fax=arrived.pk, page=1)

    again = visitor.client.get(address, headers=known)

    assert first["Cache-Control"] == again["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    for other in (f"{address}?width=96", visitor.address("fax-page", fax=arrived.pk, page=2)):
        assert visitor.client.get(other, headers=known).status_code == 200


@pytest.mark.parametrize("known", ["its own", "*"])
def test_a_picture_that_is_gone_or_not_theirs_is_never_confirmed(world, visit, arrived, known):
    visitor = visit(world.northside)
    tag = visitor.get("fax-page", fax=arrived.pk, page=1)["ETag"] if known == "its own" else known
    stranger = visit(world.lakeside)

    def asked(by):
        address = by.address("fax-page", fax=arrived.pk, page=1)
        return by.client.get(address, headers={"If-None-Match": tag})

    assert asked(visitor).status_code == 304
    assert asked(stranger).status_code == 404
    strip_fax(world.northside.admin, fax_id=arrived.pk)
    gone = asked(visitor)
    assert gone.status_code == 404
    assert "ETag" not in gone


@pytest.mark.parametrize("page", [0, 4])
def test_there_is_no_other_page(world, visit, arrived, page):
    assert visit(world.northside).get("fax-page", fax=arrived.pk, page=page).status_code == 404


def test_the_report_is_one_page_and_names_both_ends(world, visit, send, work):
    fax = send(world.northside, "+12025550107", subject="Referral")
    work.run_to_end()
    response = visit(world.northside).get("fax-report-pdf", fax=fax.pk)
    assert response["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(response.content)
    assert len(document) == 1
    words = document[0].get_textpage().get_text_range()
    for part in ("Transmission report", "Northside Clinic", "+12025550107", "+12025550121",
                 "Referral", "Delivered", "Busy", str(fax.pk)):  # fmt: skip
        assert part in words


@pytest.mark.parametrize("name", FILES)
def test_no_cache_may_keep_them(world, visit, arrived, name):
    response = visit(world.northside).get(name, fax=arrived.pk)
    assert "no-store" in response["Cache-Control"]
    body(response)


@pytest.mark.parametrize("name", FILES)
def test_a_stranger_finds_nothing(world, visit, arrived, name):
    assert visit(world.lakeside).get(name, fax=arrived.pk).status_code == 404


def test_pages_that_do_not_open_without_the_sites_key_are_said_to_be_there(
    world, visit, arrived, settings
):
    settings.SITE_KEYS = ["another key of the site" * 2]
    visitor = visit(world.northside)
    for response in (
        visitor.get("fax-document-pdf", fax=arrived.pk),
        visitor.get("fax-document-tiff", fax=arrived.pk),
        visitor.get("fax-page", fax=arrived.pk, page=1),
    ):
        assert response.status_code == 503
        assert b"cannot be opened at present" in response.content
