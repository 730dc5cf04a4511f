"""Mail to people, in plain words, in the name of the brand that they know."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from smtplib import SMTPException
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string, select_template
from django.utils import timezone

from accounts import languages, zones
from accounts.models import Account, User
from accounts.services.brands import BrandView, brand_of, platform_brand
from accounts.services.mail_pages import page_of

log = logging.getLogger(__name__)
_SIGNATURE: Final = "account/email/_signature.txt"
_ACT: Final = "account/email/_act.txt"  # for those that have none of their own
# What a mail's words call the addresses that it leads to.
_LINKS: Final = ("link", "password_reset_url")


@contextmanager
def reader_of(email: str, account: Account | None) -> Iterator[None]:
    """Speak the language of whom a mail goes to: the person's, else their account's.

    So it is with their time zone. A mail that is of no account goes to who asked for it, in the
    language and zone of the page, unless they chose others.
    """
    person = User.objects.filter(email__iexact=email).only("language", "time_zone").first()
    with ExitStack() as stack:
        if account is not None:
            stack.enter_context(timezone.override(zones.of_reader(person, account)))
        elif (zone := zones.chosen_by(person)) is not None:
            stack.enter_context(timezone.override(zone))
        if account is not None or (person and languages.known(person.language)):
            stack.enter_context(languages.speaking(languages.of_reader(person, account)))
        yield


def zone_of(email: str) -> ZoneInfo | None:
    """The time zone that whoever has this address chose, if they did."""
    return zones.chosen_by(User.objects.filter(email__iexact=email).only("time_zone").first())


def compose(
    to: str,
    *,
    template: str,
    brand: BrandView,
    headers: Mapping[str, str] | None = None,
    **words: Any,
) -> EmailMultiAlternatives:
    """A mail of ``templates/<template>_subject.txt`` and ``_message.txt``, signed by the brand.

    The same words go along as a page; ``_act.txt``, if there is one, says what the link is for.
    It is in the language that is spoken (``reader_of``).
    """
    known = {"brand": brand, **words}
    subject = " ".join(render_to_string(f"{template}_subject.txt", known).split())
    message = render_to_string(f"{template}_message.txt", known).strip()
    signature = render_to_string(_SIGNATURE, known).strip()
    mail = EmailMultiAlternatives(
        subject,
        f"{message}\n\n-- \n{signature}\n",
        brand.sent_from,
        [to],
        reply_to=[brand.reply_to] if brand.reply_to else None,
        headers=dict(headers or {}),
    )
    act = select_template([f"{template}_act.txt", _ACT]).render(known).strip()
    links = {str(words[name]) for name in _LINKS if words.get(name)}
    page = page_of(message, subject=subject, brand=brand, links=links, act=act)
    mail.attach_alternative(page, "text/html")
    return mail


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
    with reader_of(to, account):
        mail = compose(to, template=template, brand=shown, account=account, **words)
    try:
        mail.send()
    except (OSError, SMTPException):
        log.exception("a mail could not be sent: %s", template)
        return False
    return True
