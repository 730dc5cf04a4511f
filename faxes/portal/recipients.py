"""Who a new fax goes to: found while one types, checked at once, or brought as a list."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes import phone
from faxes.enums import ErrorCode
from faxes.errors import FaxError, InvalidRequest, NumberError, RequestError
from faxes.portal.page import account_page
from faxes.portal.tenants_places import country_name
from faxes.queries.drafts import draft_of
from faxes.queries.recipients import find_recipients, groups_to_send_to
from faxes.services import contact_sheets as sheets
from faxes.services.recipient_lists import MOST_GROUPS, Sifted, of_file, sift, too_many, written_in
from faxes.services.recipients import MOST_RECIPIENTS, RecipientRequest
from faxes.wording import sentence

MOST_CHECKED: Final = 100  # told one by one; more are one list
_PACKED: Final = 1_200_000  # letters of a form field, beside the others of its form
_SALT: Final = "faxes.recipients.list"
_VALID_FOR: Final = 86_400
_NAME_LENGTH: Final = 80
_LETTERS: Final = 120  # of a name in a list
_IDS: Final = 37 * MOST_GROUPS


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was brought in a file: as it travels in the form, its name, who is in it."""

    packed: str = ""
    name: str = ""
    each: tuple[RecipientRequest, ...] = ()

    @property
    def kept(self) -> dict[str, Any] | None:
        """As a draft keeps it; None if there is none."""
        rows = [(each.number, each.name) for each in self.each]
        return {"name": self.name, "rows": rows} if rows else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everybody whom a form names: typed, in a list, in groups (ids between commas)."""

    typed: tuple[RecipientRequest, ...]
    listed: Listed
    group: str

    @property
    def many(self) -> bool:
        """Whether these are sent to as a broadcast."""
        return bool(self.listed.each or self.group) or len(self.typed) > settings.MAX_RECIPIENTS

    def sifted(self, request: AccountRequest) -> Sifted:
        """Who gets a fax, and who does not.

        Raises:
            InvalidRequest: nobody gets one, or the group is gone.

        """
        written = [*self.typed, *self.listed.each]
        try:
            found = sift(request.actor, account=request.account, written=written, groups=self.group)
        except RequestError as error:
            error.field = "to"  # the choice of groups is not there for who has none (left)
            raise InvalidRequest((error,)) from None
        if len(found.good) > MOST_RECIPIENTS:
            raise InvalidRequest((too_many(),))
        if not found.numbers:
            nobody = NumberError(ErrorCode.NUMBER_MISSING, field="to")
            first = found.refused[0].error if found.refused else nobody
            first.field = "to"
            raise InvalidRequest((first,))
        return found


@account_page
@require_safe
def recipients_find(request: AccountRequest) -> HttpResponse:
    """Contacts and groups that fit what is typed."""
    found = find_recipients(request.actor, request.account, q=request.GET.get("q", ""))
    country = request.account.country
    contacts = [
        {
            "name": each.name or each.company,
            "company": each.company if each.name else "",
            "number": each.number,
            "shown": phone.readable(each.number, country=country),
            "trouble": _("On the do-not-fax list") if each.number in found.unwanted else "",
        }
        for each in found.contacts
    ]
    groups = [
        {"id": str(each.pk), "name": each.name, "told": _size(getattr(each, "size", 0))}
        for each in found.groups
    ]
    count = len(contacts) + len(groups)
    words = ngettext(
        "{count} found. Choose with the arrow keys.",
        "{count} found. Choose with the arrow keys.",
        count,
    )
    told = words.format(count=count) if count else _("Nobody in your contacts fits.")
    return JsonResponse({"contacts": contacts, "groups": groups, "told": told})


@account_page
@require_POST
def recipients_check(request: AccountRequest) -> HttpResponse:
    """What each number of a text is, or what is wrong with it; of very many only how many."""
    require(request.actor, Action.FAX_SEND)
    try:
        written = written_in(request.POST.get("text", ""))
    except NumberError as error:
        return JsonResponse({"trouble": sentence(error)})
    if len(written) > MOST_CHECKED:
        count = len(written)
        words = ngettext("{count} number", "{count} numbers", count)
        return JsonResponse({"many": words.format(count=count)})
    return JsonResponse({"read": _told(request, written)})


def chosen_in(request: AccountRequest, *, to: str) -> Chosen:
    """Everybody whom the form names that was sent in.

    Raises:
        InvalidRequest: a list cannot be read, or there are too many.

    """
    errors: list[FaxError] = []
    typed: list[RecipientRequest] = []
    listed = Listed()
    try:
        typed = written_in(to)
    except NumberError as error:
        errors.append(error)
    try:
        listed = listed_in(request)
    except FaxError as error:
        error.field = "recipients_file"
        errors.append(error)
    if errors:
        raise InvalidRequest(tuple(errors))
    return Chosen(tuple(typed), listed, request.POST.get("group", "")[:_IDS])


def listed_in(request: AccountRequest) -> Listed:
    """The list of a form: in the file that came along, else as the form had it before.

    Raises:
        FaxError: it cannot be read.

    """
    file = request.FILES.get("recipients_file")
    if file is None:
        return _unpacked(request, request.POST.get("listed", ""))
    read = of_file(_bytes_of(file))
    if not read:
        raise RequestError(ErrorCode.BOOK_EMPTY, field="recipients_file")
    name = (file.name or "")[-_NAME_LENGTH:]
    return _packed(request, name, [(each.number[:_LETTERS], each.name[:_LETTERS]) for each in read])


def to_field(request: AccountRequest, *, group: str, draft: str = "") -> dict[str, Any]:
    """What the field needs to know besides what is typed: the list, and groups to choose.

    A form that begins with a draft begins with the list that is in it.
    """
    listed = Listed()
    if request.method != "POST" and draft:
        kept = draft_of(request.actor, UUID(draft)).listed
        listed = _packed(request, kept["name"], kept["rows"]) if kept else listed
    if request.method == "POST":
        with suppress(FaxError):  # told beside the field
            listed = listed_in(request)
    return {
        "listed": listed,
        # only looked up where the page tells of them
        "groups": SimpleLazyObject(lambda: groups_to_send_to(request.actor)),
        "group": group[:_IDS],
        "most": MOST_RECIPIENTS,
    }


def name_of(request: AccountRequest, chosen: Chosen) -> str:
    """What a broadcast to these is called unless somebody says otherwise."""
    if chosen.listed.name:
        return chosen.listed.name
    wanted = set(chosen.group.split(","))
    named = [each.name for each in groups_to_send_to(request.actor) if str(each.pk) in wanted]
    return ", ".join(named)[:_LETTERS]


def _size(count: int) -> str:
    return ngettext("{count} contact", "{count} contacts", count).format(count=count)


def _bytes_of(file: "UploadedFile[bytes]") -> bytes:
    if (file.size or 0) > sheets.MOST_BYTES:
        raise sheets.too_large()
    file.seek(0)  # it may have been read for the form already
    raw: bytes = file.read()
    return raw


def _packed(request: AccountRequest, name: str, rows: Sequence[tuple[str, str]]) -> Listed:
    """A list as it travels in the form.

    Raises:
        RequestError: it is too large for that.

    """
    kept = {"of": str(request.account.pk), "name": name, "rows": rows}
    packed = signing.dumps(kept, salt=_SALT, compress=True)
    if len(packed) > _PACKED:
        raise sheets.too_large()
    return Listed(packed, name, tuple(RecipientRequest(number, each) for number, each in rows))


def _unpacked(request: AccountRequest, packed: str) -> Listed:
    """A list as the form had it; none if it is not one of ours, or too old."""
    if not packed:
        return Listed()
    try:
        kept = signing.loads(packed, salt=_SALT, max_age=_VALID_FOR)
    except signing.BadSignature:
        raise RequestError(ErrorCode.BOOK_EXPIRED, field="recipients_file") from None
    if kept["of"] != str(request.account.pk):
        raise RequestError(ErrorCode.BOOK_EXPIRED, field="recipients_file")
    return Listed(packed, kept["name"], tuple(RecipientRequest(*row) for row in kept["rows"]))


def _told(request: AccountRequest, written: list[RecipientRequest]) -> list[dict[str, str]]:
    """Each recipient, as its chip tells it."""
    account = request.account
    found = sift(request.actor, account=account, written=written)
    troubles = {each.number: sentence(each.error) for each in found.refused}
    return [_one(each, account.country, troubles) for each in written]


def _one(each: RecipientRequest, home: str, troubles: Mapping[str, str]) -> dict[str, str]:
    try:
        number = phone.parse_recipient(each.number, country=home)
    except NumberError as error:
        shown = {"number": each.number, "shown": each.number, "country": ""}
        return {"name": each.name, "trouble": sentence(error), **shown}
    country = phone.country_of(number)
    return {
        "name": each.name,
        "number": number,
        "shown": phone.readable(number, country=home),
        "country": country_name(country) if country else "",
        "trouble": troubles.get(number, ""),
    }
