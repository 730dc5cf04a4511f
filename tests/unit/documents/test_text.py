"""Plain text fills sheets: lines wrap, tabs align, form feeds begin a page."""

import codecs

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxes.documents import layout
from faxes.documents.raster import Sheet
from faxes.documents.readers.text import TextReader
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests.unit.documents.document_makers import FINE_A4, source_of


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8", sheet=FINE_A4):
        path = tmp_path / "note.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return TextReader(source_of(path, sheet))

    return read


def dark(reader, page=1):
    with reader:
        return reader.draw(page).grey < 128


@pytest.mark.parametrize("quality", Quality)
def test_a_line_is_drawn_within_the_margins(read, quality):
    sheet = Sheet(quality, Paper.A4)
    flags = dark(read("Dear Sir", sheet=sheet))
    down, across = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))

    assert across[0] / 204 == pytest.approx(0.75 + 0.1, abs=0.1)
    assert down[0] / sheet.y_dpi == pytest.approx(0.75, abs=0.1)
    assert (down[-1] - down[0]) / sheet.y_dpi < 12 / 72


def test_letters_are_large_enough_to_read(read):
    down = np.flatnonzero(dark(read("H")).any(axis=1))

    assert down[-1] - down[0] >= 17  # a capital of 10 points at 196 lines an inch


@pytest.mark.parametrize(
    ("paper", "lines"), [(Paper.A4, 61), (Paper.LETTER, 57), (Paper.LEGAL, 75)]
)
def test_a_sheet_holds_as_many_lines_as_it_has_room_for(read, paper, lines):
    sheet = Sheet(Quality.FINE, paper)

    assert read("x\n" * lines, sheet=sheet).pages == 1
    assert read("x\n" * (lines + 1), sheet=sheet).pages == 2


def test_eighty_columns_fit_on_a_line(read):
    with read("x" * 80 + "\n" + "y" * 160) as reader:
        assert len(reader._lines[0]) == 3


def test_a_form_feed_begins_a_page(read):
    with read("one\ftwo\f\fafter an empty one\f\n \n") as reader:
        assert reader.pages == 4
        assert not (reader.draw(3).grey < 128).any()
        assert (reader.draw(4).grey < 128).any()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_lines_end_as_on_any_system(end):
    assert layout.pages(f"one{end}two{end}{end}three{end}", 80, 60) == [["one", "two", "", "three"]]


def test_tabs_align_columns():
    lines = layout.pages("a\tb\nabcdefg\tb\nabcdefgh\tb", 80, 60)[0]

    assert [line.rindex("b") for line in lines] == [8, 8, 16]


def test_long_lines_break_at_spaces_and_long_words_where_they_must():
    assert layout.pages("aaa bbb ccc", 7, 60) == [["aaa bbb", "ccc"]]
    assert layout.pages("aaaaaaaaaa b", 4, 60) == [["aaaa", "aaaa", "aa b"]]
    assert layout.pages("    indented text", 10, 60) == [["    indent", "ed text"]]


def test_wide_characters_take_two_cells():
    assert layout.pages("日本語" * 4, 8, 60) == [["日本語日", "本語日本", "語日本語"]]


@given(st.text(max_size=400), st.integers(4, 90))
def test_no_line_is_wider_than_the_sheet_and_no_word_is_lost(text, columns):
    pages = layout.pages(text, columns, 60)
    lines = [line for page in pages for line in page]

    assert all(sum(map(layout.cells, line)) <= columns for line in lines)
    assert all(len(page) <= 60 for page in pages)
    kept = "".join("".join(lines).split())
    wanted = "".join(layout._DROPPED.sub("", layout._NEW_LINE.sub("", text)).split())
    assert kept == wanted


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße — 5 € „so“", "utf-8"),
        ("Grüße — 5 € „so“", "cp1252"),
        ("Ελλάδα Россия", "utf-16"),
        ("Письмо", "utf-8-sig"),
        ("┌─┐│✓∑", "utf-8"),
    ],
)
def test_scripts_that_the_fonts_have_are_drawn(read, text, encoding):
    flags = dark(read(text, encoding))
    cell = 0.6 * 10 / 72 * 204
    left = 0.75 * 204 + 21

    for index, char in enumerate(text):
        start = round(left + index * cell)
        drawn = flags[:, start : start + round(cell)].any()
        assert drawn or char == " ", char


def test_a_byte_order_mark_is_not_drawn(read):
    marked = dark(read(codecs.BOM_UTF8 + b"word"))

    assert (marked == dark(read("word"))).all()


@pytest.mark.parametrize("text", ["\n\n", "   \n\t\f  \n", "\ufeff"])
def test_text_without_a_mark_is_empty(read, text):
    with pytest.raises(DocumentError) as caught:
        read(text)

    assert caught.value.code is ErrorCode.DOCUMENT_EMPTY


def test_what_turns_out_not_to_be_text_is_refused(read):
    with pytest.raises(DocumentError) as caught:
        read(b"abc \x00\xff\x9d")

    assert caught.value.code is ErrorCode.DOCUMENT_TYPE_UNSUPPORTED
