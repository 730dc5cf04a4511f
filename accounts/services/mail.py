"""Mail to people, in plain words, in the name of the brand that they know."""

import logging
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import Account
from accounts.services.brands import BrandView, brand_of, platform_brand

log = logging.getLogger(__name__)
_SIGNATURE: Final = "account/email/_signature.txt"


def compose(
    to: str,
    *,
    template: str,
    brand: BrandView,
    headers: Mapping[str, str] | None = None,
    **words: Any,
) -> EmailMultiAlternatives:
    """A mail of ``templates/<template>_subject.txt`` and ``_message.txt``, signed by the brand."""
    known = {"brand": brand, **words}
    subject = " ".join(render_to_string(f"{template}_subject.txt", known).split())
    message = render_to_string(f"{template}_message.txt", known).strip()
    signature = render_to_string(_SIGNATURE, known).strip()
    return EmailMultiAlternatives(
        subject,
        f"{message}\n\n-- \n{signature}\n",
        brand.sent_from,
        [to],
        reply_to=[brand.reply_to] if brand.reply_to else None,
        headers=dict(headers or {}),
    )


def send(
    to: str,
    *,
    template: str,
    account: Account | None = None,
    brand: BrandView | None = None,
    **words: Any,
) -> bool:
    """Send ``templates/<template>_subject.txt`` and ``_message.txt``; False if it cannot be sent.

    The brand is given, or the account's that the mail is about; templates know both by name, and
    the brand signs. What the mail is about has been done by then, and stays done.
    """
    shown = brand or (brand_of(account) if account else platform_brand())
    mail = compose(to, template=template, brand=shown, account=account, **words)
    try:
        mail.send()
    except (OSError, SMTPException):
        log.exception("a mail could not be sent: %s", template)
        return False
    return True
