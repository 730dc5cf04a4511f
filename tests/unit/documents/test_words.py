"""Words are folded alike on pages and in what somebody looks for; nothing hostile takes long."""

import time

import pytest

from faxes.documents.words import MOST_A_PAGE, words_of, words_on


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Müller-Lüdenscheidt", ["muller", "ludenscheidt"]),
        ("STRASSE straße", ["strasse"]),
        ("Łódź Ærø Œuvre", ["lodz", "aero", "oeuvre"]),
        ("naïve NAI\u0308VE", ["naive"]),
        ("Nr. 4711-22, 12.03.2026", ["nr", "4711", "22", "12", "03", "2026"]),
        ("O'Brien a b", ["brien"]),
        ("ＦＡＸ １２", ["fax", "12"]),  # noqa: RUF001 (full-width letters)
        ("Ёлка Ἀθήνα 東京", ["елка", "αθηνα", "東京"]),
        ("ﬁnal", ["final"]),
        ("--- … ✂", []),
        ("", []),
    ],
)
def test_a_word_is_the_same_however_it_is_written(written, words):
    assert words_of(written) == words
    assert words_on(written) == words


def test_a_word_that_goes_on_in_the_next_line_is_whole_as_well():
    assert words_on("the after-\n  noon of 20-\n30\nwell-known") == [
        "the", "after", "noon", "of", "20", "30", "well", "known", "afternoon",
    ]  # fmt: skip


def test_a_page_has_so_many_words_and_a_word_so_many_letters():
    assert len(words_on(" ".join(f"w{number}" for number in range(9_000)))) == MOST_A_PAGE
    assert words_on("x" * 100) == ["x" * 40]


@pytest.mark.parametrize("filler", ["a", "-", "a-\n", "\n", " ", "a\u0301", "ﷺ", "a-" + " " * 99])
def test_no_text_takes_long_to_fold(filler):
    began = time.process_time()
    words_on(filler * (1_000_000 // len(filler)))
    assert time.process_time() - began < 5
