"""Pictures of pages are made once, kept beside the pages for an hour, and gone with them."""

import pytest
from django.core.files.storage import FileSystemStorage, default_storage

from faxes import vault
from faxes.documents import pipeline
from faxes.errors import FaxNotFound
from faxes.models import Document, Erasure
from faxes.services import preview
from faxes.services.pages import page_png, page_tag
from faxes.services.pictures import KEPT_WIDTHS
from faxes.services.privacy import delete_fax, strip_fax
from tests import papers
from tests.stored import stored_files

WIDTH = 720


@pytest.fixture
def fax(world, work, send):
    """A fax of two pages that Lakeside received."""
    send(world.northside, world.lakeside.number, pages=2)
    work.run_to_end()
    return world.lakeside.faxbox.faxes.get()


@pytest.fixture
def decodings(monkeypatch):
    """The pages that are decoded from now on."""
    done = []
    real = pipeline.png_of

    def counted(tiff, page, width, **more):
        done.append((page, width))
        return real(tiff, page, width, **more)

    monkeypatch.setattr(pipeline, "png_of", counted)
    return done


def look(world, fax, page=1, width=WIDTH):
    return page_png(world.lakeside.admin, fax_id=fax.pk, page=page, width=width)


def test_a_page_is_decoded_for_the_first_look_only(world, fax, decodings):
    pictures = [look(world, fax, page) for page in (1, 2, 1, 1, 2)]

    assert decodings == [(1, WIDTH), (2, WIDTH)]
    assert pictures[0] == pictures[2] == pictures[3]
    assert pictures[1] == pictures[4]


def test_only_widths_of_the_portals_own_pages_are_kept(world, fax, decodings):
    before = stored_files()
    for _ in range(2):
        look(world, fax, width=719)

    assert 719 not in KEPT_WIDTHS
    assert len(decodings) == 2
    assert stored_files() == before


@pytest.mark.parametrize("act", [strip_fax, delete_fax])
def test_pictures_go_with_their_pages(world, fax, act):
    before = stored_files()
    for width in sorted(KEPT_WIDTHS):
        look(world, fax, page=1, width=width)
        look(world, fax, page=2, width=width)
    assert len(stored_files() - before) == 2 * len(KEPT_WIDTHS)
    own = Document.rows.filter(fax=fax).values_list("key", flat=True)
    mine = {key for key in stored_files() if key.startswith(tuple(own))}

    act(world.lakeside.admin, fax_id=fax.pk)

    assert stored_files() == before - mine
    with pytest.raises(FaxNotFound):
        look(world, fax)
    with pytest.raises(FaxNotFound):
        page_tag(world.lakeside.admin, fax_id=fax.pk, page=1, width=WIDTH)


@pytest.mark.parametrize("act", [strip_fax, delete_fax])
def test_a_picture_made_while_its_pages_go_is_not_kept(world, fax, act, monkeypatch):
    left = stored_files() - set(Document.rows.filter(fax=fax).values_list("key", flat=True))
    real = pipeline.png_of

    def slow(*given, **more):
        act(world.lakeside.admin, fax_id=fax.pk)
        return real(*given, **more)

    monkeypatch.setattr(pipeline, "png_of", slow)
    look(world, fax)

    assert stored_files() == left


def test_one_stored_by_a_process_that_dies_while_the_pages_go_is_gone_within_the_hour(
    world, work, fax, monkeypatch
):
    """It was noted, the pages and all notes that are due go, and only then it is stored."""
    left = stored_files() - set(Document.rows.filter(fax=fax).values_list("key", flat=True))
    key = Document.rows.get(fax=fax).key
    save = FileSystemStorage.save

    def late(storage, name, content):
        delete_fax(world.lakeside.admin, fax_id=fax.pk)
        return save(storage, name, content)

    monkeypatch.setattr(FileSystemStorage, "save", late)
    vault.put_beside(key, "1.1.720", b"a picture")  # and nothing after
    assert stored_files() - left == {f"{key}.1.1.720"}

    work.pass_time(vault.KEPT_BESIDE_FOR)

    assert stored_files() == left


def test_pictures_are_not_kept_for_more_than_an_hour(world, work, fax, decodings):
    before = stored_files()
    look(world, fax)
    work.pass_time(vault.KEPT_BESIDE_FOR)

    assert stored_files() == before
    assert not Erasure.objects.exists()
    look(world, fax)
    assert len(decodings) == 2


def test_half_a_picture_is_none(world, fax, decodings):
    """Another process may be writing it at this moment."""
    whole = look(world, fax)
    (kept,) = [key for key in stored_files() if key.endswith(f".{WIDTH}")]
    with default_storage.open(kept, "wb") as file:
        file.write(whole[:500])

    assert look(world, fax) == whole
    assert len(decodings) == 2


def test_a_page_is_seen_even_if_its_picture_cannot_be_kept(world, fax, monkeypatch):
    def full(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(FileSystemStorage, "save", full)

    assert look(world, fax).startswith(b"\x89PNG")


def test_pictures_of_an_upload_go_when_its_pages_are_others(world, decodings):
    admin = world.northside.admin
    documents = [papers.incoming(papers.pdf())]
    upload = preview.prepare_upload(admin, documents=documents, quality="fine")
    for _ in range(2):
        preview.upload_page_png(admin, upload_id=upload.pk, page=1, width=WIDTH)
    assert len(decodings) == 1
    assert len(stored_files()) == 3, "the source, its pages, a picture"

    again = [papers.incoming(papers.pdf())]
    preview.prepare_upload(admin, documents=again, quality="fine", upload_id=str(upload.pk))

    assert len(stored_files()) == 3, "both sources and their pages, and no picture"
