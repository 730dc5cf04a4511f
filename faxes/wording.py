"""Error codes and outcomes as sentences that a nurse or a paralegal understands."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from accounts.services.amounts import readable
from faxes.enums import ErrorCode, Outcome
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
    ErrorCode.PAGES_INVALID: lazy(
        "The documents have no such page, or it is there twice. Look at the pages again."
    ),
    ErrorCode.NO_PAGES_LEFT: lazy("At least one page must stay. Add a document first."),
    ErrorCode.TOO_MANY_DRAFTS: lazy("You may keep up to {limit} drafts. Delete one first."),
    ErrorCode.NUMBER_MISSING: lazy("Enter the fax number to send to."),
    ErrorCode.NUMBER_INVALID: lazy(
        "“{number}” is not a complete fax number. Write it with its area code, such as "
        "(202) 555-0100, or with + and the country code."
    ),
    ErrorCode.TOO_MANY_NUMBERS: lazy("Too many numbers: up to {limit} at once."),
    ErrorCode.OPTION_UNSUPPORTED: lazy(
        "The carriers that reach this number cannot do that: {option}. Leave it out."
    ),
    ErrorCode.NO_CARRIER_FOR_NUMBER: lazy("No carrier reaches {number} from this account."),
    ErrorCode.CARRIERS_DOWN: lazy(
        "No carrier could be reached for a whole day, so the fax was given up."
    ),
    ErrorCode.CARRIER_NOT_FOUND: lazy("There is no such carrier."),
    ErrorCode.CARRIER_NAME_MISSING: lazy("Give the carrier a name."),
    ErrorCode.CARRIER_SETTING_MISSING: lazy("Fill in “{setting}”."),
    ErrorCode.CARRIER_SETTING_INVALID: lazy("“{setting}” cannot be right: {reason}"),
    ErrorCode.CARRIER_IN_USE: lazy(
        "Numbers or faxes of this carrier are left. Put it out of service instead."
    ),
    ErrorCode.CARRIER_BEING_ASKED: lazy(
        "A carrier of this account is being asked already. Try again in a moment."
    ),
    ErrorCode.TOO_MANY_CARRIERS: lazy("An account may have up to {limit} carriers."),
    ErrorCode.ROUTE_INVALID: lazy(
        "A route begins with + and digits, such as +1 or +4930, or is empty for all numbers."
    ),
    ErrorCode.ROUTE_TAKEN: lazy("There is a route to these numbers by this carrier already."),
    ErrorCode.TOO_MANY_ROUTES: lazy("An account may have up to {limit} routes."),
    ErrorCode.FROM_NUMBER_MISSING: lazy(
        "This fax machine has no number of its own yet, so it cannot send. Ask your provider."
    ),
    ErrorCode.FROM_NUMBER_GONE: lazy(
        "{number}, which this was to be sent from, is not one of your numbers. Send it again from "
        "one of them."
    ),
    ErrorCode.FROM_NUMBER_NOT_YOURS: lazy(
        "{number} is not a number that you can send from. Choose one of your fax machines' numbers."
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
    ErrorCode.FAXBOX_HAS_NUMBERS: lazy(
        "A number still leads to this fax machine. Have it lead to another one first."
    ),
    ErrorCode.FAXBOX_HAS_FAXES: lazy(
        "Faxes of this fax machine are still under way. Wait until they have ended, or cancel them."
    ),
    ErrorCode.EXTENSION_INVALID: lazy("An extension is up to {limit} digits, such as 210."),
    ErrorCode.EXTENSION_TAKEN: lazy("Another of your fax machines has the extension {extension}."),
    ErrorCode.EXTENSION_UNKNOWN: lazy("There is no fax machine with the extension {number}."),
    ErrorCode.OWNER_NOT_MEMBER: lazy("Choose one of the people of this account."),
    ErrorCode.MAIL_ADDRESS_INVALID: lazy(
        "This is neither an email address nor a mail domain. Write it as fax@example.com or "
        "fax.example.com."
    ),
    ErrorCode.MAIL_ADDRESS_TAKEN: lazy(
        "This address belongs to a fax machine already. Choose another one."
    ),
    ErrorCode.MAIL_ADDRESS_OURS: lazy(
        "Addresses in {domain} are given out by the portal. Choose one in a domain of your own."
    ),
    ErrorCode.MAIL_SENDER_INVALID: lazy(
        "“{entry}” is neither an email address nor a pattern of addresses. Write it as "
        "name@example.com, or as .*@example\\.com for everybody there."
    ),
    ErrorCode.MAIL_PAGES_INVALID: lazy(
        "Choose how mails carry the pages: link, pdf, tiff or both."
    ),
    ErrorCode.SMS_NUMBER_INVALID: lazy(
        "“{number}” is not a telephone number. Write it with digits, such as +1 202 555 0100."
    ),
    ErrorCode.CALLBACK_INVALID: lazy(
        "A callback is asked by post or put, and told as json or www-url-form-encoded."
    ),
    ErrorCode.TOO_MANY_ENTRIES: lazy("These are too many: up to {limit} fit."),
    ErrorCode.ECHO_TOO_LARGE: lazy("This is too much to be kept: up to {limit} characters fit."),
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
    ErrorCode.URL_INVALID: lazy(
        "This is not a web address that can be used. Write it in full, such as "
        "https://example.com/fax, without a name or password and in plain letters."
    ),
    ErrorCode.URL_NOT_ALLOWED: lazy(
        "This address may not be reached from here: it must lead to the public internet, and to a "
        "port for web servers."
    ),
    ErrorCode.URL_UNREACHABLE: lazy(
        "Nothing on the public internet answers at this address as a web server does."
    ),
    ErrorCode.URL_INSECURE: lazy(
        "No secure connection can be made to this address. Check its certificate: it must be "
        "valid, and for this very name."
    ),
    ErrorCode.URL_TOO_SLOW: lazy("The server at this address took too long to answer."),
    ErrorCode.URL_TOO_LARGE: lazy(
        "What lies at this address is too big: up to {limit} MB can be fetched."
    ),
    ErrorCode.URL_REFUSED: lazy("The server at this address answered with status {status}."),
    ErrorCode.URL_TYPE: lazy(
        "What lies at this address is not of a kind that can be used, or it is compressed."
    ),
    ErrorCode.URL_REDIRECTED: lazy(
        "This address leads on and on to others. Write the one where it ends."
    ),
    ErrorCode.FETCH_BUSY: lazy(
        "Many documents are being fetched from web addresses. Try again in a moment."
    ),
    ErrorCode.METADATA_INVALID: lazy(
        "Metadata takes up to {most} names of up to {name} characters, each with a text of up to "
        "{value}."
    ),
    ErrorCode.NOTIFY_TOO_MANY: lazy("Up to {limit} people can be told how a fax ended."),
    ErrorCode.TOO_MANY_LINES: lazy("These are too many lines: up to {limit} fit."),
    ErrorCode.CONTACT_NOT_FOUND: lazy("The contact {contact} is not in your address book."),
    ErrorCode.EMAIL_INVALID: lazy("This is not an email address. Write it as name@example.com."),
    ErrorCode.GROUP_NOT_FOUND: lazy("This group is not in your address book any more."),
    ErrorCode.GROUP_NAME_MISSING: lazy("Give this group a name."),
    ErrorCode.GROUP_NAME_TAKEN: lazy(
        "There is a group called “{name}” already. Give this one another name."
    ),
    ErrorCode.LABEL_NOT_FOUND: lazy("This label is not there any more. Choose another one."),
    ErrorCode.LABEL_NAME_MISSING: lazy("Give this label a name."),
    ErrorCode.LABEL_NAME_TAKEN: lazy("There is a label called “{name}” already."),
    ErrorCode.LABEL_COLOUR_INVALID: lazy("Choose one of the colours."),
    ErrorCode.TOO_MANY_LABELS: lazy("An account may have up to {limit} labels. Delete one first."),
    ErrorCode.NOTE_EMPTY: lazy("Write something first."),
    ErrorCode.TOO_MANY_NOTES: lazy("A fax may have up to {limit} notes. Delete one first."),
    ErrorCode.VIEW_NAME_MISSING: lazy("Give this view a name."),
    ErrorCode.VIEW_NOT_NARROWED: lazy("Search or choose filters first, then save them as a view."),
    ErrorCode.TOO_MANY_VIEWS: lazy("You may save up to {limit} views of a list. Delete one first."),
    ErrorCode.NO_FAXES_CHOSEN: lazy("Tick at least one fax."),
    ErrorCode.TOO_MANY_FAXES_CHOSEN: lazy("Choose up to {limit} faxes at once."),
    ErrorCode.TOO_MANY_PAGES_CHOSEN: lazy(
        "These faxes have {count} pages; up to {limit} can be downloaded at once. Choose fewer."
    ),
    ErrorCode.NO_PAGES_CHOSEN: lazy("None of these faxes has pages to download."),
    ErrorCode.TOO_MANY_CONTACTS: lazy(
        "An address book may hold up to {limit} contacts. Delete some first."
    ),
    ErrorCode.TOO_MANY_GROUPS: lazy(
        "An address book may hold up to {limit} groups. Delete one first."
    ),
    ErrorCode.TOO_MANY_MEMBERS: lazy("A group may hold up to {limit} contacts."),
    ErrorCode.BOOK_EXPIRED: lazy("The list has expired. Choose the list again."),
    ErrorCode.BOOK_EMPTY: lazy("There is no contact in this file."),
    ErrorCode.BOOK_UNREADABLE: lazy(
        "This file is neither a table (CSV) nor vCards. Export your contacts as one of these."
    ),
    ErrorCode.BOOK_TOO_LARGE: lazy(
        "This file is too large: up to {limit} MB can be read. Split it into several."
    ),
    ErrorCode.BOOK_COLUMN_MISSING: lazy("Choose the column that the fax numbers are in."),
    ErrorCode.DO_NOT_FAX: lazy("{number} is on the do-not-fax list, so nothing is sent to it."),
    ErrorCode.DO_NOT_FAX_LISTED: lazy("{number} is on your do-not-fax list already."),
    ErrorCode.TOO_MANY_DO_NOT_FAX: lazy("A do-not-fax list may hold up to {limit} numbers."),
    ErrorCode.RECIPIENTS_INVALID: lazy(
        "{count} of the recipients have something wrong, so nothing was sent."
    ),
    ErrorCode.TOO_MANY_BROADCASTS: lazy(
        "There may be up to {limit} broadcasts under way at once. Wait until one of them has ended."
    ),
    ErrorCode.BROADCAST_FINISHED: lazy(
        "This broadcast is finished: there is nothing left to cancel."
    ),
    ErrorCode.BROADCAST_NOT_FINISHED: lazy("This broadcast is still under way. Cancel it first."),
    ErrorCode.BROADCAST_MISSED_NOBODY: lazy("There is nobody left to send this again to."),
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
    ErrorCode.TIME_IS_UP: lazy(
        "The time within which this fax was to be sent is over, so it is not tried any more."
    ),
    ErrorCode.FAX_NOT_WAITING: lazy(
        "Nothing was changed: a try has begun meanwhile, or the fax has ended. Below is how it "
        "stands now."
    ),
    ErrorCode.SEND_AT_TOO_LATE: lazy(
        "Choose an earlier time: by then this fax is to be given up if it has not arrived."
    ),
    ErrorCode.LEGAL_HOLD: lazy(
        "This is under legal hold, so nothing of it may be removed until the hold is lifted."
    ),
    ErrorCode.LEGAL_HOLD_REASON: lazy("Say why, in up to {limit} letters."),
    ErrorCode.LEGAL_HOLD_LIFTED: lazy("This legal hold was lifted already."),
    ErrorCode.RETENTION_DAYS: lazy(
        "Write a whole number of days from 1 to {most}, or leave it empty."
    ),
    ErrorCode.RETENTION_ORDER: lazy("A record cannot go before its pages: write more days."),
    ErrorCode.RETENTION_BOUNDS: lazy(
        "Your provider has faxes kept for at least {least} and at most {most} days."
    ),
    ErrorCode.RETENTION_LEAST: lazy("Your provider has faxes kept for at least {least} days."),
    ErrorCode.RETENTION_MOST: lazy("Your provider has faxes kept for at most {most} days."),
    ErrorCode.RETENTION_UNCONFIRMED: lazy(
        "At the next run {strip} faxes would lose their pages and {delete} would be deleted. "
        "Confirm it."
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
    Outcome.HANDED_OVER: lazy("Delivered to the carrier, not confirmed"),
}


# Why a setting of a carrier cannot be right.
SETTING_FAULTS: Final[dict[str, Promise]] = {
    "too_long": lazy("it is too long."),
    "unprintable": lazy("it holds signs that cannot be seen."),
    "no_host": lazy("write a name such as fax.example.com, or an address."),
    "not_allowed": lazy("it may not be reached from here."),
    "no_number": lazy("write a whole number from {least} to {most}."),
    "no_cost": lazy("write a number such as 0.007."),
    "refused": lazy("the carrier cannot use it so."),
}


def sentence(error: FaxError) -> str:
    """What to tell the user about an error."""
    return sentence_for(error.code, error.params)


def sentence_for(code: ErrorCode, params: Mapping[str, Any]) -> str:
    """What to tell the user about an error that was stored."""
    known = _Known({name: _told(value) for name, value in params.items()})
    return str(SENTENCES[code]).format_map(known)


class _Known(dict[str, Any]):
    """The parts of a sentence; dots stand for one that was erased, as names of documents are."""

    def __missing__(self, _name: str) -> str:
        return "…"


def _told(value: Any) -> Any:
    """A part of a sentence, as its reader's language writes it; an amount is kept as its parts."""
    if isinstance(value, Mapping):
        return readable(value["amount"], value["currency"])
    return value
