"""Mails and text messages about faxes: what they say, and the pages that go along.

Of a fax itself nothing is told but numbers, pages, times and how it ended: never its subject or a
word of it. Pages go along where the fax machine says so, read anew each time; a link carries none.
"""

import logging
import tempfile
import threading
from contextlib import nullcontext
from pathlib import Path
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock, languages, moments
from accounts.models import Account
from accounts.services import mail
from accounts.services.brands import BrandView, brand_of
from faxes import mail_words, phone, vault
from faxes.enums import Direction, DocumentRole, FaxState, Outcome
from faxes.errors import CannotOpen, DocumentError, FaxNotFound
from faxes.models import Document, Fax, MailPages, Notification, NotificationKind
from faxes.queries.approvals import waiting_for_reader
from faxes.queries.standing import standing_of
from faxes.services.intake import printable
from faxes.services.pages import write_pdf

# Of a mail as it is sent, in which files grow by more than a third.
log = logging.getLogger(__name__)
MOST_BYTES: Final = 20_000_000
_GROWTH: Final = 1.37
# Such mails are put together in memory, so only so many at once.
_WITH_FILES: Final = threading.BoundedSemaphore(4)
_LASTING: Final = range(500, 600)  # RFC 5321, 4.2.1: it is no use to try again
_OUR_ACCESS: Final = frozenset({530, 534, 535, 538})  # how we sign in, which the operator mends
_TEMPLATES: Final = {
    NotificationKind.RECEIVED: "faxes/email/fax_received",
    NotificationKind.ENDED: "faxes/email/fax_ended",
    NotificationKind.ACCEPTED: "faxes/email/mail_accepted",
    NotificationKind.REFUSED: "faxes/email/mail_refused",
    NotificationKind.APPROVAL: "faxes/email/fax_held",
    NotificationKind.DECLINED: "faxes/email/fax_declined",
}


class MailFailed(Exception):
    """A mail was not taken; ``for_good`` says that it never will be."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


class Changed(Exception):
    """The fax was stripped or deleted while its mail was put together: nothing was sent."""


def send(notification: Notification) -> None:
    """Send the mail of a notification, with its pages if it is to carry them.

    Raises:
        MailFailed: it was not taken.
        Changed: the fax is not what it was.

    """
    fax = notification.fax
    carries = fax is not None and notification.pages != MailPages.LINK
    with _WITH_FILES if carries else nullcontext():
        files, missing = _files(fax, notification.pages) if fax and carries else ([], "")
        with mail.reader_of(notification.to, notification.account):
            message = _composed(notification, carried=bool(files), missing=missing)
        for name, content, media_type in files:
            message.attach(name, content, media_type)
        if fax is not None and not _as_it_was(fax):
            raise Changed
        _hand_over(message)


def short_text(notification: Notification) -> str:
    """What a text message says of a fax, in one line, in the account's language."""
    fax = notification.fax
    if fax is None:
        return ""
    with languages.speaking(languages.of_account(notification.account)):
        return _short_text(fax)


def _short_text(fax: Fax) -> str:
    number, pages = _number(fax), _pages(fax)
    if fax.direction == Direction.INBOUND:
        if fax.incomplete:
            return _("Fax from {number} broke off: {pages} came.").format(
                number=number, pages=pages
            )
        return _("Fax from {number} received: {pages}.").format(number=number, pages=pages)
    if fax.state == FaxState.DELIVERED and fax.outcome != Outcome.HANDED_OVER:
        return _("Fax to {number} delivered: {pages}.").format(number=number, pages=pages)
    standing = standing_of(fax, clock.now()).text
    return _("Fax to {number}: {standing}.").format(number=number, standing=standing)


def _composed(notification: Notification, *, carried: bool, missing: str) -> EmailMultiAlternatives:
    """The mail without its files, as text and as HTML."""
    account, kind = notification.account, NotificationKind(notification.kind)
    brand, template = brand_of(account), _TEMPLATES[kind]
    words: dict[str, Any] = {"account": account, "carried": carried, "missing": missing}
    if notification.fax is not None:
        zone = mail.zone_of(notification.to)
        words |= _fax_words(notification.fax, account, brand, reader=zone)
        if kind == NotificationKind.APPROVAL:
            words |= _waiting_words(notification, brand)
    elif notification.mail is not None:
        words |= _mail_words(notification, account)
    headers = {
        # the same for every try, so that one that comes twice is known as one
        "Message-ID": f"<{notification.pk}.{notification.round}@{settings.MAIL_DOMAIN}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: whoever is away answers nothing
        "X-Auto-Response-Suppress": "All",
    }
    return mail.compose(notification.to, template=template, brand=brand, headers=headers, **words)


def _fax_words(
    fax: Fax, account: Account, brand: BrandView, *, reader: ZoneInfo | None
) -> dict[str, Any]:
    """Which fax, when, and how it ended; nothing of what it says. ``reader`` is their zone."""
    zone = reader or ZoneInfo(fax.time_zone or fax.faxbox.time_zone or account.time_zone)
    moment = timezone.localtime(fax.finished_at or clock.now(), zone)
    page = reverse("fax", kwargs={"account": account.pk, "fax": fax.pk})
    return {
        "fax": fax,
        "number": _number(fax),
        "own_number": phone.readable(
            fax.to_number if fax.direction == Direction.INBOUND else fax.from_number,
            country=account.country,
        ),
        "pages": _pages(fax),
        "machine": fax.faxbox.name,
        "delivered": fax.state == FaxState.DELIVERED and fax.outcome != Outcome.HANDED_OVER,
        "handed_over": fax.outcome == Outcome.HANDED_OVER,
        "canceled": fax.state == FaxState.CANCELED,
        "standing": standing_of(fax, moment).text,
        "when": moments.tell(moment, "weekday+time+zone"),
        "link": brand.base_url + page,
    }


def _waiting_words(notification: Notification, brand: BrandView) -> dict[str, Any]:
    """How many faxes wait for the reader, where they are listed, and if they were told before."""
    waiting = waiting_for_reader(notification.account_id, notification.to, now=clock.now())
    count = max(1, waiting.order_by().count())
    words: dict[str, Any] = {"waiting": count, "told_again": notification.round > 0}
    if count > 1:
        page = reverse("approvals", kwargs={"account": notification.account_id})
        words["link"] = brand.base_url + page
    return words


def _mail_words(notification: Notification, account: Account) -> dict[str, Any]:
    """Which mail it was that became no fax, and why not."""
    told = notification.mail
    if told is None:
        return {}
    return {
        "number": phone.readable(told.number, country=account.country) or told.recipient,
        "recipient": told.recipient,
        "errors": [mail_words.sentence(each) for each in told.errors],
    }


def _number(fax: Fax) -> str:
    return phone.readable(fax.other_party, country=fax.account.country) or _("an unknown number")


def _pages(fax: Fax) -> str:
    return ngettext("{pages} page", "{pages} pages", fax.pages).format(pages=fax.pages)


def _files(fax: Fax, form: str) -> tuple[list[tuple[str, bytes, str]], str]:
    """The pages as files of a mail; or none, and a word for why they are missing.

    Raises:
        MailFailed: they cannot be opened at present.

    """
    document = (
        Document.objects.for_account(fax.account_id)
        .filter(fax=fax, role__in=[DocumentRole.RENDERED, DocumentRole.RECEIVED])
        .first()
    )
    if document is None:
        return [], "gone" if fax.stripped_at else ""
    with tempfile.TemporaryDirectory(prefix="mail-") as folder:
        try:
            paths = _written(document, Path(folder), form)
        except FaxNotFound:
            return [], "gone"
        except DocumentError:
            return [], "unreadable"
        except vault.Damaged:  # whoever waits for it is told of it all the same
            log.exception("the pages of fax %s are damaged in storage", fax.pk)
            return [], "unreadable"
        except CannotOpen:
            log.exception("the pages of fax %s cannot be opened at present", fax.pk)
            raise MailFailed("pages_unavailable") from None
        if sum(path.stat().st_size for path in paths) * _GROWTH > MOST_BYTES:
            return [], "large"
        types = {".pdf": "application/pdf", ".tiff": "image/tiff"}
        name = _file_name(fax)
        return [
            (f"{name}{path.suffix}", path.read_bytes(), types[path.suffix]) for path in paths
        ], ""


def _written(document: Document, folder: Path, form: str) -> list[Path]:
    """The pages as files in a folder, in the forms that are wanted.

    Raises:
        FaxNotFound: they are gone at this moment.
        DocumentError: they cannot be read.

    """
    paths = []
    if form in {MailPages.PDF, MailPages.BOTH}:
        paths.append(write_pdf(document, folder))
    if form in {MailPages.TIFF, MailPages.BOTH}:
        tiff = folder / "fax.tiff"
        try:
            vault.copy_out(document.key, tiff)
        except FileNotFoundError:
            raise FaxNotFound from None
        paths.append(tiff)
    return paths


def _file_name(fax: Fax) -> str:
    """What the files of a fax are called: its number and day, in plain signs."""
    number = "".join(char for char in fax.other_party if char.isascii() and char.isalnum())
    moment = fax.finished_at or fax.created_at
    return "-".join(filter(None, ["fax", number, f"{moment:%Y%m%d-%H%M}"]))


def _as_it_was(fax: Fax) -> bool:
    """Whether the fax is there still, with as much of it as was read."""
    rows = Fax.objects.for_account(fax.account_id).filter(pk=fax.pk)
    return rows.filter(stripped_at__isnull=fax.stripped_at is None).exists()


def _hand_over(message: EmailMultiAlternatives) -> None:
    """Hand a mail to the mail server.

    Raises:
        MailFailed: it was not taken.

    """
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refusal(code, said) from None
    except SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except (OSError, SMTPException):
        raise MailFailed("mail_unreachable") from None


def _refusal(code: int, said: bytes | str) -> MailFailed:
    """What a mail server said no with."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = " ".join(text.split())
    reason = f"{code} {printable(words)}"
    return MailFailed(reason, for_good=code in _LASTING and code not in _OUR_ACCESS)
