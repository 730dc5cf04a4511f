"""What can be wrong with who asks, named after what happened."""

from typing import Any


class AccountsError(Exception):
    """Anticipated trouble with who asks."""


class AccountNotFound(AccountsError):
    """No such account, or none of the asker's: the two must look alike."""


class NotAllowed(AccountsError):
    """The asker is of the account, but the role does not allow this."""


class AccountSuspended(AccountsError):
    """The account, or one above it, is suspended: nobody uses it, nothing may be sent."""

    def __init__(self, account: Any = None) -> None:
        super().__init__(type(self).__name__)
        self.account = account


class AccountClosed(AccountSuspended):
    """The account waits to be erased. ``administers`` says whether the asker may fetch its data."""

    def __init__(self, account: Any = None, *, administers: bool = False) -> None:
        super().__init__(account)
        self.administers = administers


class DemoOnly(AccountsError):
    """Demonstration data has fixed secrets and is refused elsewhere."""


class UnscopedQuery(AccountsError):
    """A query of tenants' rows that does not say whose; an error of the program."""


class ScopeNotAllowed(AccountsError):
    """A token without scopes, or with one that reaches further than its maker."""

    field = "scopes"


class TokenReachesFurther(AccountsError):
    """A token would work for longer, or from more networks, than the token that makes it."""


class NetworkInvalid(AccountsError):
    """What should be a network in CIDR is none, or they are too many."""

    field = "networks"


class RedirectInvalid(AccountsError):
    """What should be an address that people come back to is none, or they are too many."""

    field = "redirect_uris"


class NotThere(AccountsError):
    """No such person, token or invitation in this account; others' look the same."""


class CredentialGone(AccountsError):
    """The credential was ended already."""


class CredentialsWrong(AccountsError):
    """Nobody signs in with this, or not in this way; why, is for the record and not told."""


class PersonInvalid(AccountsError):
    """A person cannot be so: ``field`` is what is wrong, ``code`` taken, invalid or weak."""

    def __init__(self, field: str, code: str, words: tuple[str, ...] = ()) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code, self.words = field, code, words  # words: of a password, why


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


class SupportHoursInvalid(AccountsError):
    """Support access is granted for 1 to 72 hours."""


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


class WebhookInvalid(AccountsError):
    """What should be a webhook cannot be; ``field`` names the argument that is wrong."""

    field = ""


class WebhookUrlInvalid(WebhookInvalid):
    """No URL that can be used, or one that is too long."""

    field = "url"


class WebhookUrlNotAllowed(WebhookInvalid):
    """The URL leads inside, or to a port where no web server is."""

    field = "url"


class WebhookTextTooLong(WebhookInvalid):
    """The description is too long."""

    field = "description"


class EventTypeUnknown(WebhookInvalid):
    """There are no events of this type."""

    field = "event_types"


class TooManyWebhooks(AccountsError):
    """The account has as many webhooks as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{type(self).__name__}: {limit}")
        self.limit = limit


class WebhookOff(AccountsError):
    """The webhook is switched off, so nothing is sent to it."""


class LineInvalid(TermsInvalid):
    """A line of a list of rates cannot be; ``fault`` is a word for what is wrong with it."""

    def __init__(self, place: int, fault: str) -> None:
        super().__init__(f"line {place}: {fault}")
        self.place = place
        self.fault = fault


class NameTaken(TermsInvalid):
    """There is one of that name already, or it is no name."""


class CurrencyDiffers(TermsInvalid):
    """The ledgers of those who are on the plan are kept in another currency."""


class NotBilled(AccountsError):
    """The account pays for nothing: it is on no plan."""


class TooManyTenants(AccountsError):
    """So many accounts cannot be worked on at once."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{type(self).__name__}: {limit}")
        self.limit = limit


class StillUsed(AccountsError):
    """What is to be deleted is in use."""


class TenantInvalid(AccountsError):
    """What an account below should be cannot be; ``field`` names the argument that is wrong."""

    field = ""


class NameInvalid(TenantInvalid):
    """No name, or one that is too long."""

    field = "name"


class KindInvalid(TenantInvalid):
    """Below an account there are resellers and customers only."""

    field = "kind"


class RealmInvalid(TenantInvalid):
    """What should be an account's domain name is none."""

    field = "realm"


class RealmTaken(TenantInvalid):
    """Another account has this domain name."""

    field = "realm"


class TimeZoneInvalid(TenantInvalid):
    """There is no such time zone."""

    field = "time_zone"


class CountryInvalid(TenantInvalid):
    """There is no such country."""

    field = "country"


class PaperInvalid(TenantInvalid):
    """There is no such paper."""

    field = "paper"


class ParentInvalid(TenantInvalid):
    """The account cannot be there: below a customer, below itself, or below one that is closed."""

    field = "parent_id"


class TreeTooDeep(TenantInvalid):
    """So many accounts below each other are not meant."""

    field = "parent_id"


class PlanNotOffered(TenantInvalid):
    """An account is on a plan that no provider above its new place keeps."""

    field = "parent_id"


class TenantsBelow(AccountsError):
    """Accounts below are not closed yet."""


class TenantClosed(AccountsError):
    """The account is closed, or one above it is: reopen that first."""


class ShutFromAbove(AccountsError):
    """An account further up suspended or closed it, and only that or those above it undo it."""


class TenantErased(AccountsError):
    """The time to reopen the account is over."""


class BrandInvalid(AccountsError):
    """Something about a brand cannot be; ``field`` is what it stands in."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{type(self).__name__}: {field}")
        self.field = field


class ColourInvalid(BrandInvalid):
    """What should be a colour is none."""

    def __init__(self) -> None:
        super().__init__("accent")


class ColourTooPale(BrandInvalid):
    """Words in this colour could not be read; ``offered`` is the nearest in which they can."""

    def __init__(self, colour: str, ratio: float, offered: str) -> None:
        super().__init__("accent")
        self.colour = colour
        self.ratio = ratio
        self.offered = offered


class TextInvalid(BrandInvalid):
    """A name, number or address for support, or a sender, that is none."""


class LogoInvalid(BrandInvalid):
    """A picture that cannot be a logo."""


class HostRefused(BrandInvalid):
    """A host name of one's own cannot be had."""

    def __init__(self) -> None:
        super().__init__("domain")


class HostInvalid(HostRefused):
    """What should be a host name of one's own is none, or is the portal's."""


class HostTaken(HostRefused):
    """Somebody else proved that the host name is theirs."""


class HostUnproven(HostRefused):
    """The name service does not tell (yet) that the host name is the account's."""


class NameServiceAway(HostRefused):
    """The name service gave no answer: it is not known whose the host name is."""


class KeyReused(AccountsError):
    """An idempotency key comes with another request than before."""

    field = "Idempotency-Key"


class KeyUnderWay(AccountsError):
    """The first request with this idempotency key is still at work."""


class TooManyRequests(AccountsError):
    """There were as many requests as may be for now.

    ``retry_after`` is in seconds; ``standing`` tells of the limit where it is a known program's.
    """

    def __init__(self, *, retry_after: int, standing: Any = None) -> None:
        super().__init__(f"again in {retry_after} s")
        self.retry_after = retry_after
        self.standing = standing
