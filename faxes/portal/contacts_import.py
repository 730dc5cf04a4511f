"""Bring an address book in from a file: what each row would do first, then the deed.

Between the two pages the rows travel in the form, signed, so that nothing is kept of a file that
nobody confirmed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.auth.portal import AccountRequest
from accounts.roles import Action
from accounts.tenancy import require
from faxes.enums import ErrorCode
from faxes.errors import RequestError
from faxes.portal.page import account_page
from faxes.services import contact_sheets as sheets
from faxes.services.contact_imports import Fate, ImportLine, check_import, import_contacts
from faxes.services.contact_sheets import MOST_BYTES, MOST_ROWS, Entry, Table
from faxes.wire.vcard import is_vcard
from faxes.wording import sentence

_UNPROCESSABLE: Final = 422
_SHOWN: Final = 500  # rows; what is wrong comes first
_PACKED: Final = 2_000_000  # letters of a form field that a request may have
_SALT: Final = "faxes.contacts.import"
_VALID_FOR: Final = 86_400
WORDS: Final[Mapping[Fate, Promise]] = {
    Fate.NEW: lazy("Will be added"),
    Fate.KNOWN: lazy("In your address book already: stays as it is"),
    Fate.TWICE: lazy("The same as an earlier row: left out"),
    Fate.NO_FAX: lazy("No fax number: left out"),
    Fate.WRONG: lazy("Left out: {reason}"),
}
FIELDS: Final[tuple[tuple[str, Promise], ...]] = (
    ("number", lazy("Fax number")),
    ("name", lazy("Name")),
    ("first", lazy("First name")),
    ("last", lazy("Last name")),
    ("company", lazy("Organization")),
    ("email", lazy("Email")),
    ("note", lazy("Note")),
    ("groups", lazy("Groups")),
)
_TOO_MUCH: Final = lazy(
    "There is too much in this file to be read at once. Split it into several, or leave out "
    "columns that are not needed."
)
_WRONG: Final = (Fate.NO_FAX, Fate.WRONG)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def contacts_import(request: AccountRequest) -> HttpResponse:
    """A file to choose; then what its rows would do; then they are in the book."""
    require(request.actor, Action.CONTACT_MANAGE)
    if request.method != "POST":
        return _page(request)
    try:
        table, entries = _handed_in(request)
    except RequestError as error:
        return _page(request, error=sentence(error))
    columns: dict[str, int | None] = {}
    if table is not None:
        asked = any(f"column-{name}" in request.POST for name in sheets.FIELDS)
        columns = _columns(request.POST, table) if asked else sheets.columns_of(table.headings)
    try:
        if table is not None:
            entries = sheets.entries_of(table, columns)
        if request.POST.get("act") == "import":
            return _imported(request, import_contacts(request.actor, entries=entries))
        lines = check_import(request.actor, entries=entries)
    except RequestError as error:
        told = _columns_context(table, columns) if table is not None else {}
        packed = _packed(request, table, entries)
        words = sentence(error) if packed else str(_TOO_MUCH)
        return _page(request, error=words, packed=packed, **told)
    return _preview(request, table, columns, entries, lines)


def _handed_in(request: AccountRequest) -> tuple[Table | None, list[Entry]]:
    """What a file has, or what the page before had: a table, or the contacts of vCards.

    Raises:
        RequestError: it cannot be read.

    """
    if packed := request.POST.get("packed", ""):
        return _unpacked(request, packed)
    file = request.FILES.get("file")
    if file is None:
        raise RequestError(ErrorCode.BOOK_EMPTY, field="file")
    if (file.size or 0) > MOST_BYTES:
        raise sheets.too_large()
    text = sheets.decoded(file.read())
    if is_vcard(text):
        return None, sheets.read_cards(text)
    return sheets.read_table(text), []


def _packed(request: AccountRequest, table: Table | None, entries: Sequence[Entry]) -> str:
    """The rows as a field of a form, which nobody can change on the way; empty if too long."""
    kept: dict[str, Any] = {"of": str(request.account.pk)}
    if table is not None:
        kept |= {"headings": table.headings, "rows": table.rows}
    else:
        kept["cards"] = [
            [each.place, each.number, each.name, each.company, each.email, each.note,
             each.groups, each.phones]
            for each in entries
        ]  # fmt: skip
    packed = signing.dumps(kept, salt=_SALT, compress=True)
    return packed if len(packed) <= _PACKED else ""


def _unpacked(request: AccountRequest, packed: str) -> tuple[Table | None, list[Entry]]:
    try:
        kept = signing.loads(packed, salt=_SALT, max_age=_VALID_FOR)
    except signing.BadSignature:
        kept = {}
    if kept.get("of") != str(request.account.pk):
        raise RequestError(ErrorCode.BOOK_EMPTY, field="file")
    if "rows" in kept:
        return Table(kept["headings"], [(place, cells) for place, cells in kept["rows"]]), []
    return None, [_entry(*card) for card in kept["cards"]]


def _entry(
    place: int, number: str, name: str, company: str, email: str, note: str,
    groups: Sequence[str], phones: int,
) -> Entry:  # fmt: skip
    return Entry(place, number, name, company, email, note, tuple(groups), phones)


def _columns(posted: QueryDict, table: Table) -> dict[str, int | None]:
    """The columns that a person chose."""
    there = {str(at): at for at in range(len(table.headings))}
    return {name: there.get(posted.get(f"column-{name}", "")) for name in sheets.FIELDS}


def _columns_context(table: Table, columns: Mapping[str, int | None]) -> dict[str, Any]:
    first = table.rows[0][1]
    names = [
        (
            at,
            heading or _("Column {place}").format(place=at + 1),
            first[at] if at < len(first) else "",
        )
        for at, heading in enumerate(table.headings)
    ]
    return {
        "columns": [(name, words, columns.get(name)) for name, words in FIELDS],
        "headings": names,
    }


def _preview(
    request: AccountRequest,
    table: Table | None,
    columns: Mapping[str, int | None],
    entries: Sequence[Entry],
    lines: Sequence[ImportLine],
) -> HttpResponse:
    packed = _packed(request, table, entries)
    if not packed:
        return _page(request, error=str(_TOO_MUCH))
    counted = Counter(line.fate for line in lines)
    shown = sorted(lines, key=lambda line: line.fate not in _WRONG)[:_SHOWN]
    wrong = sum(counted[fate] for fate in _WRONG)
    return _page(
        request,
        packed=packed,
        checked=True,
        lines=[(line.entry, _words(line), line.fate in _WRONG) for line in shown],
        more=len(lines) - len(shown),
        new=counted[Fate.NEW],
        there=counted[Fate.KNOWN] + counted[Fate.TWICE],
        wrong=wrong,
        **(_columns_context(table, columns) if table is not None else {}),
    )


def _words(line: ImportLine) -> str:
    reason = sentence(line.error) if line.error else ""
    if line.fate == Fate.NO_FAX and line.entry.phones:
        return _("None of its numbers is said to be a fax number: left out")
    return str(WORDS[line.fate]).format(reason=reason)


def _imported(request: AccountRequest, lines: Sequence[ImportLine]) -> HttpResponse:
    count = sum(line.fate == Fate.NEW for line in lines)
    words = ngettext("{count} contact was added.", "{count} contacts were added.", count)
    messages.success(request, words.format(count=count))
    return redirect("contacts", account=request.account.pk)


def _page(request: AccountRequest, *, error: str = "", **more: Any) -> HttpResponse:
    context = {"error": error, "most_mb": MOST_BYTES // 1_000_000, "most_rows": MOST_ROWS, **more}
    status = _UNPROCESSABLE if error else 200
    return render(request, "faxes/contacts_import.html", context, status=status)
