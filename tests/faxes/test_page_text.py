"""Search in the pages of faxes: what is kept of them, what finds them, and that it goes."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.errors import NotAllowed
from accounts.models import Account, AuditEntry
from accounts.roles import Role
from accounts.services.resealing import reseal_accounts
from faxes.documents import reading
from faxes.enums import DocumentRole, ErrorCode
from faxes.errors import DocumentError
from faxes.models import Fax, Faxbox, PageText, PageWord
from faxes.queries.faxes import FaxFilter, list_faxes
from faxes.queries.page_words import found_on_pages
from faxes.services import page_text
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.submit import FaxRequest, submit_fax
from tests import databases, papers
from tests.stored import planted

ON_PAGE = {1: ["befund", "muller", "4711", "22"], 2: ["seite", "zwei"], 3: ["schluss"]}


@pytest.fixture
def read(monkeypatch):
    """What stands on the pages, told at once; each page that was read is noted."""
    pages = []

    def words(_tiff, page, *, languages):
        pages.append(page)
        return ON_PAGE[page]

    monkeypatch.setattr(reading, "words_on_page", words)
    return pages


@pytest.fixture
def searching(world, read):
    """Lakeside finds faxes by the words on their pages."""
    page_text.switch(world.lakeside.admin, on=True)
    return world.lakeside


@pytest.fixture
def arrived(world, work, send, searching, once):
    """A fax of three pages that came to Lakeside, with its pages read."""

    def arrive():
        send(world.northside, searching.number, pages=3)
        work.run_to_end()

    once("read", arrive)
    return searching.faxbox.faxes.get()


def found(actor, q, **shown):
    return list(list_faxes(actor, FaxFilter(q=q, **shown)).faxes)


def kept(tenant):
    rows = [model.rows.filter(account=tenant.account) for model in (PageText, PageWord)]
    return [each.count() for each in rows]


def test_a_fax_is_found_by_words_on_different_pages_and_beside_them(world, arrived, searching):
    admin = searching.admin
    for q in ("Müller", "MULLER zwei", "4711-22", "5550121 schluss", "befund"):
        assert found(admin, q) == [arrived], q
    for q in ("mull", "muller drei", "4711-23", "x", "-"):
        assert found(admin, q) == [], q
    assert found_on_pages(admin, "schluss nowhere", [arrived.pk]) == {arrived.pk}
    assert not found_on_pages(admin, "5550121", [arrived.pk])


def test_unless_an_account_asked_for_it_nothing_is_read_or_kept(world, work, send, arrived, read):
    assert kept(world.northside) == [0, 0], "the sender did not ask"
    read.clear()
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    assert kept(world.northside) == [0, 0]
    assert read == [1], "what Lakeside sent is read, what Northside received is not"
    assert found(world.northside.admin, "befund") == []


def test_no_word_is_in_the_database_and_no_account_has_the_digests_of_another(
    world, work, send, arrived
):
    page_text.switch(world.northside.admin, on=True)
    send(world.lakeside, world.northside.number, pages=3)
    work.run_to_end()
    assert kept(world.northside)[1] == 7
    assert planted("befund") == planted("muller") == 0
    theirs, ours = (
        set(PageWord.rows.filter(account=each.account).values_list("digest", flat=True))
        for each in (world.northside, world.lakeside)
    )
    assert not theirs & ours
    assert arrived not in found(world.northside.admin, "befund")


@pytest.mark.parametrize("remove", [strip_fax, delete_fax])
def test_the_words_go_in_the_transaction_that_removes_the_pages(
    arrived, searching, remove, monkeypatch
):
    assert kept(searching) == [1, 7]
    with monkeypatch.context() as failing:
        failing.setattr("faxes.services.privacy._record", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            remove(searching.admin, fax_id=arrived.pk)
    assert kept(searching) == [1, 7]
    remove(searching.admin, fax_id=arrived.pk)
    assert kept(searching) == [0, 0]
    assert found(searching.admin, "befund") == []


def test_switching_off_erases_all_of_the_account_and_its_key(world, work, arrived, searching):
    page_text.switch(searching.admin, on=False)
    assert kept(searching) == [0, 0]
    assert Account.objects.get(pk=searching.id).page_text_key is None
    page_text.switch(searching.admin, on=True)
    assert found(searching.admin, "befund") == []
    acts = AuditEntry.objects.filter(account_id=searching.id, action__startswith="page_text")
    assert [each.action for each in acts.order_by("number")] == [
        "page_text.on", "page_text.off", "page_text.on",
    ]  # fmt: skip


def test_what_cannot_go_at_once_goes_a_moment_later_and_stands_in_nobodys_way(
    work, arrived, searching, monkeypatch
):
    monkeypatch.setattr(page_text, "_PORTIONS_AT_ONCE", 0)
    page_text.switch(searching.admin, on=False)
    assert kept(searching) == [1, 7]
    assert found(searching.admin, "befund") == []
    page_text.switch(searching.admin, on=True)
    call_command("index_faxes", "--account", searching.account.realm, stdout=StringIO())
    assert found(searching.admin, "befund") == [arrived]
    page_text.switch(searching.admin, on=False)
    work.lose_all_jobs()
    page_text.attend(clock.now())
    work.run_jobs()
    assert kept(searching) == [0, 0]


def test_only_administrators_switch_it(world):
    for actor in (world.northside.member, world.northside.viewer):
        with pytest.raises(NotAllowed):
            page_text.switch(actor, on=True)


def test_who_may_not_see_pages_cannot_look_for_what_is_on_them(world, arrived, searching):
    provider = searching.actor(Role.ADMIN).__class__(
        account_id=searching.id, role=Role.PROVIDER, name="harbor", via="test"
    )
    with pytest.raises(NotAllowed):
        found(provider, "befund")
    assert not found_on_pages(provider, "befund", [arrived.pk])
    Faxbox.rows.filter(pk=searching.faxbox.pk).update(restricted=True)
    assert found(searching.member, "befund") == [], "it is of a machine that is not theirs"
    assert not found_on_pages(searching.member, "befund", [arrived.pk])


def test_a_killed_reader_goes_on_with_the_page_it_was_at(world, work, send, searching, monkeypatch):
    begun = []

    def killed(_tiff, page, *, languages):
        begun.append(page)
        if page == 2 and len(begun) == 2:
            raise KeyboardInterrupt  # as hard an end as can be had here
        return ON_PAGE[page]

    monkeypatch.setattr(reading, "words_on_page", killed)
    send(world.northside, searching.number, pages=3)
    with pytest.raises(KeyboardInterrupt):
        work.run_to_end()
    work.run_to_end()
    work.lose_all_jobs()
    assert begun == [1, 2]
    work.pass_time(page_text._LEASE)
    assert begun == [1, 2, 2, 3]
    assert kept(searching) == [1, 7]
    row = PageText.rows.get()
    assert (row.wake_at, row.lease_until, row.unread) == (None, None, 0)


def test_a_page_that_ends_its_reader_again_and_again_is_passed_over(
    world, work, send, searching, monkeypatch
):
    def killed(_tiff, page, *, languages):
        if page == 2:
            raise KeyboardInterrupt
        return ON_PAGE[page]

    monkeypatch.setattr(reading, "words_on_page", killed)
    send(world.northside, searching.number, pages=3)
    with pytest.raises(KeyboardInterrupt):
        work.run_to_end()
    for _ in range(page_text._MOST_TRIES - 1):
        with pytest.raises(KeyboardInterrupt):
            work.pass_time(page_text._LEASE)
    work.pass_time(page_text._LEASE)
    assert PageText.rows.get().unread == 1
    assert len(found(searching.admin, "schluss befund")) == 1


def test_a_page_that_cannot_be_read_stops_neither_the_others_nor_the_fax(
    world, work, send, searching, monkeypatch
):
    def too_hard(_tiff, page, *, languages):
        if page == 1:
            raise DocumentError(ErrorCode.DOCUMENT_TOO_SLOW, field="documents")
        return ON_PAGE[page]

    monkeypatch.setattr(reading, "words_on_page", too_hard)
    send(world.northside, searching.number, pages=3)
    work.run_to_end()
    (fax,) = found(searching.admin, "zwei schluss")
    assert fax.pages == 3
    assert PageText.rows.get().unread == 1


def test_pages_that_are_damaged_in_storage_are_not_looked_at_for_ever(
    world, work, send, searching, read
):
    send(world.northside, searching.number, pages=3)
    send(world.northside, searching.number)
    with pytest.MonkeyPatch.context() as later:
        later.setattr(page_text, "can_read", lambda: False)
        work.run_to_end()
        newest = PageText.rows.filter(account=searching.account).latest("fax_id")
        document = newest.fax.documents.get(role=DocumentRole.RECEIVED)
        Path(default_storage.path(document.key)).write_bytes(b"not what was stored")
    page_text.read_pages()
    newest.refresh_from_db()
    assert (newest.wake_at, newest.lease_until, newest.unread) == (None, None, document.pages)
    assert page_text.left_to_read(account_id=searching.id) == 0
    assert read, "the other one was read"


def test_pages_that_cannot_be_had_for_a_while_wait_and_let_the_others_pass(
    world, work, send, searching, read, settings
):
    known = settings.SITE_KEYS
    send(world.northside, searching.number)
    with pytest.MonkeyPatch.context() as later:
        later.setattr(page_text, "can_read", lambda: False)
        work.run_to_end()
    settings.SITE_KEYS = ["another" * 8]
    page_text.read_pages()
    row = PageText.rows.get(account=searching.account)
    assert (row.lease_until, row.tries, row.unread) == (None, 0, 0)
    assert row.wake_at is not None
    assert row.wake_at > clock.now()
    settings.SITE_KEYS = known
    PageText.rows.filter(pk=row.pk).update(wake_at=clock.now())
    page_text.read_pages()
    assert len(read) == 1


@pytest.mark.parametrize(("bound", "most", "pages"), [("PAGES", 2, [1, 2]), ("SECONDS", 0, [])])
def test_a_very_long_fax_is_read_so_far_and_no_farther(
    world, work, send, searching, read, monkeypatch, bound, most, pages
):
    monkeypatch.setattr(page_text, f"MOST_{bound}", most)
    send(world.northside, searching.number, pages=3)
    work.run_to_end()
    assert read == pages
    assert PageText.rows.get().unread == 3 - len(pages)


def test_words_read_while_the_fax_is_stripped_or_all_is_switched_off_are_not_kept(
    world, work, send, searching, monkeypatch
):
    def meanwhile(_tiff, page, *, languages):
        page_text.switch(searching.admin, on=False)
        page_text.switch(searching.admin, on=True)
        return ON_PAGE[page]

    monkeypatch.setattr(reading, "words_on_page", meanwhile)
    send(world.northside, searching.number)
    work.run_to_end()
    assert kept(searching) == [0, 0]


def test_faxes_of_one_submission_are_read_once(world, work, read):
    page_text.switch(world.northside.admin, on=True)
    wanted = FaxRequest(to="+12025550100, +12025550108", documents=[papers.incoming(papers.pdf())])
    submit_fax(world.northside.admin, request=wanted, origin="test")
    work.run_to_end()
    assert read == [1]
    assert len(found(world.northside.admin, "befund")) == 2


def test_what_was_there_before_is_read_when_the_operator_says_so_and_once(
    world, work, send, read, monkeypatch
):
    for _ in range(3):
        send(world.northside, world.lakeside.number)
    work.run_to_end()
    page_text.switch(world.lakeside.admin, on=True)
    monkeypatch.setattr(page_text, "_FAXES_AT_ONCE", 2)
    said = StringIO()
    call_command("index_faxes", stdout=said)
    realm = world.lakeside.account.realm
    assert said.getvalue().splitlines() == [
        f"{realm}: 3 faxes noted, 3 to read",
        f"{realm}: all read",
    ]
    assert len(found(world.lakeside.admin, "befund")) == len(read) == 3
    call_command("index_faxes", stdout=said)
    assert len(read) == 3
    with pytest.raises(CommandError, match="has switched on"):
        call_command("index_faxes", "--account", world.northside.account.realm)


def test_without_tesseract_the_pages_wait(world, work, send, searching, read, monkeypatch):
    with monkeypatch.context() as bare:
        bare.setattr(page_text, "can_read", lambda: False)
        send(world.northside, searching.number)
        work.run_to_end()
        assert not read
        with pytest.raises(CommandError, match="tesseract-ocr"):
            call_command("index_faxes")
    page_text.attend(clock.now())
    work.run_jobs()
    assert read == [1]


def test_a_new_secret_key_leaves_it_searchable(world, arrived, searching, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of this portal, long enough"
    list(reseal_accounts())
    settings.SECRET_KEY_FALLBACKS = []
    assert found(searching.admin, "befund") == [arrived]


def test_words_are_looked_up_by_their_index_at_a_fixed_number_of_queries(
    world, work, send, arrived, searching
):
    def asked(q):
        with CaptureQueriesContext(connection) as queries:
            found(searching.admin, q)
        return [each["sql"] for each in queries]

    one = asked("befund")
    send(world.northside, searching.number, pages=3)
    work.run_to_end()
    three = asked("befund muller zwei")
    assert len(found(searching.admin, "befund")) == 2
    assert len(one) == len(three)
    (sql,) = {each for each in one if "pageword" in each and "\"direction\" = 'inbound'" in each}
    if not databases.IS_SQLITE:
        return  # what leads there has tests with more rows
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = [row[3] for row in cursor.fetchall()]
    assert any(
        re.search(
            r"USING COVERING INDEX \w+ \(account_id=\? AND digest=\? AND fax_id=\?\)",
            step,
        )
        for step in plan
    ), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_pages_of_a_search_follow_each_other(world, work, send, searching):
    for _ in range(3):
        send(world.northside, searching.number)
    work.run_to_end()
    shown, cursor = FaxFilter(q="befund"), ""
    seen: list[Fax] = []
    for _ in range(3):
        page = list_faxes(searching.admin, shown, cursor=cursor, size=1)
        seen += page.faxes
        cursor = page.next_cursor
    assert cursor == ""
    assert seen == found(searching.admin, "befund")
