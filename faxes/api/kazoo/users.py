"""Users: the people of an account, each told and changed as one document."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from rest_framework.request import Request

from accounts.errors import NotThere, PersonInvalid
from accounts.roles import Role
from accounts.services import kin, members, people
from accounts.services.members import NewPerson, PersonChange
from accounts.wording import sentence
from faxes.api.kazoo.apps import APP_ID
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.documents import merged, place, rest_of
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import REQUIRED, BadIdentifier, Invalid
from faxes.api.kazoo.lists import listed
from faxes.api.kazoo.validation import require_valid
from faxes.services.echo import read_echo
from faxes.wire.kazoo import plain, read_plain

if TYPE_CHECKING:
    from accounts.models import Account, Membership

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 128}
_SCHEMA: Final = {
    "type": "object",
    "required": ["first_name", "last_name"],
    "properties": {
        "first_name": _NAME,
        "last_name": _NAME,
        "username": {"type": "string", "minLength": 1, "maxLength": 256},
        "email": {"type": "string", "minLength": 3, "maxLength": 254},
        "password": {"type": "string", "minLength": 1, "maxLength": 256},
        "priv_level": {"type": "string", "enum": ["user", "admin"]},
        "language": {"type": "string", "maxLength": 32},
        "timezone": {"type": "string", "maxLength": 64},
        "appList": {"type": "array"},
    },
}
_ROLES: Final = {"admin": Role.ADMIN, "user": Role.MEMBER}
# What the portal keeps itself; all else is told again as it was said.
_OURS: Final = ("id", "username", "email", "password", "priv_level", "_read_only", "ui_metadata")


class Users(KazooView):
    """All people of an account."""

    def get(self, request: Request) -> Any:
        """The people, by name."""
        account = kin.account_of(self.actor)
        team = people.team_of(self.actor)
        return listed(request, [document_of(each, account) for each in team])

    def put(self, request: Request) -> Answer:
        """Somebody more, who can sign in with the password at once."""
        del request
        data = _valid(self.data)
        email = data.get("email") or data.get("username") or ""
        if "@" not in email:
            raise Invalid({"email": REQUIRED})
        username = data.get("username") or ""
        person = NewPerson(
            email=email,
            name=_name(data),
            username="" if username.lower() == email.lower() else username,
            role=_ROLES[data.get("priv_level") or "user"],
            password=data.get("password") or "",
            echo=_said(data),
        )
        made = _tried(lambda: members.create_person(self.actor, person=person))
        told = document_of(made, kin.account_of(self.actor))
        return Answer(told, location=place(self.actor.account_id, "users", told["id"]))


class OneUser(KazooView):
    """One of the people."""

    def get(self, request: Request, user: str) -> Answer:
        """Who they are."""
        del request
        return Answer(document_of(self._found(user), kin.account_of(self.actor)))

    def post(self, request: Request, user: str) -> Answer:
        """They are what the document says."""
        del request
        data = self.data
        return self._change(user, lambda _: data)

    def patch(self, request: Request, user: str) -> Answer:
        """What the document says of them changes."""
        del request
        data, account = self.data, kin.account_of(self.actor)
        return self._change(user, lambda held: merged(document_of(held, account), data))

    def delete(self, request: Request, user: str) -> Answer:
        """Take them out of the account."""
        del request
        found = self._found(user)
        told = document_of(found, kin.account_of(self.actor))
        people.remove(self.actor, user_id=found.user_id)
        return Answer({**told, "_read_only": {"deleted": True}})

    def _found(self, written: str) -> "Membership":
        key = read_plain(written)
        if key is None:
            raise BadIdentifier(written)
        try:
            return members.person_of(self.actor, user_id=key)
        except NotThere:
            raise BadIdentifier(written) from None

    def _change(self, user: str, document: Callable[["Membership"], Mapping[str, Any]]) -> Answer:
        found = self._found(user)
        changed = _tried(
            lambda: members.change_person(
                self.actor,
                user_id=found.user_id,
                change=lambda held: _change_of(held, document(held)),
            )
        )
        return Answer(document_of(changed, kin.account_of(self.actor)))


def document_of(membership: "Membership", account: "Account") -> dict[str, Any]:
    """Somebody as this dialect tells of them; never a password."""
    user = membership.user
    return {
        "language": "en-us",
        "timezone": account.time_zone,
        "appList": [APP_ID],
        **membership.echo,
        **_names(membership),
        "id": plain(membership.user_id),
        "username": membership.username or user.email,
        "email": user.email,
        "priv_level": _level(membership),
    }


def _change_of(found: "Membership", document: Mapping[str, Any]) -> PersonChange:
    """What a document makes of somebody.

    Raises:
        Invalid: it is not as the schema says, or has another address.

    """
    data = _valid(document)
    email = found.user.email
    if data.get("email", email).lower() != email.lower():
        told = {"message": "people change their address themselves"}
        raise Invalid({"email": {"forbidden": told}})
    level, username = data.get("priv_level"), data.get("username")
    return PersonChange(
        name=_name(data),
        username="" if username is None or username.lower() == email.lower() else username,
        role=None if level in {None, _level(found)} else _ROLES[level],
        password=data.get("password"),
        echo=_said(data),
    )


def _names(membership: "Membership") -> dict[str, str]:
    """First and last name: as they were said, unless the person has another name by now."""
    said = {key: str(membership.echo.get(key, "")) for key in ("first_name", "last_name")}
    if _name(said) == membership.user.name and said["first_name"]:
        return said
    first, _, last = membership.user.name.rpartition(" ")
    return {"first_name": first or last, "last_name": last if first else ""}


def _name(data: Mapping[str, Any]) -> str:
    return " ".join(f"{data['first_name']} {data['last_name']}".split())


def _level(membership: "Membership") -> str:
    return "admin" if membership.role == Role.ADMIN else "user"


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    return read_echo(rest_of(data, _OURS))


def _valid(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something, each as the schema has it.

    Raises:
        Invalid

    """
    data = {name: value for name, value in document.items() if value is not None}
    require_valid(data, _SCHEMA)
    return data


def _tried(write: Any) -> Any:
    """What was written, or what is wrong by the names of the document.

    Raises:
        Invalid

    """
    try:
        return write()
    except PersonInvalid as error:
        field = "first_name" if error.field == "name" else error.field
        code = "unique" if error.code == "taken" else "invalid"
        told = {"message": " ".join(error.words) or sentence(error)}
        raise Invalid({field: {code: told}}) from None
