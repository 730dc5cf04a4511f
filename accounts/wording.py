"""The words for what can be wrong with people, tokens and signing in; each said in one place."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import errors

SENTENCES: Final[dict[type[errors.AccountsError], Promise]] = {
    errors.ScopeNotAllowed: _(
        "Choose at least one thing that the token may do, and nothing that you may not do yourself."
    ),
    errors.NetworkInvalid: _(
        "Write networks like 192.0.2.0/24 or 2001:db8::/32, one a line, 50 at most."
    ),
    errors.CredentialGone: _("This token was ended already."),
    errors.LastAdmin: _(
        "An account needs an administrator. Make somebody else one first, then try again."
    ),
    errors.AlreadyMember: _("This person is in the account already."),
    errors.InvitationGone: _("This invitation was used, taken back, or is too old."),
    errors.InvitationForOther: _("This invitation is for somebody else."),
    errors.TooManyInvitations: _(
        "So many invitations are open already. Take back those that nobody needs, then try again."
    ),
    errors.IssuerInvalid: _(
        "Write the issuer's address as your identity provider tells it. It begins with https://."
    ),
    errors.DomainInvalid: _("Write domains like clinic.example, one a line, without an @."),
}


def sentence(error: errors.AccountsError) -> str:
    """What is wrong, in plain words."""
    return str(SENTENCES[type(error)])
