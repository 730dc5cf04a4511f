"""Who may do what: roles by actions, as one table of plain data."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person is in an account."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
    SYSTEM = "system"  # the portal itself, at work for the account
    SUPPORT = "support"  # an administrator of an account above, while support access is granted
    PROVIDER = "provider"  # a program of an account above, which administers this one


NEVER_A_MEMBERSHIP: Final = frozenset({Role.SYSTEM, Role.SUPPORT, Role.PROVIDER})


class Action(StrEnum):
    """Something that can be allowed or not."""

    FAX_VIEW = "fax.view"  # that there are faxes, when, and how they went
    FAX_PAGES = "fax.pages"  # pages and documents of faxes, and whatever else is their content
    FAX_SEND = "fax.send"  # also resend and forward
    FAX_MARK = "fax.mark"  # read, archived, labels, notes, who sees to it
    FAX_CANCEL = "fax.cancel"
    FAX_APPROVE = "fax.approve"  # what somebody else sent
    FAX_STRIP = "fax.strip"
    FAX_DELETE = "fax.delete"
    COVER_MANAGE = "cover.manage"
    CONTACT_VIEW = "contact.view"  # the address book and its groups
    CONTACT_MANAGE = "contact.manage"
    ACCOUNT_VIEW = "account.view"  # names, settings, figures
    TEAM_MANAGE = "team.manage"  # people, roles, invitations, who uses which fax machine
    FAXBOX_MANAGE = "faxbox.manage"  # fax machines, and the numbers that lead to them
    WEBHOOK_MANAGE = "webhook.manage"  # who is told what happens, and of what
    CARRIER_MANAGE = "carrier.manage"  # carriers of its own and their secrets, and the ways out
    TOKEN_MANAGE = "token.manage"  # noqa: S105 (what is allowed, not a token)
    SIGN_IN_MANAGE = "sign_in.manage"  # the second step, single sign-on
    SHARING_MANAGE = "sharing.manage"  # what providers see; support access
    RETENTION_MANAGE = "retention.manage"  # how long faxes are kept
    LEGAL_HOLD = "legal_hold.manage"  # what may not be removed, by anybody
    AUDIT_VIEW = "audit.view"
    ACCOUNT_EXPORT = "account.export"  # everything that the account has, pages and all
    BRAND_MANAGE = "brand.manage"  # name, logo, colour, domain; of who provides for others
    USAGE_VIEW = "usage.view"  # pages, charges, statements
    MONEY_MANAGE = "money.manage"  # rates, plans, top-ups and limits of accounts below
    TENANTS_MANAGE = "tenants.manage"  # the accounts below: make, suspend, move, close them


_VIEW = frozenset(
    {Action.FAX_VIEW, Action.FAX_PAGES, Action.CONTACT_VIEW, Action.ACCOUNT_VIEW},
)
_WORK = _VIEW | {
    Action.FAX_SEND,
    Action.FAX_MARK,
    Action.FAX_CANCEL,
    Action.FAX_STRIP,
    Action.FAX_DELETE,
    Action.COVER_MANAGE,
    Action.CONTACT_MANAGE,
}

ALLOWED: Final[dict[Role, frozenset[Action]]] = {
    Role.ADMIN: frozenset(Action),
    Role.MEMBER: _WORK | {Action.FAX_APPROVE},  # where their account lets them
    Role.VIEWER: _VIEW,
    Role.SYSTEM: frozenset(Action),
    Role.SUPPORT: _VIEW - {Action.CONTACT_VIEW},
    # Never pages, nor anything that ends them; nor tokens, which would outlast it.
    Role.PROVIDER: frozenset(
        {
            Action.ACCOUNT_VIEW,
            Action.FAX_VIEW,
            Action.FAX_SEND,
            Action.FAXBOX_MANAGE,
            Action.TEAM_MANAGE,
            Action.WEBHOOK_MANAGE,
            Action.USAGE_VIEW,
        }
    ),
}


class Scope(StrEnum):
    """What a token may be allowed, as programs' makers know such words."""

    FAXES_READ = "faxes:read"
    FAXES_WRITE = "faxes:write"
    FAXES_DELETE = "faxes:delete"
    FAXES_APPROVE = "faxes:approve"
    ACCOUNT_READ = "account:read"
    ACCOUNT_ADMIN = "account:admin"


SCOPES: Final[dict[Scope, frozenset[Action]]] = {
    Scope.FAXES_READ: frozenset({Action.FAX_VIEW, Action.FAX_PAGES, Action.CONTACT_VIEW}),
    Scope.FAXES_WRITE: frozenset(
        {
            Action.FAX_SEND,
            Action.FAX_MARK,
            Action.FAX_CANCEL,
            Action.COVER_MANAGE,
            Action.CONTACT_MANAGE,
        }
    ),
    Scope.FAXES_DELETE: frozenset({Action.FAX_STRIP, Action.FAX_DELETE}),
    Scope.FAXES_APPROVE: frozenset({Action.FAX_APPROVE}),
    Scope.ACCOUNT_READ: frozenset({Action.ACCOUNT_VIEW}),
    # What ever else there is to be done in an account is its administrators'.
    Scope.ACCOUNT_ADMIN: frozenset(Action) - _WORK - {Action.FAX_APPROVE},
}


def actions_of(scopes: Iterable[str]) -> frozenset[Action]:
    """What these scopes allow together; a word that is no scope allows nothing."""
    return frozenset().union(*(SCOPES[Scope(each)] for each in scopes if each in set(Scope)))


def scopes_in(actions: frozenset[Action]) -> list[str]:
    """The scopes that somebody has some of: no action is in two."""
    return [each.value for each in Scope if SCOPES[each] & actions]


def may(role: Role, action: Action) -> bool:
    """Whether the table allows it."""
    return action in ALLOWED[role]
