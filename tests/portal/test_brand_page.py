"""The page on which a brand is set; papers and covers that follow it."""

import io
import re
from datetime import date

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from accounts.services.brands import brand_of
from accounts.services.statements import statement_pdf
from faxes.models import CoverTemplate
from faxes.services.cover_pages import cover_for
from tests.signing_in import sign_in


def picture(kind="PNG", size=(900, 200), ink="#101010", ground=(0, 0, 0, 0), **more):
    image = Image.new("RGBA", size, ground)
    ImageDraw.Draw(image).ellipse((20, 20, size[0] - 20, size[1] - 20), fill=ink)
    written = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" else image).save(written, kind, **more)
    return SimpleUploadedFile(f"logo.{kind.lower()}", written.getvalue())


class Desk(Client):
    """An administrator before the brand page of their account."""

    def __init__(self, house):
        super().__init__()
        sign_in(self, house.people["admin"])
        self.address = reverse("brand", kwargs={"account": house.id})


@pytest.fixture
def at(world):
    return Desk(world.harbor)


def save(at, do="save", **typed):
    return at.post(at.address, {"do": do, **typed})


def text(response):
    return response.content.decode()


def test_what_is_inherited_is_shown_as_such(world, at):
    save(at)
    shown = text(at.get(at.address))
    assert "If this is empty: Fax portal" in shown
    save(at, product_name="Quay")
    assert "Instead of “Fax portal”" in text(at.get(at.address))
    assert brand_of(world.northside.account).product_name == "Quay"


def test_a_preview_shows_everything_and_saves_nothing(world, at):
    before = brand_of(world.harbor.account)
    response = save(at, "preview", product_name="Quay", accent="#7a1fa2", logo=picture())
    shown = text(response)
    assert response.status_code == 200
    assert "Nothing is saved yet" in shown
    assert "/brand/7a1fa2-" in shown
    kept = re.search(r'name="kept_logo" value="(\w{32})"', shown)
    assert kept
    assert f"/brand/{kept[1]}.png" in shown
    assert brand_of(world.harbor.account) == before
    save(at, product_name="Quay", accent="#7a1fa2", kept_logo=kept[1])
    after = brand_of(world.harbor.account)
    assert after.logo
    assert after.logo.digest == kept[1], "the file need not be chosen again"
    assert after.logo_dark is None


def test_a_part_of_the_page_comes_alone_while_somebody_types(at):
    response = at.post(
        at.address, {"do": "preview", "accent": "#7a1fa2"}, headers={"x-fragment": "1"}
    )
    assert "<html" not in text(response)
    assert "/brand/7a1fa2-" in text(response)


def test_a_pale_colour_is_refused_with_its_ratio_and_one_click_takes_the_nearest(world, at):
    response = save(at, accent="#ffd400")
    assert response.status_code == 422
    assert "1.2:1" in text(response)
    offered = re.search(r'name="offered" value="(#\w{6})"', text(response))
    assert offered
    assert brand_of(world.harbor.account).accent == "#0b6a72"
    at.post(at.address, {"accent": "#ffd400", "offered": offered[1]})
    assert brand_of(world.harbor.account).accent == offered[1]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_anew_to_fit(world, at, kind):
    secret = b"where it was taken"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    file = picture(kind, exif=exif)
    assert save(at, logo=file).status_code == 302
    logo = brand_of(world.northside.account).logo
    assert logo
    data = Client().get(logo.url).content
    made = Image.open(io.BytesIO(data))
    assert (made.format, made.size) == ("PNG", (logo.width, logo.height))
    assert max(made.width / 640, made.height / 160) == pytest.approx(1, abs=0.02)
    assert secret not in data


@pytest.mark.parametrize(
    ("ink", "on_light", "on_dark"),
    [("#101010", True, False), ("#ffffff", False, True), ("#c03030", True, True)],
)
def test_a_logo_that_is_lost_on_a_ground_gets_a_plate_there(world, at, ink, on_light, on_dark):
    save(at, logo=picture(ink=ink))
    logo = brand_of(world.harbor.account).logo
    assert logo
    assert (logo.shows_on_light, logo.shows_on_dark) == (on_light, on_dark)
    shown = text(at.get("/profile/"))
    assert ("plate-on-dark" in shown) == (not on_dark)
    assert ("plate-on-light" in shown) == (not on_light)


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a" + bytes(50),
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"",
        b"x" * 5_000_001,
    ],
    ids=["svg", "gif", "broken", "empty", "large"],
)
def test_what_is_no_logo_is_refused_clearly(world, at, content):
    before = brand_of(world.harbor.account)
    assert before.logo
    file = SimpleUploadedFile("logo.png", content)
    response = save(at, product_name="Quay", kept_logo=before.logo.digest, logo=file)
    if content:
        assert response.status_code == 422
        assert "Save an SVG as PNG first" in text(response)
        assert brand_of(world.harbor.account) == before
        assert before.logo.digest in text(response), "the one that is there is not lost"


def test_a_logo_is_left_out(world, at):
    kept = brand_of(world.harbor.account).logo
    assert kept
    save(at, kept_logo=kept.digest, drop_logo="1")
    assert brand_of(world.northside.account).logo is None


def test_customers_have_no_such_page(world):
    client = Client()
    sign_in(client, world.northside.people["admin"])
    address = reverse("brand", kwargs={"account": world.northside.id})
    assert client.get(address).status_code == 404
    inbox = client.get(reverse("inbox", kwargs={"account": world.northside.id}))
    assert address not in text(inbox)


def test_papers_carry_the_brand_and_only_it(world, send, work, tmp_path):
    for tenant, own, other in (
        (world.northside, "Harbor", "Summit"),
        (world.redwood, "Summit", "Harbor"),
    ):
        fax = send(tenant, "+12025550100")
        work.run_to_end()
        client = Client()
        sign_in(client, tenant.people["admin"])
        kwargs = {"account": tenant.id, "fax": fax.pk}
        report = client.get(reverse("fax-report-pdf", kwargs=kwargs)).content
        statement = statement_pdf(tenant.admin, month=date(2026, 3, 1))
        for paper in (report, statement):
            page = pypdfium2.PdfDocument(paper)[0]
            words = page.get_textpage().get_text_range()
            assert f"{own} Fax" in words
            assert f"help@{own.lower()}.example" in words
            assert other not in words
            images = [each for each in page.get_objects() if each.type == 3]
            assert len(images) == 1, "the logo"


def test_a_ready_made_cover_names_the_brand_and_an_accounts_own_does_not(world):
    for tenant, own in ((world.northside, "Harbor Fax"), (world.redwood, "Summit Fax Cloud")):
        chosen = cover_for(tenant.admin, written="plain")
        assert chosen
        assert f"Sent with {own}" in chosen.template
    cover = CoverTemplate.rows.get(account=world.northside.account)
    chosen = cover_for(world.northside.admin, written=str(cover.pk))
    assert chosen
    assert "Harbor Fax" not in chosen.template
