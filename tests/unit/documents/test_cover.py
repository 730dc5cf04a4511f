"""Cover pages: values are data, what is wrong is told with its line, pages are counted right."""

import io
import re
import subprocess
import sys

import pytest
from PIL import Image

from faxes.documents import cover, pipeline, tiff
from faxes.documents.cover import Facts, Look
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError, RequestError

USUAL = Facts(
    to="(312) 555-0122",
    sender="Northside Clinic, Reception\n(202) 555-0121",
    date="Saturday, 21 November 2026, 07:33 EST",
    subject="Referral for Mrs. Ellis",
    message="Dear Dr. Jones,\n\nplease find the referral attached.",
)
LONG = Facts(
    to="Dr. Maximilian Featherstonehaugh-Cholmondeley, Cardiothoracic Surgery\n(312) 555-0122",
    sender="Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft",
    date=USUAL.date,
    subject="W" * 200,
    message="The quick brown fox jumps over the lazy dog. " * 110,
)
OTHER_WAYS = Facts(
    to="مستشفى الملك فيصل التخصصي\n+966 11 555 0100",
    sender="ד״ר כהן, מרפאה",
    date=USUAL.date,
    subject="検査結果について" * 10,
    message="السلام عليكم، نرفق لكم نتائج فحوصات المريض.\n\n" + "検査結果をお送りします。" * 40,
)
LOOK = Look(
    letterhead="Northside Clinic\n1200 Harbor Street\nWashington, DC 20005",
    footnote="If it reached you by mistake, please call (202) 555-0120. " * 5,
)
MARGIN = 80  # columns, 10 mm: nothing is that near to the edge


def filled(template, **values):
    return cover._filled(cover._parse(template), values)


def made(template, tmp_path, *, facts=USUAL, quality=Quality.FINE, paper=Paper.LETTER, body=3):
    out = tmp_path / "cover.tiff"
    pages = cover.render(template, facts, out, body_pages=body, quality=quality, paper=paper)
    return out, pages.pages


def wrong(template):
    with pytest.raises(RequestError) as caught:
        cover.check(template)
    return caught.value.code, caught.value.params


# --- The language -------------------------------------------------------------------------------


def test_a_value_is_text_whatever_it_says():
    nasty = '<script>"{{to}}" & {{#from}}</script>'
    shown = filled("<p>{{message}}</p>", message=nasty)
    assert "<script" not in shown
    assert '"' not in shown
    assert "{" not in shown, "what is filled in must not be a tag for the next who reads it"
    assert filled(shown, to="Somebody") == shown


@pytest.mark.parametrize(
    ("subject", "shown"), [("Hello", "[Hello]"), ("", "none"), (" ", "[ ]"), ("0", "[0]")]
)
def test_a_part_is_shown_if_there_is_a_value_or_if_there_is_none(subject, shown):
    template = "{{#subject}}[{{ subject }}]{{/subject}}{{^subject}}none{{/subject}}"
    assert filled(template, subject=subject) == shown


def test_parts_lie_within_parts():
    template = "{{#to}}a{{#from}}b{{^date}}c{{/date}}{{/from}}{{/to}}d"
    assert filled(template, to="x", date="", **{"from": "y"}) == "abcd"
    assert filled(template, to="", date="", **{"from": "y"}) == "d"


def test_what_is_not_known_yet_stays_for_later():
    completed = cover.complete("{{heading}}: {{#message}}{{message}}{{/message}}", Look("Fax"))
    assert completed == "Fax: {{#message}}{{message}}{{/message}}"


@pytest.mark.parametrize(
    ("template", "code", "facts"),
    [
        ("a\nb {{too}}", ErrorCode.COVER_NAME_UNKNOWN, {"line": 2, "name": "too"}),
        ("{{{message}}}", ErrorCode.COVER_TAG_UNREADABLE, {"line": 1}),
        ("{{&message}}", ErrorCode.COVER_NAME_UNKNOWN, {"line": 1, "name": "&message"}),
        ("\n\n{{ to", ErrorCode.COVER_TAG_UNREADABLE, {"line": 3}),
        ("{{}}", ErrorCode.COVER_NAME_UNKNOWN, {"line": 1, "name": ""}),
        ("{{to}}\n{{#to}}", ErrorCode.COVER_SECTION_UNBALANCED, {"line": 2, "name": "to"}),
        ("{{/to}}", ErrorCode.COVER_SECTION_UNBALANCED, {"line": 1, "name": "to"}),
        (
            "{{#to}}\n{{#from}}\n{{/to}}{{/from}}",
            ErrorCode.COVER_SECTION_UNBALANCED,
            {"line": 3, "name": "to"},
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(template, code, facts):
    assert wrong(template) == (code, facts)


def test_braces_of_a_style_are_no_tags():
    cover.check("<style>@media print { p { color: black }} @page { margin: 1cm }</style>")


def test_parts_cannot_lie_in_each_other_without_end():
    assert wrong("{{#to}}" * 5000)[0] is ErrorCode.COVER_SECTION_UNBALANCED


def test_a_value_that_is_shown_ten_thousand_times_is_refused(tmp_path):
    with pytest.raises(DocumentError) as caught:
        made("{{message}}" * 10_000, tmp_path, facts=LONG)
    assert caught.value.code is ErrorCode.COVER_UNUSABLE


# --- Pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("name", cover.LAYOUTS)
def test_a_cover_that_ships_is_one_page_of_black_on_white(name, paper, tmp_path):
    _, pages = made(cover.complete(cover.layout(name), LOOK), tmp_path, paper=paper)
    assert [page.decided for page in pages] == ["text"], "no shade, so no dots"


@pytest.mark.parametrize("facts", [LONG, OTHER_WAYS], ids=["long", "other ways"])
@pytest.mark.parametrize("name", cover.LAYOUTS)
def test_whatever_is_told_stays_within_the_margins(name, facts, tmp_path):
    out, pages = made(cover.complete(cover.layout(name), LOOK), tmp_path, facts=facts)
    for page in pages:
        bits = tiff.page_bits(out, page.number)
        assert bits.any()
        assert not bits[:, : MARGIN // 8].any()
        assert not bits[:, -MARGIN // 8 :].any()


@pytest.mark.parametrize("name", cover.LAYOUTS)
def test_the_type_is_large_and_the_rules_are_no_hairlines(name):
    style = cover.layout(name)
    found = re.findall(r"([\d.]+)pt(?:/[\d.]+)? \"|size: ([\d.]+)pt", style)
    sizes = [float(one or other) for one, other in found]
    rules = [float(width) for width in re.findall(r"border[a-z-]*: ([\d.]+)pt", style)]
    assert min(sizes) >= 10
    assert min(rules) >= 0.5
    assert not re.search(r"gr[ae]y|rgba?\(|opacity|#(?!000)[0-9a-f]{3}", style)


def test_the_pages_it_tells_are_all_pages_when_it_is_longer_than_one(tmp_path):
    template = "<p style='white-space: pre-wrap'>{{pages}} {{message}}"
    out, pages = made(template, tmp_path, facts=LONG, body=7)
    own = len(pages)
    assert own > 1
    literal = template.replace("{{pages}}", str(own + 7))
    (tmp_path / "other").mkdir()
    same, _ = made(literal, tmp_path / "other", facts=LONG)
    assert out.read_bytes() == same.read_bytes()


def test_a_message_without_end_is_refused(tmp_path):
    endless = Facts(to="1", sender="2", date="3", message="a\n" * 2500)
    with pytest.raises(DocumentError) as caught:
        made(cover.complete(cover.layout("plain"), Look()), tmp_path, facts=endless)
    assert (caught.value.code, caught.value.field) == (ErrorCode.COVER_TOO_LONG, "cover")
    assert caught.value.params == {"limit": cover.MOST_PAGES}


@pytest.mark.parametrize("where", ["https://192.0.2.1/x.png", "file:///etc/passwd", "x.png"])
def test_a_page_that_wants_something_from_elsewhere_goes_without(where, tmp_path):
    with_it, _ = made(f"<p>{{{{to}}}}<img src='{where}'>", tmp_path)
    (tmp_path / "other").mkdir()
    without, _ = made("<p>{{to}}", tmp_path / "other")
    assert with_it.read_bytes() == without.read_bytes()


@pytest.mark.parametrize("name", ["letter", "", "../covers/plain"])
def test_a_layout_that_does_not_ship_is_not_found(name):
    with pytest.raises(RequestError) as caught:
        cover.layout(name)
    assert caught.value.code is ErrorCode.COVER_NOT_FOUND


def test_it_needs_no_django(tmp_path):
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from faxes.documents import cover\n"
        "from faxes.enums import Paper, Quality\n"
        "facts = cover.Facts(to='1', sender='2', date='3')\n"
        "page = cover.complete(cover.layout('plain'), cover.Look())\n"
        f"out = Path({str(tmp_path)!r}) / 'cover.tiff'\n"
        "cover.render(page, facts, out, body_pages=1, quality=Quality.FINE, paper=Paper.A4)\n"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert len(pipeline.verify(tmp_path / "cover.tiff")) == 1


# --- Logos --------------------------------------------------------------------------------------


def picture(tmp_path, form="PNG", size=(900, 300), mode="RGBA"):
    path = tmp_path / "logo"
    image = Image.new(mode, size, "white")
    image.paste("black", (100, 100, 400, 200))
    image.save(path, form)
    return path


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("JPEG", "RGB")])
def test_a_logo_becomes_a_small_grey_picture(form, mode, tmp_path):
    logo = Image.open(io.BytesIO(cover.normal_logo(picture(tmp_path, form, (4000, 1000), mode))))
    assert (logo.format, logo.mode, logo.size) == ("PNG", "L", (800, 200))


@pytest.mark.parametrize("colour", ["#145096", "#b02020", "#207040", "#ffe680"])
@pytest.mark.parametrize("quality", [Quality.STANDARD, Quality.FINE])
def test_a_logo_of_one_colour_becomes_black_and_no_dots(colour, quality, tmp_path):
    path = tmp_path / "logo"
    image = Image.new("RGB", (900, 300), "white")
    image.paste(colour, (100, 50, 500, 250))
    image.save(path, "PNG")
    page = cover.complete(cover.layout("plain"), Look(logo=cover.normal_logo(path)))
    assert [each.decided for each in made(page, tmp_path, quality=quality)[1]] == ["text"]


def test_a_logo_is_printed_within_its_box(tmp_path):
    for size in ((900, 300), (100, 2000), (3000, 40)):
        look = Look(logo=cover.normal_logo(picture(tmp_path, size=size)))
        for name in cover.LAYOUTS:
            _, pages = made(cover.complete(cover.layout(name), look), tmp_path)
            assert len(pages) == 1


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_what_is_no_picture_is_no_logo(content, tmp_path):
    path = tmp_path / "logo"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        cover.normal_logo(path)
    assert (caught.value.code, caught.value.field) == (ErrorCode.LOGO_UNUSABLE, "logo")


def test_a_logo_of_too_many_pixels_is_refused_by_its_header(tmp_path):
    with pytest.raises(DocumentError) as caught:
        cover.normal_logo(picture(tmp_path, size=(5000, 5000), mode="1"))
    assert (caught.value.code, caught.value.field) == (ErrorCode.LOGO_TOO_LARGE, "logo")
