"""Mails as pages: the words of the text, in any brand's colour, with nothing to load."""

import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from accounts.services import colours, mail
from accounts.services.brands import BrandView
from accounts.services.mail_pages import page_of, parts_of
from accounts.services.money import Funds

TEMPLATES = Path(settings.BASE_DIR) / "templates"
MAILS = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for path in TEMPLATES.glob("*/email/*_message.txt")
)
BRAND = BrandView(product_name="Harbor Fax", accent="#0d6a73", support_email="help@harbor.example")
LINK = "https://fax.example/a/1/faxes/2/"
COLOURS = ["", "#000000", "#b0281f", "#0d6a73", "#6a1b9a", "#7a5c00"]


def words_of(page: str) -> list[str]:
    """What a reader sees of a page, word by word."""
    body = page[page.index("<body") :]
    return html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split()


def page_in(message) -> str:
    (page,) = message.alternatives
    assert page[1] == "text/html"
    return str(page[0])


@pytest.mark.parametrize("template", MAILS)
def test_every_mail_has_a_page_that_says_what_its_text_says(template):
    message = mail.compose(
        "dr@ward.example",
        template=template,
        brand=BRAND,
        link=LINK,
        password_reset_url=LINK,
        funds=Funds("USD", 500_000, 0, 0, 1_000_000),
    )
    act = TEMPLATES / f"{template}_act.txt"
    called = render_to_string(str(act)).split() if act.is_file() else ["Open"]
    page = words_of(page_in(message))
    said = message.body.replace("\n-- \n", "\n").split()
    extra = [*BRAND.product_name.split(), *message.subject.split()]
    leads = LINK in message.body
    assert page[: len(extra)] == extra
    rest = page[len(extra) :]
    if leads:  # what the button says stands before the address
        at = rest.index(LINK)
        assert rest[at - len(called) : at] == called
        del rest[at - len(called) : at]
    assert rest == said
    assert (f'href="{LINK}"' in page_in(message)) is leads


def test_no_mail_has_a_page_of_its_own():
    own = [path for path in TEMPLATES.glob("*/email/*.html") if path.name != "_page.html"]
    assert own == []


def test_what_people_wrote_is_neither_markup_nor_a_link():
    note = "<b>Now</b>\n\nhttps://evil.example/\n\n" + LINK
    page = page_of(note, subject="<i>Hello</i>", brand=BRAND, links={LINK}, act="Open")
    assert "<b>" not in page
    assert "<i>" not in page
    assert 'href="https://evil.example/"' not in page
    assert [part.link for part in parts_of(note, links={LINK})] == ["", "", LINK]


def test_lines_of_a_paragraph_stay_lines():
    (part,) = parts_of("When: now\nWith: Firefox", links=())
    assert part.lines == ["When: now", "With: Firefox"]


@pytest.mark.parametrize("accent", COLOURS)
def test_a_page_loads_nothing_and_can_be_read_in_any_colour(accent):
    page = page_of(f"Words.\n\n{LINK}", subject="S", brand=BrandView(accent=accent), links={LINK})
    assert not re.search(r"<(img|link|script|iframe|object)|src=|url\(|@import|@font-face", page)
    light, dark = page[page.index("<body") :], page[page.index("<style") : page.index("</style")]
    button = re.search(r'class="act" href=[^>]*background-color:(#\w+);color:(#\w+)', light)
    night = re.search(r"\.act { background-color: (#\w+) !important; color: (#\w+)", dark)
    link = re.search(r'class="link"[^>]*style="color:(#\w+)', light)
    at_night = re.search(r"\.link, \.name { color: (#\w+)", dark)
    assert button
    assert night
    assert link
    assert at_night
    pairs = [button.groups(), night.groups(), (link[1], "#fffefc"), (at_night[1], "#1c1b19")]
    assert [colours.contrast(*pair) >= colours.TEXT for pair in pairs] == [True] * len(pairs)
