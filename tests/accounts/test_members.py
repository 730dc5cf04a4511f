"""People of an account as programs administer them."""

import hashlib
from dataclasses import replace

import pytest
from django.core import mail
from django.test import Client

from accounts.errors import LastAdmin, NotAllowed, NotThere, PersonInvalid
from accounts.models import AuditEntry, Membership, SignInDigest, User
from accounts.roles import Role, Scope, actions_of
from accounts.services import people, sign_in_digests
from accounts.services.members import (
    NewPerson,
    PersonChange,
    change_person,
    create_person,
    person_of,
    set_username,
)
from accounts.tenancy import actor_below

PASSWORD = "a-long-enough-word"


def new(**more):
    return NewPerson(**{"email": "Clerk@northside.example", "password": PASSWORD, **more})


def found_by(name, password=PASSWORD):
    pair = f"{name}:{password}".encode()
    return sign_in_digests.people_of(hashlib.md5(pair, usedforsecurity=False).hexdigest())


def test_somebody_new_signs_in_with_address_or_username(world):
    made = create_person(
        world.northside.admin,
        person=new(name="A clerk", username="Clerk", role=Role.VIEWER, echo={"vm": {"x": 1}}),
    )
    assert (made.role, made.echo) == (Role.VIEWER, {"vm": {"x": 1}})
    form = {"login": "clerk@northside.example", "password": PASSWORD}
    assert Client().post("/login/", form).status_code == 302
    for name in ("clerk", "clerk@northside.example"):
        assert found_by(name) == [made.user]
    entry = AuditEntry.objects.get(action="team.create")
    assert (entry.object_id, entry.facts) == (made.user.pk, {"role": "viewer"})


def test_without_a_password_nobody_signs_in_until_they_choose_one(world):
    made = create_person(world.northside.admin, person=new(password=""))
    assert not made.user.has_usable_password()
    assert not SignInDigest.objects.filter(user=made.user).exists()


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"email": "VIEWER@northside.example"}, "email", "taken"),
        ({"email": "member@redwood.example"}, "email", "taken"),
        ({"email": "nonsense"}, "email", "invalid"),
        ({"password": "short"}, "password", "weak"),
        ({"username": "x" * 129}, "username", "invalid"),
        ({"username": "a\nb"}, "username", "invalid"),
        ({"username": "Member@northside.example"}, "username", "taken"),
        ({"name": "x" * 121}, "name", "invalid"),
    ],
)
def test_what_cannot_be_is_told_by_its_field(world, wrong, field, code):
    before = User.objects.count()
    with pytest.raises(PersonInvalid) as told:
        create_person(world.northside.admin, person=new(**wrong))
    assert (told.value.field, told.value.code) == (field, code)
    assert bool(told.value.words) == (code == "weak")
    assert User.objects.count() == before


def test_a_username_is_one_persons_and_goes_with_the_next(world):
    admin, member = world.northside.admin, world.northside.people["member"]
    made = create_person(admin, person=new(username="clerk"))
    with pytest.raises(PersonInvalid):
        set_username(admin, user_id=member.pk, username="CLERK")
    assert set_username(admin, user_id=made.user_id, username="desk").username == "desk"
    assert found_by("clerk") == []
    assert found_by(made.user.email) == [made.user]
    Client().post("/login/", {"login": made.user.email, "password": PASSWORD})
    assert found_by("desk") == [made.user]
    elsewhere = Membership.objects.create(
        user=made.user, account=world.redwood.account, role=Role.VIEWER
    )
    people.remove(admin, user_id=made.user_id)
    assert found_by("desk") == []
    assert found_by(made.user.email) == [elsewhere.user]
    lakeside = create_person(
        world.lakeside.admin, person=new(email="x@lakeside.example", username="desk")
    )
    assert found_by("desk") == [lakeside.user]


def test_a_new_password_ends_the_one_before(world):
    made = create_person(world.northside.admin, person=new())
    change = PersonChange(password="another-long-word", name="B", echo={"a": 1}, role=Role.VIEWER)
    changed = change_person(world.northside.admin, user_id=made.user_id, change=change)
    assert (changed.user.name, changed.role, changed.echo) == ("B", "viewer", {"a": 1})
    assert found_by("clerk@northside.example") == []
    assert found_by("clerk@northside.example", "another-long-word") == [made.user]
    assert AuditEntry.objects.get(action="team.change").facts == {"changed": "name, echo, password"}
    with pytest.raises(LastAdmin):
        change_person(
            world.northside.admin,
            user_id=world.northside.people["admin"].pk,
            change=PersonChange(role=Role.MEMBER),
        )


@pytest.mark.parametrize("change", [PersonChange(name="X"), PersonChange(password=PASSWORD)])
def test_who_is_of_other_accounts_too_is_not_this_ones_to_change(world, change):
    member = world.northside.people["member"]
    Membership.objects.create(user=member, account=world.redwood.account, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        change_person(world.redwood.admin, user_id=member.pk, change=change)


def told(email):
    return [each for each in mail.outbox if each.to == [email]]


def test_a_provider_adds_people_which_is_told_and_sets_nobodys_password(world):
    provider = actor_below(world.harbor.admin, world.northside.id)
    with pytest.raises(NotAllowed):
        create_person(provider, person=new())
    assert not User.objects.filter(email__iexact=new().email).exists()
    made = create_person(provider, person=new(password=""))
    (mailed,) = told(world.northside.people["admin"].email)
    assert "clerk@northside.example" in mailed.body.lower()
    assert "Harbor Communications" in mailed.subject
    entry = AuditEntry.objects.get(action="team.create", account_id=world.northside.id)
    assert (entry.actor, entry.on_behalf) == (provider.name, "Harbor Communications")
    with pytest.raises(NotAllowed):
        change_person(provider, user_id=made.user_id, change=PersonChange(password="x" * 20))
    with pytest.raises(PersonInvalid):
        create_person(provider, person=new(email="member@redwood.example", password=""))


def test_a_provider_gives_nobody_another_role_unheard(world):
    provider = actor_below(world.harbor.admin, world.northside.id)
    viewer, admin = world.northside.people["viewer"], world.northside.people["admin"]
    change_person(provider, user_id=viewer.pk, change=PersonChange(role=Role.ADMIN))
    (mailed,) = told(admin.email)
    assert f"made {viewer.email} an administrator" in mailed.body
    change_person(provider, user_id=admin.pk, change=PersonChange(role=Role.VIEWER))
    assert [len(told(each.email)) for each in (admin, viewer)] == [2, 2], "who was one hears, too"
    mail.outbox.clear()
    own = replace(world.northside.admin, user_id=viewer.pk)
    change_person(own, user_id=admin.pk, change=PersonChange(role=Role.MEMBER, username="a"))
    assert not mail.outbox


def test_a_token_sets_no_password_of_who_may_more_than_it(world):
    narrow = replace(world.northside.admin, only=actions_of([Scope.ACCOUNT_ADMIN]))
    with pytest.raises(NotAllowed):
        create_person(narrow, person=new(role=Role.ADMIN))
    member = world.northside.people["member"]
    with pytest.raises(NotAllowed):
        change_person(narrow, user_id=member.pk, change=PersonChange(password="x" * 20))
    made = create_person(narrow, person=new(role=Role.ADMIN, password=""))
    assert not made.user.has_usable_password()


def test_people_see_themselves_and_administrators_everybody(world):
    member, viewer = world.northside.member, world.northside.people["viewer"]
    assert member.user_id
    assert person_of(member, user_id=member.user_id).user_id == member.user_id
    with pytest.raises(NotAllowed):
        person_of(member, user_id=viewer.pk)
    assert person_of(world.northside.admin, user_id=viewer.pk).role == Role.VIEWER
    with pytest.raises(NotThere):
        person_of(world.lakeside.admin, user_id=viewer.pk)
    with pytest.raises(ValueError, match="nobody"):
        create_person(replace(world.northside.admin), person=new(role=Role.PROVIDER))
    with pytest.raises(NotAllowed):
        create_person(world.northside.member, person=new())
