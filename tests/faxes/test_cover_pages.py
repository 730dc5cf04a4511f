"""A fax with a cover page: one of its own before the documents, and none that nobody wanted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from faxes import vault
from faxes.documents import cover, tiff
from faxes.enums import DocumentRole, ErrorCode, FaxState, Paper, Quality
from faxes.errors import InvalidRequest
from faxes.models import CoverTemplate, Document, Erasure, Fax, Upload
from faxes.services import control, convert, convert_covered, cover_pages, erasure, privacy
from faxes.services.covers import CoverRequest, delete_cover, save_cover
from faxes.services.preview import prepare_upload
from faxes.services.submit import FaxRequest, forward_fax, resend_fax, submit_fax
from tests import papers
from tests.stored import stored_files

FAR = "+12025550100"
MANY = [f"+1202555{n:04}" for n in (100, 101, 106, 107, 110, 111, 112)]


def submit(tenant, to=FAR, *, cover="plain", pages=2, **fields):
    wanted = FaxRequest(
        to=to, documents=[papers.incoming(papers.pdf(pages))], cover=cover, **fields
    )
    return submit_fax(tenant.admin, request=wanted, origin="test")


def fresh(fax):
    return Fax.rows.select_related("faxbox").get(pk=fax.pk)


def role(fax, wanted):
    return list(Document.rows.filter(fax=fax, role=wanted))


def pages_of(fax, tmp_path):
    """The pages of a fax as they went over the line, as rows of bits."""
    (document,) = role(fax, DocumentRole.RENDERED)
    path = tmp_path / "fax.tiff"
    vault.copy_out(document.key, path)
    return [tiff.page_bits(path, page.number).tobytes() for page in tiff.read_fax_tiff(path)]


def expected(tenant, fax, name, tmp_path):
    """The page that a layout makes of what is known of a fax."""
    out = tmp_path / "expected.tiff"
    cover.render(
        cover.complete(cover.layout(name), cover.Look(service="Harbor Fax")),
        cover_pages.facts_of(fresh(fax), tenant.account),
        out,
        body_pages=2,
        quality=Quality(fax.quality),
        paper=Paper(fax.paper),
    )
    return tiff.page_bits(out, 1).tobytes()


def refused(tenant, **fields):
    with pytest.raises(InvalidRequest) as error:
        submit(tenant, **fields)
    return {(each.field, each.code) for each in error.value.errors}


# --- On the way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", cover.LAYOUTS)
def test_the_cover_goes_first_and_arrives(world, work, tmp_path, name):
    (fax,) = submit(
        world.lakeside, world.northside.number, cover=name, subject="Hello", message="Dear all"
    )
    assert fax.pages == 3
    work.run_to_end()
    fax = fresh(fax)
    assert (fax.state, fax.pages) == (FaxState.DELIVERED, 3)
    assert pages_of(fax, tmp_path)[0] == expected(world.lakeside, fax, name, tmp_path)
    assert Fax.rows.get(account=world.northside.account).pages == 3


def test_each_recipient_gets_a_cover_of_its_own_before_the_same_pages(world, work, tmp_path):
    faxes = submit(world.northside, ", ".join(MANY[:3]))
    work.run_jobs()
    pages = [pages_of(fax, tmp_path) for fax in faxes]
    assert len({each[0] for each in pages}) == 3
    assert len({tuple(each[1:]) for each in pages}) == 1
    for fax, each in zip(faxes, pages, strict=True):
        assert each[0] == expected(world.northside, fax, "plain", tmp_path)


def test_a_fax_without_a_cover_is_what_it_was(world, work):
    faxes = submit(world.northside, ", ".join(MANY[:3]), cover="")
    work.run_jobs()
    assert [len(role(fax, DocumentRole.RENDERED)) for fax in faxes] == [1, 1, 1]
    keys = Document.rows.filter(role=DocumentRole.RENDERED).values("key").distinct()
    assert keys.count() == 1, "one for all"
    kinds = set(Document.rows.values_list("role", flat=True))
    assert kinds == {DocumentRole.SOURCE, DocumentRole.RENDERED}


def test_a_cover_of_two_pages_is_counted(world, work, tmp_path):
    (fax,) = submit(world.northside, message="A line of many words. " * 200)
    assert fax.pages == 4
    work.run_jobs()
    assert fresh(fax).pages == len(pages_of(fax, tmp_path)) == 4
    assert [each.pages for each in role(fax, DocumentRole.COVER)] == [2]


def test_pages_that_were_looked_at_go_behind_the_cover_as_they_are(world, work, tmp_path):
    upload = prepare_upload(
        world.northside.admin, documents=[papers.incoming(papers.pdf(2))], quality="fine"
    )
    looked_at = upload.rendered["key"]
    wanted = FaxRequest(to=f"{FAR}, {MANY[1]}", upload_id=str(upload.pk), cover="business")
    faxes = submit_fax(world.northside.admin, request=wanted, origin="test")
    assert {each.key for fax in faxes for each in role(fax, DocumentRole.BODY)} == {looked_at}
    assert [fax.pages for fax in faxes] == [3, 3]
    work.run_jobs()
    assert not Document.rows.filter(role=DocumentRole.BODY).exists()
    assert not Upload.rows.exists()
    assert looked_at not in stored_files(), "it is part of each fax now"
    assert len(pages_of(faxes[0], tmp_path)) == 3


def test_a_fax_for_later_tells_the_time_at_which_it_goes(world, work):
    moment = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    (fax,) = submit(world.northside, send_at=moment.isoformat())
    there = moment.astimezone(ZoneInfo(world.northside.account.time_zone))
    assert f"{there.day} {there:%B %Y}" in cover_pages.facts_of(fax, world.northside.account).date


# --- What it tells ------------------------------------------------------------------------------


def told(tenant, to=FAR, zone=""):
    tenant.faxbox.time_zone = zone
    return cover_pages.facts(
        tenant.account,
        tenant.faxbox,
        from_number=tenant.number,
        to=to,
        subject="",
        message="",
        at=datetime(2026, 7, 1, 2, 30, tzinfo=UTC),
    )


def test_the_time_is_that_of_the_fax_machine_or_of_its_account(world):
    assert told(world.redwood).date == "Tuesday, 30 June 2026, 19:30 PDT"
    assert told(world.redwood, zone="Asia/Tokyo").date == "Wednesday, 1 July 2026, 11:30 JST"


def test_numbers_are_told_as_the_recipient_dials_them(world):
    at_home, abroad = told(world.northside), told(world.northside, to="+442079460100")
    assert (at_home.to, at_home.sender) == (
        "(202) 555-0100",
        "Northside Clinic, Reception\n(202) 555-0121",
    )
    assert abroad.to == "+44 20 7946 0100"
    assert abroad.sender.endswith("\n+1 202-555-0121")


# --- Which one ----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["letter", "01a1fd71-89b2-75f1-ae35-06b6d3878631", "../plain"])
def test_a_cover_that_is_not_there_is_told_beside_the_field(world, work, written):
    assert refused(world.northside, cover=written) == {("cover", ErrorCode.COVER_NOT_FOUND)}
    assert not stored_files()


def test_a_cover_of_another_tenant_is_as_unknown_as_none(world, work):
    theirs = str(CoverTemplate.rows.get(account=world.lakeside.account).pk)
    assert refused(world.northside, cover=theirs) == {("cover", ErrorCode.COVER_NOT_FOUND)}


def test_a_message_that_takes_too_many_pages_is_told_before_anything_is_stored(world, work):
    assert refused(world.northside, message="a\n" * 2400) == {("cover", ErrorCode.COVER_TOO_LONG)}
    assert not Fax.rows.exists()
    assert not stored_files()


def test_a_fax_keeps_the_cover_that_it_was_sent_with(world, work, tmp_path):
    own = CoverTemplate.rows.get(account=world.northside.account)
    (before,) = submit(world.northside, cover=str(own.pk))
    save_cover(
        world.northside.admin,
        request=CoverRequest(name=own.name, layout="plain", heading="Something else"),
        cover_id=own.pk,
    )
    (after,) = submit(world.northside, cover=str(own.pk))
    delete_cover(world.northside.admin, cover_id=own.pk)
    (third,) = submit(world.northside, cover="confidential")
    work.run_jobs()
    assert len({pages_of(fax, tmp_path)[0] for fax in (before, after, third)}) == 3
    assert [each.name for each in role(before, DocumentRole.COVER)] == [own.name]


# --- Again, elsewhere, and gone -----------------------------------------------------------------


def test_sent_again_it_has_the_very_same_pages(world, work):
    (fax,) = submit(world.northside)
    work.run_to_end()
    again = resend_fax(world.northside.admin, fax_id=fax.pk)
    assert [each.key for each in role(again, DocumentRole.RENDERED)] == [
        each.key for each in role(fax, DocumentRole.RENDERED)
    ]
    work.run_to_end()
    assert (fresh(again).state, fresh(again).pages) == (FaxState.DELIVERED, 3)


def test_sent_again_before_it_had_pages_it_gets_its_cover_all_the_same(world, work):
    (fax,) = submit(world.northside)
    control.cancel_fax(world.northside.admin, fax_id=fax.pk)
    again = resend_fax(world.northside.admin, fax_id=fax.pk)
    work.run_jobs()
    assert fresh(again).pages == 3


def test_forwarded_it_leaves_its_cover_behind(world, work, tmp_path):
    (fax,) = submit(world.northside)
    work.run_to_end()
    whole = pages_of(fax, tmp_path)
    (onward,) = forward_fax(world.northside.admin, fax_id=fax.pk, to=MANY[3])
    work.run_jobs()
    assert pages_of(onward, tmp_path) == whole[1:]
    assert not role(onward, DocumentRole.COVER)


@pytest.mark.parametrize("act", [privacy.strip_fax, privacy.delete_fax])
def test_what_is_stripped_or_deleted_takes_its_cover_along(world, work, act):
    (fax,) = submit(world.northside)
    work.run_to_end()
    own = set(Document.rows.filter(fax=fax).values_list("key", flat=True))
    assert own & stored_files()
    act(world.northside.admin, fax_id=fax.pk)
    work.run_jobs()
    assert not own & stored_files()


# --- Many, and deaths on the way ----------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


def dies_at(monkeypatch, holder, name, *, call, before=True):
    """Have this process die at a call of a function, once."""
    wrapped, calls = getattr(holder, name), [0]

    def strike(*arguments, **named):
        calls[0] += 1
        if calls[0] == call and before:
            raise Killed
        result = wrapped(*arguments, **named)
        if calls[0] == call:
            raise Killed
        return result

    monkeypatch.setattr(holder, name, strike)


@pytest.mark.parametrize(
    ("holder", "name", "call", "before"),
    [
        (convert_covered, "keep_body", 1, True),
        (convert_covered, "keep_body", 1, False),
        (convert_covered, "_cover", 2, True),
        (convert_covered, "_finish", 2, True),
        (convert_covered, "_finish", 2, False),
        (erasure, "erase_later", 3, True),
        (convert_covered, "leave_rest", 1, True),
    ],
    ids=[
        "pages stored, no row",
        "pages kept",
        "between two",
        "a fax's pages stored, no row",
        "a fax queued",
        "a fax half queued",
        "all done",
    ],
)
def test_whoever_dies_the_next_finds_the_rest_and_nothing_is_left(
    world, work, monkeypatch, tmp_path, holder, name, call, before
):
    faxes = submit(world.northside, ", ".join(MANY[:4]))
    work.lose_all_jobs()
    with monkeypatch.context() as patch:
        dies_at(patch, holder, name, call=call, before=before)
        with pytest.raises(Killed):
            convert.convert_batch(faxes[0].pk)
    work.lose_all_jobs()
    work.pass_time(convert.LEASE + timedelta(seconds=1))
    work.run_to_end()
    assert [len(pages_of(fax, tmp_path)) for fax in faxes] == [3] * 4
    assert len({pages_of(fax, tmp_path)[0] for fax in faxes}) == 4
    work.pass_time(vault.UNNAMED_FOR + timedelta(minutes=1))
    assert stored_files() == set(Document.rows.values_list("key", flat=True))
    assert not Erasure.objects.exists()


def test_a_job_does_what_it_has_time_for_and_leaves_the_rest_to_the_next(world, work, monkeypatch):
    monkeypatch.setattr(convert_covered, "PORTION_SECONDS", 0.0)
    faxes = submit(world.northside, ", ".join(MANY))
    left = []
    while converting := [job for job in work.waiting if job[0].endswith("convert")]:
        work.waiting.remove(converting[0])
        convert.convert_batch(converting[0][1]["fax"])
        waiting = Fax.rows.filter(state=FaxState.PREPARING)
        left.append(waiting.count())
        assert not waiting.exclude(lease_until=None).exists(), "nobody has to wait for the lease"
        assert not waiting.exclude(prepare_tries=0).exists(), "that was no failed try"
    assert left == [7, 6, 5, 4, 3, 2, 1, 0], "one each, after one that made the pages"
    assert {fresh(fax).state for fax in faxes} == {FaxState.QUEUED}


def test_one_that_is_canceled_meanwhile_stops_nobody(world, work, monkeypatch):
    faxes = submit(world.northside, ", ".join(MANY[:3]))
    real = cover.render

    def cancels(*arguments, **named):
        if not fresh(faxes[1]).finished_at:
            control.cancel_fax(world.northside.admin, fax_id=faxes[1].pk)
        return real(*arguments, **named)

    monkeypatch.setattr(cover, "render", cancels)
    work.run_jobs()
    assert [fresh(fax).state for fax in faxes] == ["sending", "canceled", "sending"]
    assert not role(faxes[1], DocumentRole.RENDERED)


def test_what_would_fill_the_disk_is_refused(world, work, monkeypatch):
    monkeypatch.setattr(convert_covered, "MOST_BATCH_BYTES", 1000)
    faxes = submit(world.northside, ", ".join(MANY))
    work.run_jobs()
    for fax in faxes:
        assert (fresh(fax).state, fresh(fax).error_code) == ("failed", ErrorCode.COVERED_TOO_LARGE)
        privacy.delete_fax(world.northside.admin, fax_id=fax.pk)
    work.run_jobs()
    assert not stored_files()
