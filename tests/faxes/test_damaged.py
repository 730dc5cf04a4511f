"""What is damaged in storage is told of as that, and stops nothing else."""

import zipfile

import pytest
from django.core import mail

from faxes.errors import CannotOpen
from faxes.models import Attempt, Document, Fax
from faxes.services import bulk_files, carrier_calls, cover_pages, fax_mails
from faxes.services.fax_mails import MailFailed


def damage(documents, document):
    path = documents / document.key
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])


@pytest.fixture
def two(world, work, send):
    """Two faxes, of which the first cannot be read any more."""
    for number in ("+12025550100", "+12025550108"):
        send(world.northside, number)
    work.run_to_end()
    return list(Fax.objects.for_account(world.northside.id).order_by("pk"))


@pytest.fixture
def rendered(two):
    return Document.rows.get(fax=two[0], role="rendered")


def test_the_others_are_bundled_and_that_one_is_named(world, two, rendered, documents):
    damage(documents, rendered)
    ids = [fax.pk for fax in two]
    for bundle in (
        bulk_files.zip_of(world.northside.admin, fax_ids=ids, without="Not included:"),
        bulk_files.pdf_of(world.northside.admin, fax_ids=ids),
    ):
        with bundle.stream as stream:
            assert (bundle.packed, [fax.pk for fax in bundle.left_out]) == (1, [two[0].pk])
            if zipfile.is_zipfile(stream):
                assert len(zipfile.ZipFile(stream).namelist()) == 2


def test_a_mail_goes_without_pages_that_are_damaged_and_waits_for_a_key(
    two, rendered, documents, settings
):
    keys, settings.SITE_KEYS = settings.SITE_KEYS, ["another key of more than 32 characters!"]
    for form in ("pdf", "tiff"):
        with pytest.raises(MailFailed, match="pages_unavailable"):
            fax_mails._files(two[0], form)
    settings.SITE_KEYS = keys
    assert fax_mails._files(two[0], "pdf")[1] == ""
    damage(documents, rendered)
    for form in ("pdf", "tiff"):
        assert fax_mails._files(two[0], form) == ([], "unreadable")
    assert not mail.outbox


def test_a_logo_that_is_there_and_does_not_open_is_not_left_out_unseen(rendered, documents):
    assert cover_pages.stored_logo(f"t/{'0' * 32}/{'0' * 32}") == b""
    damage(documents, rendered)
    with pytest.raises(CannotOpen):
        cover_pages.stored_logo(rendered.key)


def test_a_carrier_that_fetches_pages_is_told_to_come_again(client, two, monkeypatch):
    def cannot(_token):
        raise CannotOpen("at present")

    assert Attempt.rows.exists()
    monkeypatch.setattr(carrier_calls, "pages_at", cannot)
    answer = client.get("/hooks/pages/abc.pdf")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
