"""Plain text fills sheets: lines wrap, tabs align, form feeds begin a page."""

# ruff: noqa: RUF001  (letters of other alphabets are the point)

import codecs
import contextlib
import ctypes
import unicodedata

import numpy as np
import pypdfium2.raw as pdfium
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from faxes.documents import encodings, layout
from faxes.documents.raster import Sheet
from faxes.documents.readers.canvas import Canvas
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


WRITTEN = {
    "de": "Sehr geehrter Herr Müller, wir bestätigen den Empfang und grüßen freundlich.",
    "pl": "Szanowny Panie, potwierdzamy otrzymanie przesyłki i dziękujemy za zamówienie. Łódź",
    "ru": "Уважаемый господин Иванов! Направляем вам результаты обследования.",
    "el": "Αγαπητέ κύριε, σας ευχαριστούμε για την επιστολή σας. Με εκτίμηση.",
    "tr": "Sayın Yılmaz, gönderdiğiniz belgeleri aldık. Siparişiniz için teşekkür ederiz.",
    "he": "שלום רב, אנו מאשרים את קבלת המסמכים ששלחתם אלינו.",
    "ar": "السيد المحترم، نؤكد استلام المستندات التي أرسلتموها إلينا.",
    "th": "เรียนท่านผู้จัดการ ขอขอบคุณสำหรับจดหมายของท่าน",
    "ja": "拝啓　時下ますますご清栄のこととお慶び申し上げます。",
    "zh": "尊敬的先生：您好！感谢您的来信。我们已经收到您的订单。",
    "tw": "敬啟者：您好！感謝您的來信。我們已經收到您的訂單。",
    "ko": "안녕하십니까. 주문하신 상품을 오늘 발송하였습니다.",
    "en": "It’s “naïve” — 100 € for a café.",
    "box": "┌─────┬────┐\n│ Öse │ 12 │\n└─────┴────┘",
    "short": "½ cup at 20° C",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *((language, "utf-8") for language in WRITTEN),
        *((language, "utf-16") for language in WRITTEN),
        *((language, "utf-32") for language in WRITTEN),
        *(("de", name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252")),
        *(("pl", name) for name in ("cp1250", "iso8859-2")),
        *(("ru", name) for name in ("cp1251", "koi8-r", "iso8859-5", "cp866", "utf-16-le")),
        *(("el", name) for name in ("cp1253", "iso8859-7")),
        *(("ar", name) for name in ("cp1256", "iso8859-6")),
        *(("ja", name) for name in ("cp932", "euc_jp", "iso2022_jp")),
        *(("tr", "cp1254"), ("he", "cp1255"), ("th", "cp874"), ("zh", "gb18030")),
        *(("tw", "big5"), ("ko", "euc_kr"), ("en", "cp1252"), ("short", "cp1252")),
        *(("box", "cp437"), ("box", "cp850")),
    ],
)
@pytest.mark.parametrize("times", [1, 3000])
def test_text_is_recognised_in_any_encoding(language, encoding, times):
    text = (WRITTEN[language] + "\n") * times

    assert encodings.decode(text.encode(encoding)) == text


def test_what_does_not_fit_further_on_is_marked():
    data = WRITTEN["ja"].encode("cp932") * 2000 + b"\xff\xff end"

    assert encodings.decode(data).endswith("\ufffd\ufffd end")


@given(st.binary(max_size=3000))
def test_no_bytes_are_too_odd_to_be_looked_at(data):
    assert isinstance(encodings.decode_html(data), str)
    with contextlib.suppress(UnicodeDecodeError):
        encodings.decode(data)


@pytest.mark.parametrize("text", ["Müller", "Ελλάδα", "Россия", "日本語 한국어", "┌─┐ ✓ ∑ 5 € „“"])
def test_scripts_that_stand_letter_by_letter_need_no_shaping(text):
    assert not layout.needs_shaping(text)


@pytest.mark.parametrize(
    "text", ["عربي", "עברית", "हिन्दी", "ไทย", "e\u0301", "a\u202eb", "😀", "ﻋ"]
)
def test_all_others_do(text):
    assert layout.needs_shaping("plain " + text)


def test_a_line_runs_as_its_first_letter_does():
    assert layout.runs_from_right("12. שלום world")
    assert not layout.runs_from_right("world שלום")
    assert not layout.runs_from_right("12")


class Listening(Canvas):
    """Takes the words off each page that is drawn."""

    def draw(self, page, at, form=None):
        words = pdfium.FPDFText_LoadPage(page)
        units = (ctypes.c_ushort * (pdfium.FPDFText_CountChars(words) * 2 + 1))()
        pdfium.FPDFText_GetText(words, 0, len(units), units)
        pdfium.FPDFText_ClosePage(words)
        self.text = bytes(units).decode("utf-16-le").rstrip("\0")
        super().draw(page, at, form)


ONE_BY_ONE = st.one_of(
    *(
        st.characters(min_codepoint=first, max_codepoint=last)
        for first, last in [
            *(
                (0x20, 0x20),
                (0x30, 0x39),
                (0x41, 0x5A),
                (0xC0, 0x17F),
                (0x391, 0x3A1),
                (0x410, 0x44F),
            ),
            *((0x2500, 0x257F), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x3041, 0x3096)),
        ]
    )
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(st.lists(st.text(ONE_BY_ONE, max_size=60), min_size=1, max_size=8).map("\n".join))
def test_all_characters_stand_on_the_page_in_their_order(read, text):
    assume(text.strip())
    with read(text) as reader:
        reader._canvas = canvas = Listening(FINE_A4)
        reader.draw(1)

    # Where a font has one glyph for two characters, its name is that of either.
    seen, wanted = (unicodedata.normalize("NFKC", each) for each in (canvas.text, text))
    assert "".join(seen.split()) == "".join(wanted.split())


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
