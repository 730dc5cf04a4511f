"""An account's own covers: what is wrong is told beside its field, and nothing is left behind."""

import io

import pytest
from PIL import Image

from accounts.errors import NotAllowed
from accounts.models import AuditEntry
from faxes.enums import ErrorCode
from faxes.errors import FaxNotFound, InvalidRequest
from faxes.models import CoverTemplate
from faxes.services import covers, erasure
from faxes.services.covers import CoverRequest, delete_cover, drawn_cover, drawn_draft, save_cover
from faxes.services.faxboxes import edit_faxbox
from tests import papers
from tests.stored import stored_files


def logo(size=(600, 200)):
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "PNG")
    return papers.incoming(out.getvalue(), "logo.png")


def save(tenant, cover_id=None, **fields):
    wanted = CoverRequest(**{"name": "Letterhead", **fields})
    return save_cover(tenant.admin, request=wanted, cover_id=cover_id)


def refused(tenant, cover_id=None, **fields):
    with pytest.raises(InvalidRequest) as error:
        save(tenant, cover_id, **fields)
    return {(each.field, each.code) for each in error.value.errors}


def stored(cover):
    return CoverTemplate.rows.get(pk=cover.pk)


def test_a_cover_is_stored_changed_and_deleted_and_each_is_on_record(world, work):
    cover = save(world.northside, heading="Fax", letterhead="One\nTwo", footnote="Burn it")
    assert stored(cover).letterhead == "One\nTwo"
    save(world.northside, cover.pk, layout="business", heading="Telefax")
    assert (stored(cover).layout, stored(cover).heading) == ("business", "Telefax")
    delete_cover(world.northside.admin, cover_id=cover.pk)
    assert not CoverTemplate.rows.filter(pk=cover.pk).exists()
    entries = AuditEntry.objects.filter(object_id=cover.pk).order_by("id")
    assert [entry.action for entry in entries] == ["cover.create", "cover.change", "cover.delete"]


def test_mails_to_a_machine_whose_cover_is_deleted_go_without(world):
    cover, machine = save(world.northside), world.northside.faxbox
    change = {"mail_cover": str(cover.pk)}
    edit_faxbox(world.northside.admin, faxbox_id=machine.pk, changes=change)
    with pytest.raises(InvalidRequest):
        edit_faxbox(world.redwood.admin, faxbox_id=world.redwood.faxbox.pk, changes=change)
    delete_cover(world.northside.admin, cover_id=cover.pk)
    machine.refresh_from_db()
    assert machine.mail_cover == ""


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "  "}, ("name", ErrorCode.COVER_NAME_MISSING)),
        ({"name": "x" * 81}, ("name", ErrorCode.TEXT_TOO_LONG)),
        ({"name": "Clinic letterhead"}, ("name", ErrorCode.COVER_NAME_TAKEN)),
        ({"layout": "fancy"}, ("layout", ErrorCode.COVER_NOT_FOUND)),
        ({"heading": "x" * 121}, ("heading", ErrorCode.TEXT_TOO_LONG)),
        ({"letterhead": "x" * 501}, ("letterhead", ErrorCode.TEXT_TOO_LONG)),
        ({"letterhead": "a\n" * 9 + "b"}, ("letterhead", ErrorCode.TOO_MANY_LINES)),
        ({"footnote": "x" * 1201}, ("footnote", ErrorCode.TEXT_TOO_LONG)),
        ({"html": "x" * 50_001}, ("html", ErrorCode.TEXT_TOO_LONG)),
        ({"html": "<p>{{price}}"}, ("html", ErrorCode.COVER_NAME_UNKNOWN)),
        ({"html": "<p>{{#to}}"}, ("html", ErrorCode.COVER_SECTION_UNBALANCED)),
        ({"html": "<p>a</p>" + "<div style='break-after: page'>b</div>" * 9},
         ("html", ErrorCode.COVER_TOO_LONG)),
        ({"html": "{{message}}" * 4500 + "{{logo}}" * 50}, ("html", ErrorCode.COVER_TOO_LONG)),
        ({"logo": papers.incoming(b"GIF89a", "x.gif")}, ("logo", ErrorCode.LOGO_UNUSABLE)),
        ({"logo": papers.incoming(papers.huge_png(), "x.png")}, ("logo", ErrorCode.LOGO_TOO_LARGE)),
        ({"logo": papers.incoming(bytes(5_000_001), "x.png")}, ("logo", ErrorCode.LOGO_TOO_LARGE)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_changes_nothing(world, work, fields, wrong):
    before = CoverTemplate.rows.count()
    assert refused(world.northside, **fields) == {wrong}
    assert CoverTemplate.rows.count() == before
    assert not stored_files()


def test_everything_that_is_wrong_is_told_at_once(world, work):
    wrong = refused(world.northside, name="", layout="fancy", html="{{x}}", heading="x" * 200)
    assert {field for field, _ in wrong} == {"name", "layout", "html", "heading"}


def test_a_name_that_somebody_else_just_took_is_told(world, work, monkeypatch):
    monkeypatch.setattr(covers, "_naming", lambda *_: lambda: "Clinic letterhead")
    assert refused(world.northside, logo=logo()) == {("name", ErrorCode.COVER_NAME_TAKEN)}
    assert not stored_files()


def test_two_tenants_may_use_the_same_name(world, work):
    assert save(world.northside).name == save(world.lakeside).name


def test_there_is_an_end_to_how_many(world, work, monkeypatch):
    monkeypatch.setattr(covers, "MOST_COVERS", 1)
    assert refused(world.northside) == {("", ErrorCode.TOO_MANY_COVERS)}


def test_a_logo_goes_with_its_cover_and_a_new_one_takes_its_place(world, work):
    cover = save(world.northside, logo=logo())
    first = stored(cover).logo_key
    assert first in stored_files()
    save(world.northside, cover.pk, heading="Changed")
    assert stored(cover).logo_key == first
    save(world.northside, cover.pk, logo=logo((300, 300)))
    work.run_jobs()
    assert stored_files() == {stored(cover).logo_key} != {first}
    delete_cover(world.northside.admin, cover_id=cover.pk)
    work.run_jobs()
    assert not stored_files()


def test_a_logo_can_be_left_out(world, work):
    cover = save(world.northside, logo=logo())
    save(world.northside, cover.pk, drop_logo=True)
    work.run_jobs()
    assert stored(cover).logo_key == ""
    assert not stored_files()


def test_a_logo_is_spared_as_long_as_its_cover_has_it(world, work):
    cover = save(world.northside, logo=logo())
    erasure.erase_later([stored(cover).logo_key])
    erasure.erase_due()
    assert stored_files() == {stored(cover).logo_key}


def test_a_cover_is_seen_as_it_is_written(world, work):
    def seen(**fields):
        wanted = CoverRequest(**fields)
        return drawn_draft(world.northside.admin, request=wanted, cover_id=None, width=400).png

    pictures = [
        seen(),
        seen(layout="business"),
        seen(heading="Telefax"),
        seen(logo=logo()),
        seen(html="<p>{{to}}"),
    ]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(set(pictures)) == len(pictures)
    assert not stored_files()


def test_html_of_their_own_reaches_nothing_but_the_page(world, work):
    picture = drawn_draft(
        world.northside.admin,
        request=CoverRequest(
            html="<link rel=stylesheet href='http://127.0.0.1:9/x.css'>"
            "<img src='file:///etc/passwd'><object data='/etc/passwd'></object>"
            "<style>@import 'http://127.0.0.1:9/y.css'; @font-face { font-family: x; "
            "src: url(file:///etc/passwd) } p { background: url(file:///etc/passwd) }</style>"
            "<p>{{to}}"
        ),
        cover_id=None,
        width=400,
    )
    plain = drawn_draft(
        world.northside.admin, request=CoverRequest(html="<p>{{to}}"), cover_id=None, width=400
    )
    assert picture.png == plain.png


def test_a_stranger_and_a_viewer_get_nothing(world, work):
    ours = CoverTemplate.rows.get(account=world.northside.account)
    wanted = CoverRequest(name="Mine now")
    with pytest.raises(FaxNotFound):
        save_cover(world.lakeside.admin, request=wanted, cover_id=ours.pk)
    with pytest.raises(FaxNotFound):
        delete_cover(world.lakeside.admin, cover_id=ours.pk)
    for act in (
        lambda actor: save_cover(actor, request=wanted),
        lambda actor: delete_cover(actor, cover_id=ours.pk),
        lambda actor: drawn_cover(actor, cover="plain", width=100),
        lambda actor: drawn_draft(actor, request=wanted, cover_id=None, width=100),
    ):
        with pytest.raises(NotAllowed):
            act(world.northside.viewer)
    assert stored(ours).name == "Clinic letterhead"
