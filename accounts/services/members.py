"""The people of an account as programs administer them: made with a name and a password, changed.

A person may be of other accounts, too, and there they are the same: so nobody is given another
password, or another name, by one account's administrators unless they are of that account alone.
Whoever knows a password may what that person may, so it is set only by who may all of that anyway;
and by no provider, for whom it would be a way to the pages. The account's administrators hear of
whom a provider adds, and whom it gives another role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.errors import NotAllowed, NotThere, PersonInvalid
from accounts.models import Account, Membership, User
from accounts.roles import ALLOWED, NEVER_A_MEMBERSHIP, Action, Role
from accounts.scoping import Actor
from accounts.services import audit, mail, people, program_sessions, sign_in_digests
from accounts.services.brands import brand_of
from accounts.services.signin import is_of_others
from accounts.tenancy import require

_NAME_LENGTH: Final = 120
_USERNAME_LENGTH: Final = 128
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is to be of the account. Without ``password`` they choose one by mail, when they want.

    ``username`` is what they sign in with in place of their address; ``echo`` is told again as it
    is.
    """

    email: str
    name: str = ""
    username: str = ""
    role: Role = Role.MEMBER
    password: str = ""
    echo: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be different about a person; None leaves it."""

    name: str | None = None
    username: str | None = None
    role: Role | None = None
    password: str | None = None
    echo: Mapping[str, Any] | None = None


def person_of(actor: Actor, *, user_id: UUID) -> Membership:
    """One of the people of the actor's account; everybody may see themselves.

    Raises:
        NotAllowed
        NotThere: no such person in the account.

    """
    require(actor, Action.ACCOUNT_VIEW if user_id == actor.user_id else Action.TEAM_MANAGE)
    rows = Membership.objects.filter(account_id=actor.account_id, user_id=user_id)
    found = rows.select_related("user").first()
    if found is None:
        raise NotThere
    return found


def create_person(actor: Actor, *, person: NewPerson) -> Membership:
    """Make somebody who signs in, and is of the actor's account.

    Raises:
        NotAllowed: also to give a password to who may more than the actor, or as a provider.
        PersonInvalid: something about them cannot be, or somebody has this address or name already.

    """
    require(actor, Action.TEAM_MANAGE)
    _require_role(person.role)
    user = User(email=_email(person.email), name=_name(person.name))
    if person.password:
        _require_may_know(actor, person.role)
        _require_password(person.password, user)
    username = _username(person.username)
    try:
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)
            _require_free(actor, username)
            user = User.objects.create_user(user.email, person.password or None, name=user.name)
            made = Membership.objects.create(
                user=user,
                account_id=actor.account_id,
                role=person.role,
                username=username,
                echo=dict(person.echo),
            )
            User.objects.filter(pk=user.pk).update(last_account_id=actor.account_id)
            audit.record(
                actor,
                action="team.create",
                object_type="user",
                object_id=user.pk,
                role=person.role.value,
            )
            if person.password:
                sign_in_digests.keep(user, person.password)
    except IntegrityError:
        raise PersonInvalid("email", "taken") from None
    _tell_administrators(actor, made, "accounts/email/added_by_provider", but=user)
    return made


def change_person(
    actor: Actor, *, user_id: UUID, change: PersonChange | Callable[[Membership], PersonChange]
) -> Membership:
    """Change somebody of the actor's account.

    ``change`` may be made of who they are, which nobody else changes meanwhile.

    Raises:
        NotAllowed: also to name or give a password to a person of other accounts, too; or a
            password to who may more than the actor, or as a provider.
        NotThere: no such person in the account.
        LastAdmin: nobody would be left to administer it.
        PersonInvalid: something about them cannot be, or somebody has this name already.

    """
    require(actor, Action.TEAM_MANAGE)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)
        membership = person_of(actor, user_id=user_id)
        before = membership.role
        change = change(membership) if callable(change) else change
        if change.role is not None:
            _require_role(change.role)
            people.change_role(actor, user_id=user_id, role=change.role)
        changed = _renamed(membership, change) + _given(actor, membership, change)
        if change.password:
            _require_may_know(actor, Role(change.role or before))
            _set_password(actor, membership.user, change.password)
            changed.append("password")
        if changed:
            audit.record(
                actor,
                action="team.change",
                object_type="user",
                object_id=user_id,
                changed=", ".join(changed),
            )
    changed_person = person_of(actor, user_id=user_id)
    if changed_person.role != before:
        _tell_administrators(actor, changed_person, "accounts/email/role_by_provider")
    return changed_person


def set_username(actor: Actor, *, user_id: UUID, username: str) -> Membership:
    """Say what somebody signs in with in place of their address; empty for the address again.

    Programs that sign in with it can do so from the person's next password or sign-in on.

    Raises:
        NotAllowed, NotThere, PersonInvalid: as ``change_person``.

    """
    return change_person(actor, user_id=user_id, change=PersonChange(username=username))


def _renamed(membership: Membership, change: PersonChange) -> list[str]:
    """Give a person another name, if that is what is wanted; what was changed."""
    user = membership.user
    if change.name is None or _name(change.name) == user.name:
        return []
    _require_ours_alone(membership)
    people.rename(user, name=_name(change.name))
    return ["name"]


def _given(actor: Actor, membership: Membership, change: PersonChange) -> list[str]:
    """Change what a person has in this account alone; what was changed."""
    changed = []
    if change.username is not None and _username(change.username) != membership.username:
        _require_free(actor, _username(change.username), but=membership.user)
        membership.username = _username(change.username)
        changed.append("username")
    if change.echo is not None and dict(change.echo) != membership.echo:
        membership.echo = dict(change.echo)
        changed.append("echo")
    if changed:
        membership.save(update_fields=changed)
    if "username" in changed:
        sign_in_digests.forget_names(membership.user)
    return changed


def _set_password(actor: Actor, user: User, password: str) -> None:
    if is_of_others(user, than=actor.account_id):
        raise NotAllowed("password")
    _require_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_in_digests.keep(user, password)
    people.end_sessions(user)
    program_sessions.end_all_of(user)


def _require_may_know(actor: Actor, role: Role) -> None:
    """Let pass who may set the password of somebody of this role, and so will know it.

    Raises:
        NotAllowed

    """
    if actor.role == Role.PROVIDER or not all(actor.may(each) for each in ALLOWED[role]):
        raise NotAllowed("password")


def _require_ours_alone(membership: Membership) -> None:
    if is_of_others(membership.user, than=membership.account_id):
        raise NotAllowed("name")


def _require_role(role: Role) -> None:
    if role in NEVER_A_MEMBERSHIP:
        raise ValueError("nobody is that in an account")


def _require_free(actor: Actor, username: str, *, but: User | None = None) -> None:
    """Let pass what nobody else of the account signs in with.

    Raises:
        PersonInvalid

    """
    if not username:
        return
    rows = Membership.objects.filter(account_id=actor.account_id)
    taken = Q(username__iexact=username) | Q(user__email__iexact=username)
    if rows.filter(taken).exclude(user=but).exists():
        raise PersonInvalid("username", "taken")


def _require_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PersonInvalid("password", "weak", tuple(error.messages)) from None


def _email(written: str) -> str:
    email = written.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise PersonInvalid("email", "invalid") from None
    if User.objects.filter(email__iexact=email).exists():
        raise PersonInvalid("email", "taken")
    return email


def _name(written: str) -> str:
    name = " ".join(written.split())
    if len(name) > _NAME_LENGTH or not _is_one_line(name):
        raise PersonInvalid("name", "invalid")
    return name


def _username(written: str) -> str:
    username = written.strip()
    if len(username) > _USERNAME_LENGTH or not _is_one_line(username):
        raise PersonInvalid("username", "invalid")
    return username


def _is_one_line(text: str) -> bool:
    return not text or text.isprintable()


def _tell_administrators(
    actor: Actor, membership: Membership, template: str, *, but: User | None = None
) -> None:
    """Tell those who administer the account what its provider did about one of its people."""
    if actor.role != Role.PROVIDER:
        return
    account = Account.objects.get(pk=actor.account_id)
    administrators = Membership.objects.filter(account=account, role=Role.ADMIN)
    told = {each.user.email for each in administrators.select_related("user")}
    if but is None:
        told.add(membership.user.email)  # who administered it until now hears of it, too
    else:
        told.discard(but.email)
    for email in sorted(told):
        mail.send(
            email,
            template=template,
            account=account,
            person=membership.user,
            role=membership.role,
            who=actor.name,
            provider=actor.on_behalf,
            link=brand_of(account).base_url + reverse("team", kwargs={"account": account.pk}),
        )
