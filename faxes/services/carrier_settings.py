"""Carriers of an account, added, changed, tested and removed by its administrators.

Those of the platform's account serve the whole site; a reseller's serve it and those below, a
customer's the customer alone. Secrets are sealed as they come in, and shown to nobody again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from accounts import clock
from accounts.errors import NotThere
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.carriers.base import Capabilities, CarrierError
from faxes.carriers.settings import NoSettings, Option, options_of
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.models import Attempt, Carrier, CarrierCopy, CarrierKind, Fax, Number
from faxes.queries.carriers import own_carrier, own_carriers, owner_of
from faxes.services import breaker
from faxes.services.carrier_tools import class_of, hook_url, kinds, opened
from faxes.services.carrier_values import Values, changed, defaults_of, read_values
from faxes.services.number_sync import Synced, sync_numbers

MOST: Final = 20
MOST_CHANNELS: Final = 1000
NAME_LENGTH: Final = 80
_TEXT_LENGTH: Final = 300
_WHY: Final = "whether anything still names a carrier"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of carrier that can be added: its options by name, in the order of the form."""

    kind: str
    name: str
    options: Mapping[str, Option]
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierForm:
    """What was typed: ``values`` by the names of the kind's options, secrets too."""

    name: str
    channels: int
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test came out, in the carrier's words where it has any."""

    works: bool
    text: str


def kinds_to_add() -> list[Kind]:
    """The kinds of carriers that have settings, by name; the embedded line is there by itself."""
    found = [
        Kind(
            each.kind,
            each.name,
            options_of(each.settings_class),
            defaults_of(each.settings_class),
        )
        for each in kinds()
        if each.settings_class is not NoSettings
    ]
    return sorted(found, key=lambda each: each.name)


def kind_of(carrier: Carrier) -> Kind:
    """The kind of a carrier that is there; one that nothing knows any more has no options."""
    try:
        found = class_of(carrier.kind)
    except KeyError:
        return Kind(carrier.kind, carrier.get_kind_display(), {})
    return Kind(found.kind, found.name, options_of(found.settings_class))


def capabilities_of(carrier: Carrier) -> Capabilities | None:
    """What the carrier's protocol can do; None if nothing knows its kind any more."""
    try:
        return class_of(carrier.kind).capabilities
    except KeyError:
        return None


def hook_of(carrier: Carrier) -> str:
    """The secret address at which the carrier may tell what happens; empty if it never does."""
    can = capabilities_of(carrier)
    return hook_url(carrier.pk) if can is not None and can.webhooks else ""


def add(actor: Actor, *, kind: str, form: CarrierForm) -> Carrier:
    """Add a carrier, in service at once.

    Raises:
        NotAllowed
        RequestError: there is no such kind, the name or a setting is not right, or the account
            has as many as it may.

    """
    require(actor, Action.CARRIER_MANAGE)
    if kind not in {each.kind for each in kinds_to_add()}:
        raise RequestError(ErrorCode.CARRIER_NOT_FOUND, field="kind")
    carrier = Carrier(account_id=owner_of(actor), kind=kind, created_at=clock.now())
    values = _filled(carrier, form, before=Values({}, {}))
    with transaction.atomic():
        # one at a time, so that two together do not pass the limit
        list(Account.objects.select_for_update(no_key=True).filter(pk=actor.account_id))
        if own_carriers(actor).count() >= MOST:
            raise RequestError(ErrorCode.TOO_MANY_CARRIERS, limit=MOST)
        carrier.save(force_insert=True)
        _record(actor, "carrier.add", carrier, kind=kind, settings=sorted(values))
    return carrier


def change(actor: Actor, *, carrier_id: UUID, form: CarrierForm) -> Carrier:
    """Change a carrier; a secret that is left empty stays. It is tried anew at once.

    Raises:
        NotAllowed, NotThere
        RequestError: the name or a setting is not right.

    """
    require(actor, Action.CARRIER_MANAGE)
    with transaction.atomic():
        carrier = _held(actor, carrier_id)
        values = _filled(carrier, form, before=Values(carrier.options, carrier.secrets))
        carrier.save(update_fields=["name", "channels", "options", "sealed_secrets"])
        breaker.let_in(carrier)
        _record(actor, "carrier.change", carrier, settings=values, channels=carrier.channels)
    return carrier


def set_in_service(actor: Actor, *, carrier_id: UUID, in_service: bool) -> Carrier:
    """Put a carrier out of service, or back: nothing is handed to one that is out of it.

    What it took already is followed to its end, and its arrivals wait there until it is back.

    Raises:
        NotAllowed, NotThere

    """
    require(actor, Action.CARRIER_MANAGE)
    with transaction.atomic():
        carrier = _held(actor, carrier_id)
        if carrier.enabled != in_service:
            carrier.enabled = in_service
            carrier.save(update_fields=["enabled"])
            breaker.let_in(carrier)
            _record(actor, f"carrier.{'in' if in_service else 'out_of'}_service", carrier)
    return carrier


def remove(actor: Actor, *, carrier_id: UUID) -> None:
    """Remove a carrier that nothing names: no number, no fax, no try, no copy to be deleted there.

    Raises:
        NotAllowed, NotThere
        RequestError: it is in use, or the embedded line.

    """
    require(actor, Action.CARRIER_MANAGE)
    with transaction.atomic():
        carrier = _held(actor, carrier_id)
        if carrier.kind == CarrierKind.EMBEDDED or _in_use(carrier):
            raise RequestError(ErrorCode.CARRIER_IN_USE)
        _record(actor, "carrier.remove", carrier, kind=carrier.kind)
        carrier.delete()


def try_out(actor: Actor, *, carrier_id: UUID) -> Tried:
    """Ask a carrier something harmless that needs its settings to be right.

    Takes ``CARRIER_SECONDS`` at most; an account has one at a time, since each holds a process.

    Raises:
        NotAllowed, NotThere
        RequestError: another test of the account is under way, or nothing knows its kind any more.

    """
    carrier = own_carrier(actor, carrier_id)
    try:
        with _asking(actor):
            tried = Tried(works=True, text=opened(carrier).check()[:_TEXT_LENGTH])
            breaker.let_in(carrier)
    except CarrierError as trouble:
        tried = Tried(works=False, text=str(trouble)[:_TEXT_LENGTH])
    except KeyError:  # of a kind that is no more
        raise RequestError(ErrorCode.CARRIER_NOT_FOUND) from None
    _record(actor, "carrier.test", carrier, works=tried.works)
    return tried


def read_numbers(actor: Actor, *, carrier_id: UUID) -> Synced:
    """Bring the numbers of a carrier up to its list, as slowly as ``try_out``.

    Raises:
        NotAllowed, NotThere
        CarrierUnavailable, CarrierInDoubt: it could not be asked.
        RequestError: the account asks a carrier already.

    """
    require(actor, Action.CARRIER_MANAGE)
    with _asking(actor):
        return sync_numbers(actor, carrier_id=carrier_id)


def remove_all_of(account: Account) -> None:
    """Remove the carriers of an account that is erased; one that others' past names stays empty."""
    for carrier in Carrier.objects.filter(account=account):
        with transaction.atomic():
            if _in_use(carrier):
                carrier.name, carrier.enabled = carrier.get_kind_display(), False
                carrier.options, carrier.secrets, carrier.last_failure = {}, {}, ""
                carrier.save()
                carrier.routes.all().delete()
            else:
                carrier.delete()


@contextmanager
def _asking(actor: Actor) -> Iterator[None]:
    """Ask a carrier while somebody waits for the page: an account does so once at a time.

    Raises:
        RequestError: it does already.

    """
    busy = f"carrier-asked:{actor.account_id.hex}"
    if not cache.add(busy, 1, timeout=2 * settings.CARRIER_SECONDS):
        raise RequestError(ErrorCode.CARRIER_BEING_ASKED)
    try:
        yield
    finally:
        cache.delete(busy)


def _held(actor: Actor, carrier_id: UUID) -> Carrier:
    """One of the actor's own carriers, held until the transaction ends."""
    found = own_carriers(actor).select_for_update(of=("self",)).filter(pk=carrier_id).first()
    if found is None:
        raise NotThere
    return found


def _filled(carrier: Carrier, form: CarrierForm, *, before: Values) -> list[str]:
    """The names of the settings that differ now; the row has what was typed."""
    carrier.name = form.name.strip()
    if not carrier.name or len(carrier.name) > NAME_LENGTH or not carrier.name.isprintable():
        raise RequestError(ErrorCode.CARRIER_NAME_MISSING, field="name")
    carrier.channels = max(1, min(form.channels, MOST_CHANNELS))
    settings_class = class_of(carrier.kind).settings_class
    after = read_values(settings_class, form.values, kept=before.secrets)
    carrier.options = after.options
    if after.secrets != before.secrets:
        carrier.secrets = after.secrets
    return changed(before, after)


def _in_use(carrier: Carrier) -> bool:
    """Whether anything names a carrier that must not lose it."""
    return any(
        rows.filter(carrier=carrier).exists()
        for rows in (
            Number.objects.across_tenants(why=_WHY),
            Attempt.objects.across_tenants(why=_WHY),
            Fax.objects.across_tenants(why=_WHY),
            CarrierCopy.objects.all(),
        )
    )


def _record(actor: Actor, action: str, carrier: Carrier, **facts: Any) -> None:
    audit.record(actor, action=action, object_type="carrier", object_id=carrier.pk, **facts)
