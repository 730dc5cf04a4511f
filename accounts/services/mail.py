"""Mail to people, in plain words."""

import logging
from smtplib import SMTPException
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def send(to: str, *, template: str, **words: Any) -> bool:
    """Send ``templates/<template>_subject.txt`` and ``_message.txt``; False if it cannot be sent.

    What the mail is about has been done by then, and stays done.
    """
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    message = render_to_string(f"{template}_message.txt", words)
    try:
        send_mail(subject, message, None, [to])
    except (OSError, SMTPException):
        log.exception("a mail could not be sent: %s", template)
        return False
    return True
