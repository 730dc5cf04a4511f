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
