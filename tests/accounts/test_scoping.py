"""Rows refuse until told whose."""

import logging

import pytest

from accounts.errors import AccountClosed, AccountNotFound, NotAllowed, UnscopedQuery
from accounts.models import Status
from accounts.roles import ALLOWED, Action, Role, may
from accounts.tenancy import accounts_of, actor_in, require
from faxes.models import Faxbox


@pytest.mark.parametrize(
    "ask",
    [
        lambda rows: rows.all(),
        lambda rows: rows.filter(name="x"),
        lambda rows: rows.get(name="x"),
        lambda rows: rows.first(),
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.values("id"),
        lambda rows: rows.update(name="x"),
        lambda rows: rows.create(name="nobody's"),
        lambda rows: rows.across_tenants(why=""),
    ],
)
def test_a_query_that_does_not_say_whose_is_refused(world, ask):
    with pytest.raises(UnscopedQuery):
        ask(Faxbox.objects)
    assert Faxbox.rows.count() == 3


def test_a_query_for_an_account_finds_its_rows_only(world):
    assert list(Faxbox.objects.for_account(world.lakeside.id)) == [world.lakeside.faxbox]
    assert list(Faxbox.objects.visible_to(world.lakeside.viewer)) == [world.lakeside.faxbox]
    assert Faxbox.objects.across_tenants(why="a test").count() == 3


def test_relations_work_without_saying_it_again(world):
    assert world.northside.faxbox.numbers.get().faxbox == world.northside.faxbox


def test_a_person_is_an_actor_in_their_own_account_only(world):
    user = world.northside.people["member"]
    actor, account = actor_in(user, world.northside.id, address="192.0.2.7", via="portal")
    assert (actor.role, actor.name, account) == (Role.MEMBER, user.email, world.northside.account)
    with pytest.raises(AccountNotFound):
        actor_in(user, world.lakeside.id, address="192.0.2.7", via="portal")


def test_nobody_enters_a_closed_account_and_an_erased_one_is_not_there(world):
    world.northside.account.status = Status.CLOSED
    world.northside.account.save()
    user = world.northside.people["member"]
    assert accounts_of(user) == []
    with pytest.raises(AccountClosed):
        actor_in(user, world.northside.id, address="", via="portal")
    world.northside.account.status = Status.ERASED
    world.northside.account.save()
    with pytest.raises(AccountNotFound):
        actor_in(user, world.northside.id, address="", via="portal")


def test_what_a_role_may_not_is_refused_and_logged(world, caplog):
    caplog.set_level(logging.INFO, logger="accounts.tenancy")
    with pytest.raises(NotAllowed):
        require(world.northside.viewer, Action.FAX_DELETE)
    assert f"refused fax.delete to a viewer of {world.northside.id}" in caplog.text
    caplog.clear()
    require(world.northside.member, Action.FAX_DELETE)
    assert not caplog.text


def test_a_viewer_only_looks():
    looks = {Action.FAX_VIEW, Action.FAX_PAGES, Action.ACCOUNT_VIEW, Action.CONTACT_VIEW}
    assert ALLOWED[Role.VIEWER] == looks
    assert all(may(Role.ADMIN, action) for action in Action)
