"""The real Tesseract, in the sandbox, with pages that nobody can read."""

from dataclasses import replace

import numpy as np
import pytest

from faxes.documents import reading
from faxes.documents.tiff import FaxTiffWriter
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError


def test_noise_is_given_up_after_its_time_and_an_empty_page_has_no_words(tmp_path):
    tiff = tmp_path / "noise.tiff"
    noise = np.random.default_rng(1).integers(0, 256, (2200, 216), dtype=np.uint8)
    with FaxTiffWriter(tiff) as writer:
        writer.add(noise, Quality.FINE)
        writer.add(np.zeros((2200, 216), np.uint8), Quality.FINE)
    with pytest.raises(DocumentError) as refused:
        reading.words_on_page(
            tiff, 1, languages=["eng"], limits=replace(reading.LIMITS, cpu_seconds=1)
        )
    assert refused.value.code == ErrorCode.DOCUMENT_TOO_SLOW
    assert reading.words_on_page(tiff, 2, languages=["eng"]) == []
    with pytest.raises(DocumentError) as refused:
        reading.words_on_page(tiff, 3, languages=["eng"])
    assert refused.value.code == ErrorCode.DOCUMENT_UNREADABLE


def test_a_language_that_is_not_installed_is_known_to_be_missing():
    assert reading.can_read(("eng",))
    assert not reading.can_read(("eng", "tlh"))
    assert not reading.can_read(())
