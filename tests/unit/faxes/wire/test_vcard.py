"""vCards as Outlook, Apple and phones write them; and our own, which are read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.wire.vcard import is_vcard, read_cards, write_card

OUTLOOK = """BEGIN:VCARD\r
VERSION:2.1\r
N;LANGUAGE=de;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;Zo=EB;;Dr.\r
FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Dr. Zo=EB =\r
M=FCller\r
ORG:Praxis M;Radiologie\r
NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo\r
TEL;WORK;VOICE:+1 202 555 0199\r
TEL;WORK;FAX:+1 202 555 0100\r
EMAIL;PREF;INTERNET:zoe@x.example\r
END:VCARD\r
"""
APPLE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14.4//EN
N:Jones;Ada;;;
FN:Ada Jones
ORG:Elm Street Practice\\, Inc.;
item1.EMAIL;type=INTERNET;type=WORK;type=pref:ada@x.example
item2.TEL;type=WORK;type=FAX:(202) 555-0100
TEL;type=HOME;type=FAX;type=pref:(202) 555-0101
TEL;type=CELL:(202) 555-0199
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
 BBBB:CCCC
NOTE:a long
  line
CATEGORIES:Referrals,near\\, far
END:VCARD
"""
FOURTH = """BEGIN:VCARD
VERSION:4.0
FN:Ben Kay
TEL;VALUE=uri;PREF=1;TYPE="work,fax":tel:+1-202-555-0100;ext=5
END:VCARD
"""


def only(text):
    (card,) = read_cards(text)
    return card


def test_outlooks_cards_are_read_with_their_letters():
    card = only(OUTLOOK)
    assert (card.name, card.company) == ("Dr. Zoë Müller", "Praxis M")
    assert (card.faxes, card.phones) == (["+1 202 555 0100"], 1)
    assert (card.email, card.note) == ("zoe@x.example", "one\r\ntwo")


def test_apples_cards_are_read_with_folded_lines_and_groups():
    card = only(APPLE)
    assert (card.name, card.company) == ("Ada Jones", "Elm Street Practice, Inc.")
    assert card.faxes == ["(202) 555-0100", "(202) 555-0101"]
    assert (card.note, card.groups) == ("a long line", ["Referrals", "near, far"])
    assert card.email == "ada@x.example"


def test_cards_of_the_fourth_version_have_numbers_as_addresses():
    card = only(FOURTH)
    assert (card.name, card.faxes) == ("Ben Kay", ["+1-202-555-0100"])


@pytest.mark.parametrize("text", ["BEGIN:VCARD\nFN:Ada\n", "BEGIN:VCARD\nFN:Ada\nTEL;FAX:1"])
def test_a_card_that_breaks_off_is_not_whole(text):
    assert not only(text).whole


def test_what_is_no_card_is_none():
    assert is_vcard("\ufeff\r\nbegin:vcard\r\n")
    assert not is_vcard("name,fax\n")
    assert list(read_cards("END:VCARD\nFN:x\n")) == []


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters="\n"), max_size=90
).map(str.strip)


@given(
    name=words.map(lambda text: text.replace("\n", " ")),
    company=words.map(lambda text: text.replace("\n", " ")),
    note=words,
    groups=st.lists(words.filter(bool), max_size=3),
)
def test_what_is_written_is_read_again(name, company, note, groups):
    number = "+12025550100"
    text = write_card(name=name, company=company, number=number, note=note, groups=groups)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    card = only(text)
    assert (card.name, card.company, card.note) == (name, company, note)
    assert (card.groups, card.faxes, card.whole) == (groups, [number], True)


@pytest.mark.parametrize(
    "hostile",
    [
        "ORG:" + "a" * 1_000_000,
        "TEL" + ";" * 300_000 + ":1",
        'TEL;"' + ";" * 300_000 + '":1',
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "a=\r\n" * 300_000,
    ],
    ids=["one long word", "many parameters", "a long quoted parameter", "lines that never end"],
)
@pytest.mark.timeout(30)
def test_a_card_that_was_made_to_keep_us_busy_is_read_in_a_moment(hostile):
    """Each took minutes when time grew with the square of the length."""
    card = only(f"BEGIN:VCARD\r\n{hostile}\r\nTEL;FAX:+12025550100\r\nEND:VCARD\r\n")
    assert card.whole
    assert len(card.faxes) == 1
