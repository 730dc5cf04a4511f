"""What can be wrong with who asks, named after what happened."""


class AccountsError(Exception):
    """Anticipated trouble with who asks."""


class AccountNotFound(AccountsError):
    """No such account, or none of the asker's: the two must look alike."""


class NotAllowed(AccountsError):
    """The asker is of the account, but the role does not allow this."""


class AccountSuspended(AccountsError):
    """The account is suspended: nothing may be sent."""


class DemoOnly(AccountsError):
    """Demonstration data has fixed secrets and is refused elsewhere."""


class UnscopedQuery(AccountsError):
    """A query of tenants' rows that does not say whose; an error of the program."""


class ScopeNotAllowed(AccountsError):
    """A token without scopes, or with one that reaches further than its maker."""


class NetworkInvalid(AccountsError):
    """What should be a network in CIDR is none, or they are too many."""


class NotThere(AccountsError):
    """No such person, token or invitation in this account; others' look the same."""


class CredentialGone(AccountsError):
    """The credential was ended already."""


class LastAdmin(AccountsError):
    """The account would be left without an administrator."""


class AlreadyMember(AccountsError):
    """The person is of the account already."""


class InvitationGone(AccountsError):
    """The invitation was used, withdrawn or too old, or never was."""


class InvitationForOther(AccountsError):
    """The invitation is for somebody else than who is signed in."""


class TooManyInvitations(AccountsError):
    """So many people are invited already that this looks like a mistake."""


class IssuerInvalid(AccountsError):
    """The address for single sign-on is none that may be used."""


class DomainInvalid(AccountsError):
    """What should be the domain of email addresses is none."""


class MoneyRefused(AccountsError):
    """A fax cannot be paid for. ``own`` is False if it is a provider that lacks what it takes.

    What a provider lacks is not its customers' to know.
    """

    def __init__(self, *, own: bool) -> None:
        super().__init__(type(self).__name__)
        self.own = own


class InsufficientCredit(MoneyRefused):
    """The balance does not cover it; micro-units of ``currency``."""

    def __init__(self, *, own: bool, needed: int, available: int, currency: str) -> None:
        super().__init__(own=own)
        self.needed = needed
        self.available = available
        self.currency = currency


class RateMissing(MoneyRefused):
    """The plan's deck has no rate for the number."""

    def __init__(self, *, own: bool, number: str) -> None:
        super().__init__(own=own)
        self.number = number


class PlanUsedUp(MoneyRefused):
    """The included pages of the month do not suffice, and the plan has none beyond."""

    def __init__(self, *, own: bool, limit: int) -> None:
        super().__init__(own=own)
        self.limit = limit


class LimitReached(AccountsError):
    """A limit of the account would be passed; ``name`` is the column of ``Limits``."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"{name}: {limit}")
        self.name = name
        self.limit = limit


class TermsInvalid(AccountsError):
    """What should be a rate, a plan, terms of payment or a limit cannot be; says why."""
