"""Host names of accounts' own: named, proven by the name service or by the operator, served."""

import re
import secrets
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import clock
from accounts.errors import HostInvalid, HostTaken, HostUnproven
from accounts.models import GONE, Account, Brand
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.branding import own_brand
from accounts.services.name_service import texts_of
from accounts.services.paths import path_of

_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LONGEST: Final = 253
_MOST_REMEMBERED: Final = 1000
REMEMBERED_FOR: Final = 5.0  # seconds until all processes know of a change


@dataclass(frozen=True, slots=True)
class House:
    """Whose host it is: on it only that account and those below exist."""

    account: Account
    domain: str

    def holds(self, account: Account) -> bool:
        """Whether the account is there on this host."""
        return self.account.pk in path_of(account)


_remembered: dict[str, tuple[float, House | None]] = {}


def house_of(host: str) -> House | None:
    """Whose a host is, by a proven name; None for all others. Remembered for a moment."""
    name = host.lower().rstrip(".")
    now = time.monotonic()
    until, house = _remembered.get(name, (0.0, None))
    if now < until:
        return house
    house = _house(name) if _is_host(name) else None
    if len(_remembered) >= _MOST_REMEMBERED:  # anybody may ask for any host
        _remembered.clear()
    _remembered[name] = (now + REMEMBERED_FOR, house)
    return house


def forget_hosts() -> None:
    """Look hosts up anew from now on, in this process."""
    _remembered.clear()


def is_served(host: str) -> bool:
    """Whether the portal answers to a host name: its own, or a proven one."""
    return is_own(host.lower().rstrip(".")) or house_of(host) is not None


def is_own(name: str) -> bool:
    """Whether a host name is the portal's own, and so nobody's."""
    return name == main_host() or name in settings.ALLOWED_HOSTS


def main_host() -> str:
    """The host of the address that people open."""
    return urlsplit(str(settings.BASE_URL)).hostname or "localhost"


def claim_domain(actor: Actor, *, domain: str) -> Brand:
    """Name the host that the account wants; it is served once it is proven.

    Raises:
        NotAllowed: the actor may not.
        HostInvalid: it is no host name, or the portal's own.
        HostTaken: somebody else proved that it is theirs.

    """
    own_brand(actor)
    name = _read(domain)
    if _proven().filter(domain=name).exclude(account_id=actor.account_id).exists():
        raise HostTaken
    with transaction.atomic():
        row, _ = Brand.objects.visible_to(actor).get_or_create(account_id=actor.account_id)
        if row.domain != name:
            row.domain, row.domain_proven_at = name, None
            row.domain_token = secrets.token_urlsafe(24)
            _saved(row)
            _record(actor, "brand.domain_claim")
    forget_hosts()
    return row


def drop_domain(actor: Actor) -> None:
    """Give the account's own host up: it is not answered to any more.

    Raises:
        NotAllowed: the actor may not.

    """
    row = own_brand(actor)
    if not row.domain:
        return
    with transaction.atomic():
        row.domain, row.domain_token, row.domain_proven_at = "", "", None
        _saved(row)
        _record(actor, "brand.domain_drop")
    forget_hosts()


def prove_domain(actor: Actor) -> None:
    """Ask the name service for the token, and serve the host from now on if it is there.

    Raises:
        NotAllowed: the actor may not.
        HostUnproven: the token is not there (yet).
        NameServiceAway: the name service gave no answer.
        HostTaken: somebody else was quicker.

    """
    row = own_brand(actor)
    if not row.domain or record_of(row)[1] not in texts_of(record_of(row)[0]):
        raise HostUnproven
    _prove(actor, row, by="dns")


def confirm_domain(*, domain: str) -> Account:
    """Serve a host that an account named, on the operator's word; the account.

    Raises:
        HostUnproven: no account named it, or more than one did.
        HostTaken: somebody else proved it.

    """
    rows = Brand.objects.across_tenants(why="the operator confirms a host name")
    named = list(rows.filter(domain=domain.strip().lower(), domain_proven_at__isnull=True)[:2])
    if len(named) != 1:
        raise HostUnproven
    _prove(Actor.system(named[0].account_id), named[0], by="operator")
    return Account.objects.get(pk=named[0].account_id)


def record_of(row: Brand) -> tuple[str, str]:
    """The TXT record that proves a host name: its name and what it says."""
    return f"_faxportal.{row.domain}", f"faxportal={row.domain_token}"


def _house(name: str) -> House | None:
    row = _proven().select_related("account").filter(domain=name).first()
    if row is None or is_own(name) or row.account.status in GONE:
        return None
    return House(row.account, name)


def _proven() -> QuerySet[Brand]:
    rows = Brand.objects.across_tenants(why="a host is one account's only")
    return rows.exclude(domain="").filter(domain_proven_at__isnull=False)


def _prove(actor: Actor, row: Brand, *, by: str) -> None:
    try:
        with transaction.atomic():
            row.domain_proven_at = clock.now()
            _saved(row)
            _record(actor, "brand.domain_prove", by=by)
    except IntegrityError:
        raise HostTaken from None
    forget_hosts()


def _saved(row: Brand) -> None:
    row.save(update_fields=["domain", "domain_token", "domain_proven_at"])


def _record(actor: Actor, action: str, **facts: object) -> None:
    own: UUID = actor.account_id
    audit.record(actor, action=action, object_type="account", object_id=own, **facts)


def _read(written: str) -> str:
    try:
        name = written.strip().lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        raise HostInvalid from None
    if not _is_host(name) or is_own(name):
        raise HostInvalid
    return name


def _is_host(name: str) -> bool:
    """Whether it is a host name of two or more parts, and no address."""
    parts = name.split(".")
    if len(name) > _LONGEST or len(parts) < 2:  # noqa: PLR2004
        return False
    if not all(_LABEL.fullmatch(part) for part in parts):
        return False
    try:
        ip_address(name)
    except ValueError:
        return not parts[-1].isdigit()
    return False
