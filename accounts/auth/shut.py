"""What people are told whose account is suspended or closed: that it is, and whom to ask."""

from django.utils.translation import gettext as _

from accounts.models import GONE, Account


def why_shut(account: Account) -> str:
    """Why nobody gets in, in words."""
    if account.status in GONE:
        told = _("{account} is closed, so you cannot sign in.")
    else:
        told = _("{account} is suspended at present, so nobody can sign in.")
    asked = _("Please ask {provider}.") if account.parent else ""
    return f"{told} {asked}".strip().format(account=account.name, provider=account.parent or "")
