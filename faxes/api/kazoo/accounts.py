"""Accounts: the one of the address, those below it, and how one is made, changed and closed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rest_framework.request import Request

from accounts.errors import RealmTaken, TenantInvalid
from accounts.services import kin, tenants
from accounts.services.kin import Kin
from accounts.wording import sentence
from faxes.api.kazoo.base import KazooView, in_account
from faxes.api.kazoo.documents import merged, place, rest_of
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import Forbidden, Invalid
from faxes.api.kazoo.lists import listed
from faxes.api.kazoo.validation import require_valid
from faxes.services.echo import read_echo
from faxes.wire.kazoo import gregorian, plain

if TYPE_CHECKING:
    from accounts.models import Account
    from accounts.scoping import Actor

_KINDS: Final = {True: "reseller", False: "customer"}
_SCHEMA: Final = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 128},
        "realm": {"type": "string", "minLength": 4, "maxLength": 253},
        "timezone": {"type": "string", "minLength": 5, "maxLength": 32},
        "language": {"type": "string"},
        "enabled": {"type": "boolean"},
        "is_reseller": {"type": "boolean"},
        "ui_restrictions": {"type": "object"},
    },
}
# What the portal says of an account; all else is told again as it was said.
_OURS: Final = (
    "id", "name", "realm", "timezone", "reseller_id", "is_reseller", "superduper_admin",
    "is_master_account", "enabled", "created", "billing_mode", "_read_only", "ui_metadata",
)  # fmt: skip
_FIELDS: Final = {"time_zone": "timezone", "kind": "is_reseller", "parent": "account_id"}


class OneAccount(KazooView):
    """The account of the address."""

    def get(self, request: Request) -> Answer:
        """The account."""
        del request
        return Answer(document_of(kin.account_of(self.actor)))

    def put(self, request: Request) -> Answer:
        """One more account below it."""
        del request
        data = self.data
        require_valid(data, _SCHEMA)
        made = _tried(
            lambda: tenants.create_tenant(
                self.home,
                name=data["name"],
                kind=tenants.KINDS(_KINDS[bool(data.get("is_reseller"))]),
                parent_id=self.actor.account_id,
                realm=data.get("realm") or "",
                time_zone=data.get("timezone") or "",
            )
        )
        there = in_account(self.request._request, self.home, made.pk)  # noqa: SLF001
        kept = kin.change(there, said=lambda _: _said(data))
        return Answer(document_of(kept), location=place(kept.pk))

    def post(self, request: Request) -> Answer:
        """The account is what the document says."""
        del request
        data = {name: value for name, value in self.data.items() if value is not None}
        require_valid(data, _SCHEMA)
        return self._change(data, lambda _: _said(data))

    def patch(self, request: Request) -> Answer:
        """What the document says of it changes."""
        del request
        data = self.data
        require_valid(merged(document_of(kin.account_of(self.actor)), data), _SCHEMA)
        change = rest_of(data, _OURS)
        return self._change(data, lambda held: read_echo(merged(held.echo or {}, change)))

    def delete(self, request: Request) -> Answer:
        """Close it: it is erased after a while, and can be opened again until then."""
        del request
        account = kin.account_of(self.actor)
        tenants.close(self.home, account_id=account.pk)
        return Answer({**document_of(account), "_read_only": {"deleted": True}})

    def _change(
        self, data: Mapping[str, Any], said: Callable[["Account"], Mapping[str, Any]]
    ) -> Answer:
        """Make of the account what is said of it; of what is not said nothing changes."""
        account = kin.account_of(self.actor)
        if (data.get("realm") or account.realm).lower() != account.realm:
            told = {"message": "the realm of an account stays as it was made"}
            raise Invalid({"realm": {"forbidden": told}})
        _rename(self.home, account, data.get("name") or account.name)
        _enable(self.home, account, on=data.get("enabled"))
        zone = data.get("timezone")
        changed = _tried(lambda: kin.change(self.actor, time_zone=zone, said=said))
        return Answer(document_of(changed))


class NewAccount(KazooView):
    """Accounts as a whole, where one may be made below the token's own."""

    put = OneAccount.put


class Relations(KazooView):
    """Accounts that are so related to the one of the address."""

    kin: ClassVar[Kin]

    def get(self, request: Request) -> Any:
        """The accounts, as far as the token reaches."""
        found = kin.kin_of(self.home, account_id=self.actor.account_id, kin=self.kin)
        return listed(request, [summary_of(each) for each in found])


class Children(Relations):
    """Those directly below."""

    kin = Kin.CHILDREN


class Descendants(Relations):
    """All below, at whatever depth."""

    kin = Kin.DESCENDANTS


class Siblings(Relations):
    """Those beside it."""

    kin = Kin.SIBLINGS


class Parents(Relations):
    """Those above it."""

    kin = Kin.PARENTS


class Tree(Relations):
    """The way down to it."""

    kin = Kin.TREE


def document_of(account: "Account") -> dict[str, Any]:
    """An account as this dialect tells it."""
    return {
        "language": "en-us",
        **(account.echo or {}),
        **summary_of(account),
        "timezone": account.time_zone,
        **standing_of(account),
        "superduper_admin": account.parent_id is None,
        "enabled": account.status == "active",
        "created": gregorian(account.created_at),
    }


def summary_of(account: "Account") -> dict[str, Any]:
    """An account in a list."""
    return {"id": plain(account.pk), "name": account.name, "realm": account.realm}


def standing_of(account: "Account") -> dict[str, Any]:
    """What an account is in the trade; the one at the top has itself above it."""
    return {
        "reseller_id": plain(kin.reseller_above(account) or account.pk),
        "is_reseller": account.provides,
        "is_master_account": account.parent_id is None,
    }


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    return read_echo(rest_of(data, _OURS))


def _rename(home: "Actor", account: "Account", name: str) -> None:
    """Give it another name, which those above it may.

    Raises:
        Forbidden: it is the asker's own account.

    """
    if name.strip() == account.name:
        return
    if account.pk == home.account_id:
        raise Forbidden
    _tried(lambda: tenants.rename(home, account_id=account.pk, name=name))


def _enable(home: "Actor", account: "Account", *, on: bool | None) -> None:
    """Suspend it, or end that, which those above it may.

    Raises:
        Forbidden: it is the asker's own account.

    """
    if on is None or on == (account.status == "active"):
        return
    if account.pk == home.account_id:
        raise Forbidden
    (tenants.resume if on else tenants.suspend)(home, account_id=account.pk)


def _tried(act: Any) -> Any:
    """What an act gives back, or what is wrong by the names of the document.

    Raises:
        Invalid

    """
    try:
        return act()
    except RealmTaken as error:
        told = {"message": sentence(error)}
        raise Invalid({"realm": {"unique": told}}) from None
    except TenantInvalid as error:
        field = _FIELDS.get(error.field, error.field)
        raise Invalid({field: {"invalid": {"message": sentence(error)}}}) from None
