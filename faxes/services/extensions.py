"""Extensions: by which programs name a fax machine, and fax machines of the site each other.

Within its account a machine is ``210``, from everywhere ``0003*210``: the account's code before it.
"""

import re
from collections.abc import Collection
from itertools import count
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import GONE, Account, AccountCode
from accounts.services.codes import account_of, code_of
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import NumberError, RequestError
from faxes.models import Faxbox

LONGEST: Final = 10  # digits, so that with its account's code it has room where a number has
_EXTENSION: Final = re.compile(f"[0-9]{{1,{LONGEST}}}")
_FIRST: Final = 100
_LOCAL: Final = re.compile("[2-9][0-9]{6}")
_NORTH_AMERICAN: Final = re.compile(r"\+1[0-9]{10}")
_AREA: Final = len("+1202")
_TRIES: Final = 5  # of those who are given one at the same moment


def full_extension(faxbox: Faxbox) -> str:
    """A machine as the whole site knows it, such as 0003*210; one without an extension gets one."""
    if not faxbox.extension:
        give_extension(faxbox)
    known = getattr(faxbox, "account_code", None)  # asked for together, where many are listed
    code = str(AccountCode(number=known)) if known else code_of(faxbox.account_id)
    return f"{code}*{faxbox.extension}"


def give_extension(faxbox: Faxbox) -> None:
    """Give a machine the first extension that is free in its account, unless it has one."""
    machines = Faxbox.objects.ever_of(faxbox.account_id)
    for left in reversed(range(_TRIES)):
        taken = set(machines.exclude(extension="").values_list("extension", flat=True))
        free = next(str(each) for each in count(_FIRST) if str(each) not in taken)
        try:
            with transaction.atomic():
                machines.filter(pk=faxbox.pk, extension="").update(extension=free)
        except IntegrityError:
            if not left:
                raise
            continue  # another machine got it at this moment
        faxbox.extension = machines.values_list("extension", flat=True).get(pk=faxbox.pk)
        return


def read_extension(written: str, *, account_id: UUID, held: UUID | None) -> str:
    """An extension that a machine may have; ``held`` is the machine. Empty if none is asked for.

    Raises:
        RequestError: it is none, or another machine's of the account.

    """
    extension = written.strip()
    if not extension:
        return ""
    if not _EXTENSION.fullmatch(extension):
        raise RequestError(ErrorCode.EXTENSION_INVALID, field="extension", limit=LONGEST)
    holders = Faxbox.objects.ever_of(account_id).filter(extension=extension)
    if set(holders.values_list("pk", flat=True)) - {held}:
        raise extension_taken(extension)
    return extension


def extension_taken(extension: str) -> RequestError:
    """What says that an extension is another machine's."""
    return RequestError(ErrorCode.EXTENSION_TAKEN, field="extension", extension=extension)


def machine_of(account_id: UUID, extension: str) -> Faxbox | None:
    """The machine in use that has an extension in an account."""
    if not _EXTENSION.fullmatch(extension):
        return None
    machine: Faxbox | None = (
        Faxbox.objects.for_account(account_id).filter(extension=extension).first()
    )
    return machine


def dialled(machine: Faxbox, written: str) -> str:
    """What is meant by digits that are dialled at a machine, as a fax can go there.

    That is a full extension, an extension of its own account, or a number; in North America one of
    seven digits is of the machine's own area.

    Raises:
        NumberError: it is none of these.

    """
    text = written.strip()
    if machine_of(machine.account_id, text) is not None:
        return f"{code_of(machine.account_id)}*{text}"
    if _LOCAL.fullmatch(text):
        home = min((number.e164 for number in machine.numbers.all()), default="")
        text = f"{home[:_AREA]}{text}" if _NORTH_AMERICAN.fullmatch(home) else text
    return phone.parse_recipient(text, country=machine.account.country)


def machines_at(numbers: Collection[str]) -> dict[str, UUID]:
    """The machines in use that full extensions lead to; other numbers, and nobody's, lead nowhere.

    Whether their account can be used shows when a fax is handed over.
    """
    found: dict[str, UUID] = {}
    for number in numbers:
        if not phone.is_extension(number):
            continue
        code, _, extension = number.partition("*")
        account_id = account_of(code)
        if account_id is None:
            continue
        machine = machine_of(account_id, extension)
        if machine and Account.objects.filter(pk=account_id).exclude(status__in=GONE).exists():
            found[number] = machine.pk
    return found


def require_machines(numbers: Collection[str]) -> None:
    """Let pass what can be dialled as far as this site knows: full extensions lead to machines.

    Raises:
        NumberError: one of them does not.

    """
    extensions = [number for number in numbers if phone.is_extension(number)]
    found = machines_at(extensions) if extensions else {}
    for number in extensions:
        if number not in found:
            raise NumberError(ErrorCode.EXTENSION_UNKNOWN, field="to", number=number)
