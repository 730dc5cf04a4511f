"""Error codes, outcomes and states as sentences that a nurse or a paralegal understands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from faxes.enums import Direction, ErrorCode, FaxState, Outcome
from faxes.errors import FaxError

SENTENCES: Final[dict[ErrorCode, Promise]] = {
    ErrorCode.DOCUMENT_EMPTY: lazy("“{name}” is empty. Choose the file again, or another one."),
    ErrorCode.DOCUMENT_TYPE_UNSUPPORTED: lazy(
        "“{name}” is not a file that can be faxed. Use a PDF, an office document (Word, Excel, "
        "PowerPoint or LibreOffice), a picture, a web page, an email or text."
    ),
    ErrorCode.DOCUMENT_UNREADABLE: lazy(
        "“{name}” is damaged and cannot be read. Open it on your computer, save it anew and "
        "try again."
    ),
    ErrorCode.DOCUMENT_ENCRYPTED: lazy(
        "“{name}” is protected with a password. Save a copy without the password and try again."
    ),
    ErrorCode.DOCUMENT_NO_PAGES: lazy("“{name}” has no pages."),
    ErrorCode.DOCUMENT_TOO_MANY_PAGES: lazy(
        "“{name}” has too many pages: a fax may have up to {limit}."
    ),
    ErrorCode.DOCUMENT_TOO_MANY_PIXELS: lazy(
        "“{name}” is too large a picture ({megapixels} megapixels; up to {limit} can be faxed). "
        "Make it smaller and try again."
    ),
    ErrorCode.DOCUMENT_TOO_LARGE: lazy(
        "“{name}” is too big a file: up to {limit} MB can be faxed."
    ),
    ErrorCode.DOCUMENT_OUTPUT_TOO_LARGE: lazy(
        "“{name}” becomes too large when it is turned into fax pages. Save it as a simpler PDF, "
        "or send a part of it."
    ),
    ErrorCode.DOCUMENT_TOO_SLOW: lazy(
        "“{name}” takes too long to turn into fax pages. Save it as a simpler PDF and try again."
    ),
    ErrorCode.DOCUMENT_TOO_MUCH_MEMORY: lazy(
        "“{name}” is too complicated to turn into fax pages. Save it as a simpler PDF and try "
        "again."
    ),
    ErrorCode.DOCUMENT_MISSING: lazy("Choose at least one document to fax."),
    ErrorCode.TOO_MANY_DOCUMENTS: lazy("A fax may have up to {limit} documents."),
    ErrorCode.UPLOAD_NOT_FOUND: lazy("The preview has expired. Choose the documents again."),
    ErrorCode.NUMBER_MISSING: lazy("Enter the fax number to send to."),
    ErrorCode.NUMBER_INVALID: lazy(
        "“{number}” is not a complete fax number. Write it with its area code, such as "
        "(202) 555-0100, or with + and the country code."
    ),
    ErrorCode.TOO_MANY_NUMBERS: lazy("One fax can go to up to {limit} numbers at once."),
    ErrorCode.FROM_NUMBER_MISSING: lazy(
        "This fax machine has no number of its own yet, so it cannot send. Ask your provider."
    ),
    ErrorCode.FROM_NUMBER_GONE: lazy(
        "The number {number} that this was to be sent from is not yours any more. Send it again "
        "from another number."
    ),
    ErrorCode.NUMBERS_MISSING: lazy("There is no number yet. Name at least one."),
    ErrorCode.NUMBERS_UNREADABLE: lazy(
        "This cannot be read as CSV. Write one number a line, with a comma before the carrier."
    ),
    ErrorCode.NUMBERS_CHANGED: lazy(
        "Some of these numbers have changed hands meanwhile, so nothing was done. Look at the list "
        "again."
    ),
    ErrorCode.NUMBER_UNDER_WAY: lazy(
        "A fax by one of these numbers is under way, so nothing was done. Try again in a while."
    ),
    ErrorCode.TOO_MANY_NUMBERS_CHOSEN: lazy(
        "These are too many numbers for once: choose up to {limit}."
    ),
    ErrorCode.FAXBOX_UNCLEAR: lazy("Choose the fax machine that the numbers are to lead to."),
    ErrorCode.FAXBOX_NAME_MISSING: lazy("Give the fax machine a name of up to {limit} letters."),
    ErrorCode.FAXBOX_STATION_INVALID: lazy(
        "A station id has up to {limit} plain letters, digits and signs, as other machines show it."
    ),
    ErrorCode.FAXBOX_HEADER_INVALID: lazy(
        "The header line is too long: up to {limit} letters fit."
    ),
    ErrorCode.TIME_ZONE_INVALID: lazy("Choose one of the time zones."),
    ErrorCode.TOO_MANY_FAXBOXES: lazy("An account may have up to {limit} fax machines."),
    ErrorCode.FAXBOX_NOT_FOUND: lazy("Choose one of your fax machines to send from."),
    ErrorCode.SEND_AT_INVALID: lazy("Choose a time to send that lies within the next year."),
    ErrorCode.QUALITY_INVALID: lazy("Choose standard, fine or superfine quality."),
    ErrorCode.RETRIES_INVALID: lazy("The number of further tries must lie between 0 and {limit}."),
    ErrorCode.CURSOR_INVALID: lazy("This list cannot go on from there. Begin at its top."),
    ErrorCode.DATE_INVALID: lazy("“{date}” is not a date. Write it as 2026-12-31."),
    ErrorCode.STATUS_INVALID: lazy("“{status}” is not a state that a fax can be in."),
    ErrorCode.TEXT_TOO_LONG: lazy("This is too long: up to {limit} characters fit."),
    ErrorCode.COVER_NOT_FOUND: lazy("This cover page is not there any more. Choose another one."),
    ErrorCode.COVER_NAME_MISSING: lazy("Give this cover page a name."),
    ErrorCode.COVER_NAME_TAKEN: lazy(
        "There is a cover page called “{name}” already. Give this one another name."
    ),
    ErrorCode.TOO_MANY_COVERS: lazy("You can keep up to {limit} cover pages. Delete one first."),
    ErrorCode.COVER_TAG_UNREADABLE: lazy(
        "Line {line}: what stands there in double braces is none of the names."
    ),
    ErrorCode.COVER_NAME_UNKNOWN: lazy("Line {line}: a cover page knows nothing called “{name}”."),
    ErrorCode.COVER_SECTION_UNBALANCED: lazy(
        "Line {line}: the parts of “{name}” that begin and end there do not match."
    ),
    ErrorCode.COVER_TOO_LONG: lazy(
        "The cover page gets too long: up to {limit} pages. Make the message shorter."
    ),
    ErrorCode.COVER_UNUSABLE: lazy(
        "This cover page cannot be turned into a fax page. Choose another one, or make it simpler."
    ),
    ErrorCode.COVERED_TOO_LARGE: lazy(
        "The documents are too large for a cover page of its own for each of so many numbers. Send "
        "to fewer at once, or without a cover page."
    ),
    ErrorCode.LOGO_UNUSABLE: lazy(
        "This is not a picture that can be used as a logo. Use a PNG or JPEG file."
    ),
    ErrorCode.LOGO_TOO_LARGE: lazy(
        "This picture is too large for a logo: up to {limit} megapixels and 5 MB. Make it smaller."
    ),
    ErrorCode.TOO_MANY_LINES: lazy("These are too many lines: up to {limit} fit."),
    ErrorCode.INSUFFICIENT_CREDIT: lazy(
        "Your balance is too low: this needs {needed}, and {available} is left. Ask your provider "
        "to top it up."
    ),
    ErrorCode.RATE_MISSING: lazy(
        "Your plan has no price for faxes to {number}. Ask your provider to add it, or leave this "
        "number out."
    ),
    ErrorCode.PLAN_USED_UP: lazy(
        "The {limit} pages a month of your plan do not suffice for this. Ask your provider for a "
        "larger plan, or wait for the next month."
    ),
    ErrorCode.PROVIDER_CANNOT_PAY: lazy(
        "Your provider cannot send this at present. Please tell them; it is not your fault."
    ),
    ErrorCode.LIMIT_PAGES_DAY: lazy(
        "This account may send up to {limit} pages a day, and this would be more. Send it "
        "tomorrow, or ask your provider to raise the limit."
    ),
    ErrorCode.LIMIT_PAGES_MONTH: lazy(
        "This account may send up to {limit} pages a month, and this would be more. Ask your "
        "provider to raise the limit."
    ),
    ErrorCode.LIMIT_PAGES_FAX: lazy(
        "A fax of this account may have up to {limit} pages. Send it in parts, or ask your "
        "provider to raise the limit."
    ),
    ErrorCode.LIMIT_AT_ONCE: lazy(
        "This account may have up to {limit} faxes on their way at once. Send this when some of "
        "them have ended, or ask your provider to raise the limit."
    ),
    ErrorCode.LIMIT_STORAGE: lazy(
        "The storage of this account is full: it may hold up to {limit} MB. Delete or strip faxes "
        "that are no longer needed, or ask your provider to raise the limit."
    ),
    ErrorCode.FAX_ON_THE_LINE: lazy("This fax is being sent right now. Stop it first."),
    ErrorCode.FAX_FINISHED: lazy("This fax is finished: there is nothing left to cancel."),
    ErrorCode.FAX_NOT_FINISHED: lazy("This fax is still under way. Cancel it first."),
    ErrorCode.FAX_CAME_IN: lazy("This fax was sent to you. Forward it to send its pages on."),
    ErrorCode.DOCUMENTS_GONE: lazy(
        "The pages of this fax were removed, so it cannot be sent again."
    ),
    ErrorCode.INTERNAL_ERROR: lazy("Something went wrong on our side. Please try again."),
}

OUTCOMES: Final[dict[Outcome, Promise]] = {
    Outcome.DELIVERED: lazy("Delivered"),
    Outcome.BUSY: lazy("Busy"),
    Outcome.NO_ANSWER: lazy("Nobody answered"),
    Outcome.NO_CARRIER: lazy("No fax machine answered"),
    Outcome.DIAL_FAILED: lazy("The number is not in service"),
    Outcome.TRANSMIT_ERROR: lazy("The call broke off"),
    Outcome.CANCELED: lazy("Canceled"),
    Outcome.INTERNAL_ERROR: lazy("Something went wrong on our side"),
    Outcome.UNKNOWN: lazy("It is not known whether it arrived"),
}


def sentence(error: FaxError) -> str:
    """What to tell the user about an error."""
    return str(SENTENCES[error.code]).format(**error.params)


def sentence_for(code: ErrorCode, params: dict[str, object]) -> str:
    """What to tell the user about an error that was stored."""
    return str(SENTENCES[code]).format(**params)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fax stands: ``tone`` (wait, move, good, bad, off) picks icon and colour."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The plain facts of a fax that its standing is told from."""

    direction: Direction
    state: FaxState
    outcome: Outcome | None
    tries: int
    pages: int
    pages_done: int
    phase: str
    due_at: datetime | None
    incomplete: bool = False


def clock_time(moment: datetime, now: datetime) -> str:
    """A time in plain words: the hour today, else with its day."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if local.date() == today.date():
        return date_format(local, "TIME_FORMAT")
    same_year = local.year == today.year
    day = date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")
    return f"{day}, {date_format(local, 'TIME_FORMAT')}"


def standing(fax: Progress, now: datetime) -> Standing:  # noqa: PLR0911 (a table)
    """Where a fax stands, in words."""
    match fax.state:
        case FaxState.PREPARING:
            return Standing("wait", _("Preparing"))
        case FaxState.QUEUED:
            return Standing("wait", _queued(fax, now))
        case FaxState.SENDING:
            return Standing("move", _sending(fax))
        case FaxState.DELIVERED:
            return Standing("good", _("Delivered"))
        case FaxState.FAILED:
            wished = fax.outcome == Outcome.CANCELED
            return Standing("off" if wished else "bad", _failed(fax))
        case FaxState.CANCELED:
            return Standing("off", _("Canceled"))
        case FaxState.RECEIVING:
            return Standing("move", _receiving(fax))
        case FaxState.RECEIVED:
            if fax.incomplete:
                return Standing("bad", _("Incomplete: the call broke off"))
            return Standing("good", _("Received"))


def _queued(fax: Progress, now: datetime) -> str:
    later = fax.due_at is not None and fax.due_at > now
    if later and fax.outcome and fax.due_at:
        return _("{outcome}: trying again at {time}").format(
            outcome=OUTCOMES[fax.outcome], time=clock_time(fax.due_at, now)
        )
    if later and fax.due_at:
        return _("Will be sent at {time}").format(time=clock_time(fax.due_at, now))
    return _("Waiting for a line")


def _sending(fax: Progress) -> str:
    match fax.phase:
        case "connected" | "page":
            page = min(fax.pages_done + 1, fax.pages)
            return _("Sending page {page} of {pages}").format(page=page, pages=fax.pages)
        case "dialing":
            return _("Dialing")
        case _:
            return _("Waiting for a line")


def _receiving(fax: Progress) -> str:
    return _("Receiving page {page}").format(page=fax.pages_done + 1)


def _failed(fax: Progress) -> str:
    if fax.direction == Direction.INBOUND:
        return _("Nothing arrived: the call broke off")
    if fax.outcome is None:
        return _("Not sent")
    reason = str(OUTCOMES[fax.outcome])
    if fax.outcome in {Outcome.UNKNOWN, Outcome.CANCELED}:
        return reason
    lowered = reason[:1].lower() + reason[1:]
    if fax.tries > 1:
        return _("Not delivered: {reason} after {tries} tries").format(
            reason=lowered, tries=fax.tries
        )
    return _("Not delivered: {reason}").format(reason=lowered)
