"""Mails of a portal that sends none: they lie in a folder, with pages, and go with their fax."""

from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import clock
from faxes.models import Fax, Notification

_HEAD: Final = 16_384  # bytes, in which the headers are
_KEPT: Final = timedelta(days=30)


def forget(fax: Fax) -> None:
    """Remove the mails that told of a fax, once the caller's transaction has removed that.

    Text messages in their folder carry no pages; they go by their age.
    """
    folder = _mails()
    if folder is None:
        return
    told = Notification.objects.for_account(fax.account_id).filter(fax=fax)
    marks = [_mark(pk) for pk in told.values_list("pk", flat=True)]
    if marks:
        transaction.on_commit(lambda: _remove(folder, marks), robust=True)


def forget_old() -> None:
    """Remove mails and text messages that have lain in their folders for long enough."""
    before = (clock.now() - _KEPT).timestamp()
    for folder in (_mails(), Path(settings.SMS_FOLDER)):
        for path in folder.iterdir() if folder and folder.is_dir() else ():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def _mails() -> Path | None:
    """The folder, if mails are kept in one and there are any."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or "none")
    return folder if folder.is_dir() else None


def _remove(folder: Path, marks: list[bytes]) -> None:
    for path in folder.glob("*.log"):
        with path.open("rb") as mail:
            head = mail.read(_HEAD)
        if any(mark in head for mark in marks):
            path.unlink(missing_ok=True)


def _mark(notification: UUID) -> bytes:
    """What the Message-ID of its mails begins with (``fax_mails``)."""
    return f"<{notification}.".encode()
