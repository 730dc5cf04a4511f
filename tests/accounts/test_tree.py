"""The tree of accounts: made, renamed, moved, and never bent."""

import random
from threading import Thread

import pytest
from django.db import connection

from accounts import errors
from accounts.models import Account, AuditEntry, Kind, Status
from accounts.roles import Role
from accounts.services import audit, tenants, tree
from accounts.services.paths import account_below, path_of
from tests.accounts.money import actor_of, bill, plan_by, provider_of


@pytest.fixture
def platform(world):
    return actor_of(Account.objects.get(kind=Kind.PLATFORM))


@pytest.fixture
def harbor(world):
    return provider_of(world.northside.account)


@pytest.fixture
def summit(world):
    return provider_of(world.redwood.account)


def whole():
    """Every path says what the parents say; where they disagree it is bent."""
    bent = []
    for account in Account.objects.select_related("parent"):
        above = account.parent.path if account.parent else ""
        if account.path != f"{above}{account.pk.hex}/":
            bent.append(account.name)
    return not bent


def test_an_account_below_takes_from_its_provider_what_is_not_said(world, harbor):
    made = tenants.create_tenant(harbor, name="  Elm Street\tDental ")
    parent = Account.objects.get(pk=harbor.account_id)
    assert (made.name, made.realm) == ("Elm Street Dental", "elm-street-dental.harbor.example")
    assert (made.time_zone, made.country, made.paper) == (
        parent.time_zone,
        parent.country,
        parent.paper,
    )
    again = tenants.create_tenant(harbor, name="Elm Street Dental", time_zone="Europe/Berlin")
    assert again.realm == "elm-street-dental-2.harbor.example"
    assert again.time_zone == "Europe/Berlin"
    assert whole()


def test_a_reseller_makes_resellers_and_accounts_below_them_at_any_depth(world, harbor):
    parent = None
    for level in range(5):
        made = tenants.create_tenant(
            harbor, name=f"Level {level}", kind=Kind.RESELLER, parent_id=parent
        )
        parent = made.pk
    leaf = tenants.create_tenant(harbor, name="Leaf", parent_id=parent)
    assert len(path_of(leaf)) == 8
    assert account_below(harbor, leaf.pk) == leaf
    assert whole()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": " \t"}, errors.NameInvalid),
        ({"name": "\u202e\x00"}, errors.NameInvalid),
        ({"name": "x" * 121}, errors.NameInvalid),
        ({"kind": Kind.PLATFORM}, errors.KindInvalid),
        ({"realm": "-clinic.example"}, errors.RealmInvalid),
        ({"realm": "clinic..example"}, errors.RealmInvalid),
        ({"realm": "clinic.example\n"}, None),
        ({"realm": "cl\u00efnic.example"}, errors.RealmInvalid),
        ({"realm": "x" * 64 + ".example"}, errors.RealmInvalid),
        ({"realm": ".".join(["x" * 60] * 5)}, errors.RealmInvalid),
        ({"realm": "NORTHSIDE.example"}, errors.RealmTaken),
        ({"time_zone": "Mars/Olympus"}, errors.TimeZoneInvalid),
        ({"country": "XX"}, errors.CountryInvalid),
        ({"paper": "papyrus"}, errors.PaperInvalid),
    ],
    ids=str,
)
def test_what_an_account_cannot_be_is_told_and_nothing_is_made(world, harbor, wrong, error):
    before = Account.objects.count(), AuditEntry.objects.count()
    if error is None:
        assert tenants.create_tenant(harbor, **{"name": "X", **wrong}).realm == "clinic.example"
        return
    with pytest.raises(error) as refused:
        tenants.create_tenant(harbor, **{"name": "X", **wrong})
    assert refused.value.field == next(iter(wrong))
    assert (Account.objects.count(), AuditEntry.objects.count()) == before


def test_a_name_in_any_script_gets_a_realm(world, harbor):
    made = tenants.create_tenant(harbor, name="北側診療所")
    assert made.realm.endswith(".harbor.example")
    assert made.name == "北側診療所"
    long = tenants.create_tenant(harbor, name="Long " * 23)
    assert all(len(label) <= 63 for label in long.realm.split("."))


def test_customers_have_nobody_below_them(world, harbor):
    customer = actor_of(world.northside.account)
    for parent in (None, world.northside.id):
        with pytest.raises(errors.ParentInvalid):
            tenants.create_tenant(customer, name="X", parent_id=parent)
    with pytest.raises(errors.ParentInvalid):
        tenants.create_tenant(harbor, name="X", parent_id=world.northside.id)
    with pytest.raises(errors.ParentInvalid):
        tenants.move(harbor, account_id=world.lakeside.id, parent_id=world.northside.id)


def acts_on(account_id, other):
    return [
        lambda actor: tenants.create_tenant(actor, name="X", parent_id=account_id),
        lambda actor: tenants.rename(actor, account_id=account_id, name="X"),
        lambda actor: tenants.move(actor, account_id=account_id, parent_id=actor.account_id),
        lambda actor: tenants.move(actor, account_id=other, parent_id=account_id),
        lambda actor: tenants.suspend(actor, account_id=account_id),
        lambda actor: tenants.resume(actor, account_id=account_id),
        lambda actor: tenants.close(actor, account_id=account_id),
        lambda actor: tenants.reopen(actor, account_id=account_id),
    ]


def test_others_accounts_and_those_above_are_not_there(world, platform, harbor, summit):
    before = list(Account.objects.order_by("pk").values())
    for account_id in (world.redwood.id, summit.account_id, platform.account_id):
        for act in acts_on(account_id, world.northside.id):
            with pytest.raises(errors.AccountNotFound):
                act(harbor)
    for act in acts_on(world.northside.id, world.northside.id)[1:]:
        with pytest.raises((errors.AccountNotFound, errors.ParentInvalid)):
            act(actor_of(world.northside.account))
    assert list(Account.objects.order_by("pk").values()) == before


def test_members_do_nothing_to_accounts_below(world, harbor):
    member = type(harbor)(harbor.account_id, Role.MEMBER, "member", "test")
    for act in acts_on(world.northside.id, world.lakeside.id):
        with pytest.raises(errors.NotAllowed):
            act(member)


def test_a_branch_moves_with_all_below_it(world, platform, harbor, summit):
    sub = tenants.create_tenant(harbor, name="Sub", kind=Kind.RESELLER)
    leaf = tenants.create_tenant(harbor, name="Leaf", parent_id=sub.pk)
    tenants.move(platform, account_id=sub.pk, parent_id=summit.account_id)
    assert account_below(summit, leaf.pk).parent_id == sub.pk
    with pytest.raises(errors.AccountNotFound):
        account_below(harbor, leaf.pk)
    assert whole()


def test_nothing_moves_below_itself(world, platform, harbor):
    sub = tenants.create_tenant(harbor, name="Sub", kind=Kind.RESELLER)
    for parent in (harbor.account_id, sub.pk):
        with pytest.raises(errors.ParentInvalid):
            tenants.move(platform, account_id=harbor.account_id, parent_id=parent)
    assert whole()


def test_who_pays_by_a_plan_moves_only_to_where_it_is_offered(world, platform, harbor, summit):
    bill(world.northside.account, plan=plan_by(harbor))
    with pytest.raises(errors.PlanNotOffered):
        tenants.move(platform, account_id=world.northside.id, parent_id=summit.account_id)
    sub = tenants.create_tenant(harbor, name="Sub", kind=Kind.RESELLER)
    tenants.move(harbor, account_id=world.northside.id, parent_id=sub.pk)
    with pytest.raises(errors.PlanNotOffered):
        tenants.move(platform, account_id=sub.pk, parent_id=summit.account_id)
    bill(world.lakeside.account, plan=plan_by(platform))
    tenants.move(platform, account_id=world.lakeside.id, parent_id=summit.account_id)
    assert account_below(summit, world.lakeside.id).parent_id == summit.account_id


def test_the_tree_is_only_so_deep(world, harbor):
    deep = Account.objects.get(pk=harbor.account_id)
    while len(deep.path) + 33 <= 2000:
        deep = tree.create_account(
            name="X", kind=Kind.RESELLER, realm=f"x{len(deep.path)}.example", parent=deep
        )
    with pytest.raises(errors.TreeTooDeep):
        tenants.create_tenant(harbor, name="X", parent_id=deep.pk)
    sub = tenants.create_tenant(harbor, name="Sub", kind=Kind.RESELLER)
    with pytest.raises(errors.TreeTooDeep):
        tenants.move(harbor, account_id=sub.pk, parent_id=deep.pk)
    assert whole()


def test_each_act_is_on_record_in_both_accounts(world, harbor):
    made = tenants.create_tenant(harbor, name="Elm", kind=Kind.RESELLER)
    tenants.rename(harbor, account_id=made.pk, name="Oak")
    tenants.suspend(harbor, account_id=made.pk, reason="unpaid")
    tenants.suspend(harbor, account_id=made.pk)
    tenants.resume(harbor, account_id=made.pk)
    tenants.resume(harbor, account_id=made.pk)
    tenants.close(harbor, account_id=made.pk)
    tenants.close(harbor, account_id=made.pk)
    tenants.reopen(harbor, account_id=made.pk)
    tenants.reopen(harbor, account_id=made.pk)
    wanted = [f"tenant.{act}" for act in ("create", "rename", "suspend", "resume", "close")]
    for account_id, on_behalf in ((harbor.account_id, ""), (made.pk, "Harbor Communications")):
        entries = AuditEntry.objects.filter(account_id=account_id).order_by("number")
        assert [each.action for each in entries] == [*wanted, "tenant.reopen"]
        assert {each.on_behalf for each in entries} == {on_behalf}
        assert {each.object_id for each in entries} == {made.pk}
        assert audit.verify(account_id) is None
    assert "Oak" not in str(list(AuditEntry.objects.values_list("facts", flat=True)))


def test_what_was_shut_from_above_is_not_opened_further_down(world, platform, harbor):
    account_id = world.northside.id
    tenants.suspend(harbor, account_id=account_id, reason="unpaid")
    tenants.suspend(platform, account_id=account_id, reason="fraud")
    with pytest.raises(errors.ShutFromAbove):
        tenants.resume(harbor, account_id=account_id)
    tenants.close(harbor, account_id=account_id)
    tenants.reopen(harbor, account_id=account_id)
    with pytest.raises(errors.ShutFromAbove):
        tenants.resume(harbor, account_id=account_id)
    assert tenants.resume(platform, account_id=account_id).status == Status.ACTIVE
    tenants.close(platform, account_id=account_id)
    with pytest.raises(errors.ShutFromAbove):
        tenants.reopen(harbor, account_id=account_id)
    tenants.reopen(platform, account_id=account_id)
    tenants.suspend(harbor, account_id=account_id)
    assert tenants.resume(platform, account_id=account_id).status == Status.ACTIVE


def test_an_account_with_open_ones_below_is_not_closed_nor_reopened_below_a_closed_one(
    world, platform, harbor
):
    with pytest.raises(errors.TenantsBelow):
        tenants.close(platform, account_id=harbor.account_id)
    tenants.suspend(harbor, account_id=world.lakeside.id)
    tenants.close(harbor, account_id=world.northside.id)
    with pytest.raises(errors.TenantsBelow):
        tenants.close(platform, account_id=harbor.account_id)
    tenants.close(harbor, account_id=world.lakeside.id)
    tenants.close(platform, account_id=harbor.account_id)
    with pytest.raises(errors.TenantClosed):
        tenants.reopen(platform, account_id=world.northside.id)
    with pytest.raises(errors.ParentInvalid):
        tenants.create_tenant(platform, name="X", parent_id=harbor.account_id)
    tenants.reopen(platform, account_id=harbor.account_id)
    assert tenants.reopen(platform, account_id=world.northside.id).status == Status.ACTIVE
    again = tenants.reopen(platform, account_id=world.lakeside.id)
    assert again.status == Status.SUSPENDED, "as it was"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_moves_paths_and_parents_agree_and_so_do_those_below(world, platform, seed):
    chance = random.Random(seed)
    for _ in range(60):
        parents = [each.pk for each in Account.objects.exclude(kind=Kind.CUSTOMER).order_by("pk")]
        everybody = list(Account.objects.order_by("pk").values_list("pk", flat=True))
        if chance.random() < 0.4:
            kind = chance.choice([Kind.RESELLER, Kind.CUSTOMER])
            tenants.create_tenant(platform, name="X", kind=kind, parent_id=chance.choice(parents))
            continue
        moved, parent = chance.choice(everybody), chance.choice(everybody)
        try:
            tenants.move(platform, account_id=moved, parent_id=parent)
        except (errors.ParentInvalid, errors.AccountNotFound):
            continue
    assert whole()
    rows = {each.pk: each for each in Account.objects.all()}
    for account in rows.values():
        climbed = [account.pk]
        while above := rows[climbed[-1]].parent_id:
            climbed.append(above)
        assert path_of(account) == climbed[::-1]
        below = set(tree.below(account).values_list("pk", flat=True))
        assert below == {
            each.pk for each in rows.values() if account.pk in path_of(each) and each != account
        }


def test_two_who_move_and_make_at_the_same_time_leave_a_tree(world, platform, harbor, summit):
    subs = [
        tenants.create_tenant(platform, name=f"S{n}", kind=Kind.RESELLER, parent_id=parent)
        for n, parent in enumerate([harbor.account_id, summit.account_id] * 2)
    ]
    trouble = []

    def busy(seed):
        chance = random.Random(seed)
        try:
            for _ in range(15):
                one, other = chance.sample(subs, 2)
                try:
                    if chance.random() < 0.3:
                        tenants.create_tenant(platform, name="C", parent_id=one.pk)
                    else:
                        tenants.move(platform, account_id=one.pk, parent_id=other.pk)
                except errors.ParentInvalid:
                    continue
        except Exception as error:  # noqa: BLE001 (told to the test)
            trouble.append(error)
        finally:
            connection.close()

    threads = [Thread(target=busy, args=[seed]) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert whole()
