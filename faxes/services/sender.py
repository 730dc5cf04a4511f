"""From which fax machine and number a fax goes: those asked for, each as the other has it."""

from accounts.models import Account
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import NumberError, RequestError
from faxes.models import Fax, Faxbox, Number
from faxes.queries.access import faxboxes_to_send_from
from faxes.services.extensions import full_extension
from faxes.services.intake import printable

_NUMBER_LENGTH = Fax._meta.get_field("from_number").max_length  # noqa: SLF001 (its public name)


def read_faxbox(actor: Actor, *, written: str) -> Faxbox:
    """The fax machine asked for; if none was, the account's first one that has a number.

    A machine that is added or renamed thus changes nothing for who never named one.

    Raises:
        RequestError: the actor has no such fax machine, or may not send from it.

    """
    faxboxes = faxboxes_to_send_from(actor)
    wanted = written.strip().lower()
    found = [each for each in faxboxes if not wanted or str(each.pk) == wanted]
    if not found:
        raise RequestError(ErrorCode.FAXBOX_NOT_FOUND, field="faxbox")
    return min(found, key=lambda each: (not each.numbers.all(), each.pk))


def sending_number(faxbox: Faxbox, *, country: str, calls: bool = True) -> str:
    """The number that a fax machine sends from: the one that it says to call from, else its own.

    Whether the former is the account's shows when the fax's turn comes. Where nobody is called,
    one that has none sends from its extension.

    Raises:
        RequestError: it has none, and somebody is called.

    """
    if faxbox.caller_number:
        try:
            return phone.parse_number(faxbox.caller_number, country=country)
        except NumberError:
            return faxbox.caller_number[:_NUMBER_LENGTH]
    number = min((number.e164 for number in faxbox.numbers.all()), default="")
    if not number and calls:
        raise RequestError(ErrorCode.FROM_NUMBER_MISSING, field="faxbox")
    return number or full_extension(faxbox)


def read_sender(
    actor: Actor,
    *,
    account: Account,
    from_number: str,
    faxbox: str,
    check_later: bool = False,
    calls: bool = True,
) -> tuple[Faxbox, str]:
    """The fax machine to send from and its number.

    With ``check_later`` a number that is not the account's is taken as it is written, and so is
    what is no number; such a fax fails when its turn comes. ``calls`` is whether any recipient is
    called at all.

    Raises:
        RequestError: the actor has none such, or may not send from it.

    """
    if not from_number.strip():
        machine = read_faxbox(actor, written=faxbox)
        return machine, sending_number(machine, country=account.country, calls=calls)
    try:
        number = phone.parse_number(from_number, country=account.country)
    except NumberError:
        number = ""
    named = read_faxbox(actor, written=faxbox) if faxbox.strip() else None
    if check_later:
        rows = Number.objects.for_account(account.pk).filter(e164=number)
        if not rows.filter(faxbox__isnull=False).exists():
            written = printable(from_number).strip()[:_NUMBER_LENGTH]
            return named or read_faxbox(actor, written=""), written
    for machine in [named] if named and not check_later else faxboxes_to_send_from(actor):
        if number in {each.e164 for each in machine.numbers.all()}:
            return named or machine, number
    raise RequestError(
        ErrorCode.FROM_NUMBER_NOT_YOURS, field="from", number=from_number.strip()[:40]
    )


def from_number_to(number: str, *, faxbox: Faxbox, calling_from: str) -> str:
    """The number that a fax to a number says it is from: to a machine here, its own extension."""
    return full_extension(faxbox) if phone.is_extension(number) else calling_from
