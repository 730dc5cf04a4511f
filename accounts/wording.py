"""The words for what can be wrong with people, tokens and signing in; each said in one place."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import errors

SENTENCES: Final[dict[type[errors.AccountsError], Promise]] = {
    errors.ScopeNotAllowed: _(
        "Choose at least one thing that the token may do, and nothing that you may not do yourself."
    ),
    errors.TokenReachesFurther: _(
        "A token cannot make one that works for longer than itself, or from more networks."
    ),
    errors.NetworkInvalid: _(
        "Write networks like 192.0.2.0/24 or 2001:db8::/32, one a line, 50 at most."
    ),
    errors.RedirectInvalid: _(
        "Write whole addresses that begin with https://, one a line, 10 at most, without a #. Only "
        "an OAuth client has any."
    ),
    errors.CredentialGone: _("This token was ended already."),
    errors.LastAdmin: _(
        "An account needs an administrator. Make somebody else one first, then try again."
    ),
    errors.CredentialsWrong: _("Nobody can sign in with this here."),
    errors.PersonInvalid: _("This cannot be used, or somebody else has it already."),
    errors.AlreadyMember: _("This person is in the account already."),
    errors.InvitationGone: _("This invitation was used, taken back, or is too old."),
    errors.InvitationForOther: _("This invitation is for somebody else."),
    errors.TooManyInvitations: _(
        "So many invitations are open already. Take back those that nobody needs, then try again."
    ),
    errors.IssuerInvalid: _(
        "Write the issuer's address as your identity provider tells it. It begins with https://."
    ),
    errors.ColourInvalid: _("Write a colour as six digits, such as #0b6e6e."),
    errors.ColourTooPale: _(
        "Words in {colour} cannot be read on a light page: its contrast is {ratio}:1, and 4.5:1 is "
        "needed. The nearest colour that has it is {offered}."
    ),
    errors.TextInvalid: _("This cannot be used. Check what you wrote."),
    errors.LogoInvalid: _("This picture is not there any more. Choose the file again."),
    errors.HostInvalid: _(
        "Write a host name of yours, such as fax.example.com, without https:// and without a port."
    ),
    errors.HostTaken: _("Somebody else showed already that this host name is theirs."),
    errors.HostUnproven: _(
        "The record is not there yet, or says something else. Name servers may take an hour to "
        "tell of a change. Check it, then try again."
    ),
    errors.NameServiceAway: _("The name servers gave no answer. Try again in a few minutes."),
    errors.TermsInvalid: _("These terms cannot be. Look at the figures again."),
    errors.NameTaken: _("There is one of this name already. Choose another one."),
    errors.CurrencyDiffers: _(
        "The ledger is kept in another currency, and stays in it. Choose a plan or a price list in "
        "that currency."
    ),
    errors.NotBilled: _("This account is on no plan. Put it on one first."),
    errors.TooManyTenants: _("These are too many tenants for once: choose up to {limit}."),
    errors.AccountNotFound: _("This is not there any more. Look at the page again."),
    errors.WebhookUrlInvalid: _(
        "Write the whole address, such as https://example.com/faxes, without a name or password."
    ),
    errors.WebhookUrlNotAllowed: _(
        "This address may not be reached from here: it must lead to the public internet, and to a "
        "port for web servers."
    ),
    errors.WebhookTextTooLong: _("Write up to 200 characters."),
    errors.EventTypeUnknown: _("Choose events from the list."),
    errors.TooManyWebhooks: _(
        "There can be up to {limit} webhooks. Delete one that nobody needs, then try again."
    ),
    errors.WebhookOff: _("This webhook is switched off. Switch it on first."),
    errors.StillUsed: _("This is in use, so it cannot be deleted."),
    errors.SupportHoursInvalid: _("Choose 1 to 72 hours."),
    errors.DomainInvalid: _("Write domains like clinic.example, one a line, without an @."),
    errors.NameInvalid: _("Write a name of up to 120 characters."),
    errors.KindInvalid: _("Choose a reseller or a customer."),
    errors.RealmInvalid: _(
        "Write a domain name like clinic.example: letters, digits, hyphens and dots."
    ),
    errors.RealmTaken: _("Another account has this domain name. Choose another one."),
    errors.TimeZoneInvalid: _("Choose a time zone from the list."),
    errors.CountryInvalid: _("Choose a country from the list."),
    errors.PaperInvalid: _("Choose a paper size from the list."),
    errors.ParentInvalid: _(
        "The account cannot be there. Choose a reseller that is open, and that is neither the "
        "account itself nor below it."
    ),
    errors.TreeTooDeep: _("There are too many accounts below each other already."),
    errors.PlanNotOffered: _(
        "The account, or one below it, is on a plan that nobody above the new place offers. "
        "Put it on a plan that is offered in both places first."
    ),
    errors.TenantsBelow: _("There are accounts below this one. Close those first, or move them."),
    errors.TenantClosed: _(
        "This account is closed, or one above it is. Reopen it first, then try again."
    ),
    errors.ShutFromAbove: _(
        "Your own provider suspended or closed this account, and only they can undo that. Ask them."
    ),
    errors.KeyReused: _(
        "This idempotency key was used for another request already. Take a new key for a new one."
    ),
    errors.KeyUnderWay: _(
        "The first request with this idempotency key is still at work. Ask again in a moment."
    ),
    errors.TenantErased: _("This account cannot be reopened any more: its time is over."),
}


def sentence(error: errors.AccountsError) -> str:
    """What is wrong, in plain words."""
    return str(SENTENCES[type(error)]).format(**vars(error))
