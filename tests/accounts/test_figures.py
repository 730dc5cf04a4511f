"""Figures are read as they are written in the reader's language, and never as something else."""

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts import figures
from accounts.errors import TermsInvalid
from accounts.portal.money_fields import MoneyField, WholeField
from accounts.services.amounts import parsed, readable, typed

LANGUAGES = ("en", "de", "es", "fr")
NONE, UNCLEAR = TermsInvalid, figures.UnclearFigure


def read(value, reading):
    try:
        return reading(value)
    except (TermsInvalid, ValueError) as fault:
        return type(fault)


@pytest.mark.parametrize(
    ("language", "written", "means"),
    [
        *[(each, "12,50", 12.5) for each in LANGUAGES],
        *[(each, "12.50", 12.5) for each in LANGUAGES],
        *[(each, "0.007", 0.007) for each in LANGUAGES],
        *[(each, "0,007", 0.007) for each in LANGUAGES],
        *[(each, " -3 ", -3) for each in LANGUAGES],
        *[(each, "\u22123", -3) for each in LANGUAGES],
        *[
            (each, odd, NONE)
            for each in LANGUAGES
            for odd in ("1e3", "1_000", "١٢", "nan", "Infinity", "1,2,3", "12.", "1.0000001", "--1")
        ],
        ("en", "1,500", 1500),
        ("en", "-1,234,567.25", -1234567.25),
        ("en", "1,00,000", NONE),
        ("en", "1.500,00", NONE),
        ("en", "1500,000", UNCLEAR),
        ("en", "1.500", 1.5),
        ("de", "1.500", UNCLEAR),
        ("de", "1.500,00", 1500),
        ("de", "1.500.000", 1500000),
        ("de", "1'500,00", 1500),
        ("de", "1'500.000,00", NONE),
        ("de", "1,500.00", NONE),
        ("de", "1,500", 1.5),
        ("es", "1.500", UNCLEAR),
        ("es", "1\u00a0500,50", 1500.5),
        ("es", "1.234,50", 1234.5),
        ("fr", "1\u202f234,50", 1234.5),
        ("fr", "1.500", UNCLEAR),
    ],
)
def test_an_amount_means_what_it_says_in_the_language(language, written, means):
    with translation.override(language):
        told = read(written, typed)
    assert told == (round(means * 1_000_000) if isinstance(means, int | float) else means)


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_and_programs_write_the_same_in_all_languages(language):
    with translation.override(language):
        assert [parsed(each) for each in ("1.500", "1500", ".07")] == [
            1_500_000,
            1500_000_000,
            70_000,
        ]
        for odd in ("12,50", "1,500", "1.500,00", "1e3", "1_000", "١٢", "", "-", "."):
            assert read(odd, parsed) is TermsInvalid


@given(st.integers(-(10**15), 10**15), st.sampled_from(LANGUAGES))
def test_an_amount_that_is_shown_reads_back_as_the_same(amount, language):
    with translation.override(language):
        field = MoneyField(signed=True)
        assert field.clean(field.prepare_value(amount)) == amount
        assert typed(readable(amount, "")) == amount


@pytest.mark.parametrize(
    ("language", "written", "means"),
    [
        *[(each, "1000", 1000) for each in LANGUAGES],
        *[
            (each, odd, None)
            for each in LANGUAGES
            for odd in ("1.0", "1,0", "1e3", "1_0", "٣", "x")
        ],
        ("en", "1,000", 1000),
        ("en", "1.000", None),
        ("en", "10.000", None),
        ("de", "1.000", 1000),
        ("de", "10.000", 10000),
        ("de", "1,000", None),
        ("es", "10.000", 10000),
        ("fr", "10\u202f000", 10000),
        ("fr", "10.000", None),
        ("en", "9" * 5000, None),
    ],
)
def test_a_whole_number_is_never_cut_short(language, written, means):
    with translation.override(language):
        try:
            told = WholeField().clean(written)
        except forms.ValidationError:
            told = None
    assert told == means


def test_who_writes_what_is_unclear_is_told_both_ways():
    with translation.override("de"), pytest.raises(forms.ValidationError) as refused:
        MoneyField().clean("1.500")
    assert "1500,00" in refused.value.messages[0]
    assert "1,50" in refused.value.messages[0]
