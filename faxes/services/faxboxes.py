"""Fax machines of an account, and which of them each of its numbers leads to."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction

from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import FaxError, FaxNotFound, InvalidRequest, RequestError
from faxes.line.errors import StationInvalid
from faxes.line.station import MAX_HEADER_BYTES, MAX_STATION_ID, Station
from faxes.models import Faxbox, Number
from faxes.services.order import MOST_RETRIES

MOST_FAXBOXES: Final = 200
_NAME_LENGTH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class FaxboxTerms:
    """What a fax machine has; ``retries`` None leaves it to how each try came out."""

    name: str
    station_id: str = ""
    header: str = ""
    time_zone: str = ""  # the account's if empty
    retries: int | None = None


def create_faxbox(actor: Actor, *, terms: FaxboxTerms) -> Faxbox:
    """Give the actor's account one more fax machine.

    Raises:
        NotAllowed
        InvalidRequest: something cannot be; all of it is told.

    """
    require(actor, Action.FAXBOX_MANAGE)
    checked = _checked(terms)
    with transaction.atomic():
        if Faxbox.objects.for_account(actor.account_id).count() >= MOST_FAXBOXES:
            raise InvalidRequest((RequestError(ErrorCode.TOO_MANY_FAXBOXES, limit=MOST_FAXBOXES),))
        faxbox = Faxbox.objects.create(account_id=actor.account_id, **checked)
        audit.record(actor, action="faxbox.create", object_type="faxbox", object_id=faxbox.pk)
    return faxbox


def change_faxbox(actor: Actor, *, faxbox_id: UUID, terms: FaxboxTerms) -> Faxbox:
    """Change a fax machine of the actor's account. Calls under way go on as they are.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such fax machine.
        InvalidRequest: something cannot be; all of it is told.

    """
    require(actor, Action.FAXBOX_MANAGE)
    faxbox = _faxbox(actor, faxbox_id)
    checked = _checked(terms)
    with transaction.atomic():
        for name, value in checked.items():
            setattr(faxbox, name, value)
        faxbox.save(update_fields=list(checked))
        audit.record(actor, action="faxbox.change", object_type="faxbox", object_id=faxbox.pk)
    return faxbox


def lead_number(actor: Actor, *, number_id: UUID, faxbox_id: UUID) -> Number:
    """Have a number of the actor's account lead to another of its fax machines.

    Faxes that came by it stay where they are.

    Raises:
        NotAllowed
        FaxNotFound: the account has no such number in use, or no such fax machine.

    """
    require(actor, Action.FAXBOX_MANAGE)
    faxbox = _faxbox(actor, faxbox_id)
    with transaction.atomic():
        rows = Number.objects.for_account(actor.account_id).filter(pk=number_id)
        changed = rows.filter(faxbox__isnull=False).update(faxbox=faxbox)
        if not changed:
            raise FaxNotFound
        audit.record(
            actor,
            action="numbers.lead",
            object_type="number",
            object_id=number_id,
            faxbox=str(faxbox.pk),
        )
    return Number.objects.for_account(actor.account_id).get(pk=number_id)


def _faxbox(actor: Actor, faxbox_id: UUID) -> Faxbox:
    faxbox: Faxbox | None = (
        Faxbox.objects.for_account(actor.account_id).filter(pk=faxbox_id).first()
    )
    if faxbox is None:
        raise FaxNotFound
    return faxbox


def _checked(terms: FaxboxTerms) -> dict[str, str | int | None]:
    """The columns of a fax machine.

    Raises:
        InvalidRequest: something cannot be.

    """
    name, header = " ".join(terms.name.split()), " ".join(terms.header.split())
    station_id = terms.station_id.strip()
    errors: list[FaxError] = []
    if not 0 < len(name) <= _NAME_LENGTH:
        errors.append(RequestError(ErrorCode.FAXBOX_NAME_MISSING, field="name", limit=_NAME_LENGTH))
    try:
        Station(station_id=station_id)
    except StationInvalid:
        code = ErrorCode.FAXBOX_STATION_INVALID
        errors.append(RequestError(code, field="station_id", limit=MAX_STATION_ID))
    if len(header) > MAX_HEADER_BYTES:
        code = ErrorCode.FAXBOX_HEADER_INVALID
        errors.append(RequestError(code, field="header", limit=MAX_HEADER_BYTES))
    if terms.time_zone and terms.time_zone not in available_timezones():
        errors.append(RequestError(ErrorCode.TIME_ZONE_INVALID, field="time_zone"))
    if terms.retries is not None and not 0 <= terms.retries <= MOST_RETRIES:
        limit = MOST_RETRIES
        errors.append(RequestError(ErrorCode.RETRIES_INVALID, field="retries", limit=limit))
    if errors:
        raise InvalidRequest(tuple(errors))
    return {
        "name": name,
        "header": header,
        "station_id": station_id,
        "time_zone": terms.time_zone,
        "retries": terms.retries,
    }
