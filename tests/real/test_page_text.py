"""Pages are read by the real Tesseract, in the sandbox: a fax is found by what stands on it."""

from dataclasses import replace

import numpy as np
import pytest

from accounts.roles import Role
from faxes.documents import reading
from faxes.documents.tiff import FaxTiffWriter
from faxes.enums import ErrorCode, Quality
from faxes.errors import DocumentError
from faxes.models import PageText
from tests import papers
from tests.portal.conftest import Visitor
from tests.signing_in import sign_in


def test_a_received_fax_is_found_by_the_words_on_its_pages(world, work, send):
    admin = Visitor(world.lakeside, Role.ADMIN)
    sign_in(admin.client, world.lakeside.people["admin"])
    assert admin.post("page-text", {"search": "on"}).status_code == 302
    letter = papers.incoming(papers.pdf(2, "Rechnung Lindenhof 4711-22 Müller"))
    send(world.northside, world.lakeside.number, documents=[letter])
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    for q in ("lindenhof", "4711-22+MULLER", "%22Rechnung%22"):
        page = admin.get("inbox", f"?q={q}").content.decode()
        assert page.count("Found on its pages") == 1, q
    assert "Found on its pages" not in admin.get("inbox").content.decode()
    assert "Found on its pages" not in admin.get("inbox", "?q=linden").content.decode()
    assert admin.post("page-text", {"search": "off"}).status_code == 302
    assert "Found on its pages" not in admin.get("inbox", "?q=lindenhof").content.decode()
    assert not PageText.rows.exists()


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
