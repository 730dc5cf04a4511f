"""Limits: inherited, only ever lowered, counted as faxes are handed in, never passed together."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from accounts import clock
from accounts.errors import AccountNotFound, NotAllowed, TermsInvalid
from accounts.models import Account, AuditEntry, DayCount
from accounts.services import limits
from accounts.services.limits import Allowed
from faxes.enums import ErrorCode, FaxState
from faxes.errors import InvalidRequest
from faxes.models import Fax
from faxes.services.admission import stored_bytes
from faxes.services.control import cancel_fax
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.accounts.money import provider_of
from tests.stored import stored_files

GOOD, BUSY = "+12025550100", "+12025550101"


def allow(tenant, **most):
    return limits.set_limits(
        provider_of(tenant.account), account_id=tenant.id, limits=Allowed(**most)
    )


def refused(send, tenant, to=GOOD, **request):
    with pytest.raises(InvalidRequest) as error:
        send(tenant, to, **request)
    return [(each.code, each.params) for each in error.value.errors]


def test_the_least_on_the_path_counts(world):
    reseller = Account.objects.get(pk=world.northside.account.parent_id)
    limits.set_limits(
        provider_of(reseller),
        account_id=reseller.pk,
        limits=Allowed(pages_a_day=100, pages_a_fax=20),
    )
    allow(world.northside, pages_a_day=1000, pages_a_fax=10, calls_at_once=3)
    assert limits.limits_of(world.northside.account) == Allowed(
        pages_a_day=100, pages_a_fax=10, calls_at_once=3
    )
    assert limits.limits_of(world.lakeside.account) == Allowed(pages_a_day=100, pages_a_fax=20)
    assert limits.limits_of(world.redwood.account) == Allowed()


def test_pages_a_day_are_counted_and_begin_anew_at_the_accounts_midnight(world, work, send):
    allow(world.northside, pages_a_day=5)
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=True):
        send(world.northside, GOOD, pages=3)
        assert refused(send, world.northside, pages=3) == [
            (ErrorCode.LIMIT_PAGES_DAY, {"limit": 5})
        ]
        send(world.northside, GOOD, pages=2)
        assert Fax.rows.count() == 2
    with time_machine.travel(datetime(2026, 3, 3, 4, 59, tzinfo=UTC), tick=True):
        assert refused(send, world.northside)  # still 2 March in New York
    with time_machine.travel(datetime(2026, 3, 3, 5, 1, tzinfo=UTC), tick=True):
        send(world.northside, GOOD, pages=5)


def test_pages_a_month_are_those_of_its_days(world, work, send):
    allow(world.northside, pages_a_month=4)
    for day in (30, 31):
        with time_machine.travel(datetime(2026, 3, day, 12, tzinfo=UTC), tick=True):
            send(world.northside, GOOD, pages=2)
            last = refused(send, world.northside, pages=3)
    assert last == [(ErrorCode.LIMIT_PAGES_MONTH, {"limit": 4})]
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC), tick=True):
        send(world.northside, GOOD, pages=3)


def test_every_recipient_counts(world, work, send):
    allow(world.northside, pages_a_day=5)
    to = f"{GOOD}, +12025550108"
    assert refused(send, world.northside, to, pages=3)
    assert not stored_files()


def test_a_fax_may_have_so_many_pages(world, work, send):
    allow(world.northside, pages_a_fax=2)
    send(world.northside, GOOD, pages=2)
    assert refused(send, world.northside, pages=3) == [(ErrorCode.LIMIT_PAGES_FAX, {"limit": 2})]


def test_so_many_faxes_may_be_on_their_way(world, work, send):
    allow(world.northside, faxes_at_once=2)
    send(world.northside, GOOD)
    send(world.northside, GOOD)
    assert refused(send, world.northside) == [(ErrorCode.LIMIT_AT_ONCE, {"limit": 2})]
    work.run_to_end()
    send(world.northside, GOOD)


def test_a_full_storage_takes_no_more_out_but_every_arrival(world, work, send):
    send(world.northside, GOOD)
    work.run_to_end()
    used = stored_bytes(world.northside.account)
    assert used > 0
    allow(world.northside, storage_bytes=used)
    assert refused(send, world.northside) == [(ErrorCode.LIMIT_STORAGE, {"limit": 0})]
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    assert Fax.rows.get(account=world.northside.account, direction="inbound").state == "received"


def test_what_several_faxes_share_is_stored_once(world, work):
    allow(world.northside)
    documents = [papers.incoming(papers.pdf(1))]
    to = f"{GOOD}, +12025550108"
    submit_fax(world.northside.admin, request=FaxRequest(to=to, documents=documents), origin="test")
    work.run_jobs()
    sizes = {
        document.key: document.size for fax in Fax.rows.all() for document in fax.documents.all()
    }
    assert stored_bytes(world.northside.account) == sum(sizes.values())


@pytest.mark.parametrize(("dialled", "left"), [(False, 0), (True, 3)])
def test_pages_that_never_went_out_are_given_back(world, work, send, dialled, left):
    fax = send(world.northside, BUSY, pages=3)
    if dialled:
        work.run()
    cancel_fax(world.northside.admin, fax_id=fax.pk)
    work.run()
    fax.refresh_from_db()
    assert fax.state == (FaxState.FAILED if dialled else FaxState.CANCELED)
    assert DayCount.objects.for_account(world.northside.id).get().pages == left


def test_submissions_at_the_same_time_cannot_pass_a_limit_together(world, work):
    allow(world.northside, pages_a_day=3, faxes_at_once=3)
    sent = []

    def submit():
        document = papers.incoming(papers.pdf(1))
        try:
            submit_fax(
                world.northside.admin,
                request=FaxRequest(to=GOOD, documents=[document]),
                origin="test",
            )
            sent.append(1)
        except InvalidRequest:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(sent) == 3


def test_limits_are_set_by_those_above_only_and_go_on_record(world):
    allow(world.northside, pages_a_day=5)
    entries = AuditEntry.objects.filter(action="limits.set", object_id=world.northside.id)
    above = world.northside.account.parent_id
    assert {each.account_id for each in entries} == {world.northside.id, above}
    strangers = [world.northside.admin, world.lakeside.admin, provider_of(world.redwood.account)]
    for stranger in strangers:
        with pytest.raises(AccountNotFound):
            limits.set_limits(stranger, account_id=world.northside.id, limits=Allowed())
    with pytest.raises(NotAllowed):
        limits.set_limits(world.northside.viewer, account_id=world.northside.id, limits=Allowed())
    with pytest.raises(TermsInvalid):
        allow(world.northside, pages_a_day=-1)
    assert limits.limits_of(world.northside.account).pages_a_day == 5


def test_a_month_has_the_pages_of_its_own_days_only(world):
    day = clock.now().date().replace(day=1)
    for other in (day, day - timedelta(days=1)):
        DayCount.rows.create(account=world.northside.account, day=other, pages=7)
    assert limits.pages_in_month(world.northside.account, day) == 7
