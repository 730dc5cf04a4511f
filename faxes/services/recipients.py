"""The recipients of a broadcast: read as a whole, with all that is wrong told by its position."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from accounts.models import Account
from accounts.scoping import Actor
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import FaxError, FaxNotFound, NumberError, RequestError
from faxes.models import Contact
from faxes.queries.contacts import group_for
from faxes.queries.do_not_fax import forbidden_among, unwanted
from faxes.services.extensions import require_machines
from faxes.services.extras import MOST_METADATA, metadata_invalid, read_metadata
from faxes.services.order import read_text

MOST_RECIPIENTS: Final = 10_000
# As written, with all that come twice.
_MOST_WRITTEN: Final = 2 * MOST_RECIPIENTS
MOST_TOLD: Final = 100
_NAME_LENGTH: Final = 120
_EMPTY: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class RecipientRequest:
    """A recipient as it was written: a number, whose it is, and what programs hang on its fax."""

    number: str
    name: str = ""
    metadata: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Those to send to, each number once and in E.164, and how many came twice.

    Those of ``unwanted`` numbers are among them, to be told that they get no fax.
    """

    each: Sequence[RecipientRequest]
    duplicates: int
    unwanted: frozenset[str] = frozenset()

    @property
    def numbers(self) -> list[str]:
        """Those that a fax goes to."""
        return [each.number for each in self.each if each.number not in self.unwanted]


class RecipientsRefused(Exception):
    """Not a list to send to: with what is wrong, up to a bound."""

    def __init__(self, errors: Sequence[FaxError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = tuple(errors)


def read_recipients(
    actor: Actor,
    *,
    account: Account,
    written: Sequence[RecipientRequest],
    group: str,
    shared: Mapping[str, str],
) -> Recipients:
    """Those in a list, then those in a group of contacts (by its id, or empty), each once.

    ``shared`` is the metadata of all, to which that of each is added.

    Raises:
        NotAllowed: a group is named, and the actor may not see the address book.
        RecipientsRefused: with what is wrong, by position from 0; of very many the first.

    """
    if len(written) > _MOST_WRITTEN:
        raise RecipientsRefused([_too_many()])
    errors: list[FaxError] = []
    read = list(_read(written, account, shared, errors))
    try:
        read += members_of(actor, written=group)
    except RequestError as error:
        errors.append(error)
    unique: dict[str, RecipientRequest] = {}
    for each in read:
        unique.setdefault(each.number, each)
    if len(unique) > MOST_RECIPIENTS:
        errors.append(_too_many())
    if not read and not errors:
        errors.append(NumberError(ErrorCode.NUMBER_MISSING, field="recipients"))
    forbidden = forbidden_among(account, unique) if not errors else set[str]()
    if unique and len(forbidden) == len(unique):
        errors.append(_nobody_left(next(iter(unique))))
    if errors:
        raise RecipientsRefused(_bounded(errors))
    return Recipients(list(unique.values()), len(read) - len(unique), frozenset(forbidden))


def _read(
    written: Iterable[RecipientRequest],
    account: Account,
    shared: Mapping[str, str],
    errors: list[FaxError],
) -> Iterator[RecipientRequest]:
    names = shared.keys() if len(shared) <= MOST_METADATA else ()  # more are wrong by themselves
    for position, each in enumerate(written):
        try:
            number = phone.parse_recipient(each.number, country=account.country)
            require_machines([number])
            name = read_text(each.name, name="name", limit=_NAME_LENGTH)
            metadata = read_metadata(each.metadata)
            if len(metadata.keys() | names) > MOST_METADATA:
                raise metadata_invalid()
        except FaxError as error:
            part = "number" if error.field == "to" else error.field
            error.field = f"recipients[{position}].{part}"
            errors.append(error)
        else:
            yield RecipientRequest(number, name, metadata)


def members_of(actor: Actor, *, written: str) -> list[RecipientRequest]:
    """The contacts of a group (by its id; of none if that is empty), by their names.

    Raises:
        RequestError: there is no such group.

    """
    if not written.strip():
        return []
    try:
        group = group_for(actor, UUID(written.strip()))
    except (ValueError, FaxNotFound):
        raise RequestError(ErrorCode.GROUP_NOT_FOUND, field="group") from None
    contacts = Contact.objects.visible_to(actor).filter(memberships__group=group)
    found = contacts.order_by("key", "id").values_list("number", "name", "company")
    return [RecipientRequest(number, name or company) for number, name, company in found]


def _nobody_left(number: str) -> FaxError:
    error = unwanted(number)
    error.field = "recipients"
    return error


def _bounded(errors: list[FaxError]) -> list[FaxError]:
    if len(errors) <= MOST_TOLD:
        return errors
    many = RequestError(ErrorCode.RECIPIENTS_INVALID, field="recipients", count=len(errors))
    return [many, *errors[:MOST_TOLD]]


def _too_many() -> FaxError:
    return NumberError(ErrorCode.TOO_MANY_NUMBERS, field="recipients", limit=MOST_RECIPIENTS)
