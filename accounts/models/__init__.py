"""Rows of who, a file a concept."""

from accounts.models.account import GONE, Account, Kind, Status
from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.billing import Balance, Billing, Mode
from accounts.models.brand import Brand, Logo
from accounts.models.code import AccountCode
from accounts.models.credential import Credential, CredentialKind
from accounts.models.idempotency import IdempotencyKey, IdempotencyObject
from accounts.models.invitation import Invitation
from accounts.models.ledger import Charge, DayUsage, EntryKind, LedgerEntry, MonthSum
from accounts.models.limits import DayCount, Limits
from accounts.models.membership import Membership
from accounts.models.oauth import OAuthToken, OAuthTokenKind
from accounts.models.paper_certificate import PaperCertificate
from accounts.models.policy import SignInPolicy
from accounts.models.rate_limits import RateCount
from accounts.models.rates import Beyond, Plan, Rate, RateDeck, Unit
from accounts.models.retention import RetentionBounds
from accounts.models.session import ProgramSession, SignInDigest
from accounts.models.sharing import Shared, Sharing, SupportGrant
from accounts.models.user import User
from accounts.models.webhook import (
    Disabled,
    EndpointKind,
    EventType,
    MessageState,
    WebhookEndpoint,
    WebhookMessage,
    WebhookTry,
)

__all__ = [
    "GONE",
    "Account",
    "AccountCode",
    "AuditEntry",
    "AuditHead",
    "Balance",
    "Beyond",
    "Billing",
    "Brand",
    "Charge",
    "Credential",
    "CredentialKind",
    "DayCount",
    "DayUsage",
    "Disabled",
    "EndpointKind",
    "EntryKind",
    "EventType",
    "IdempotencyKey",
    "IdempotencyObject",
    "Invitation",
    "Kind",
    "LedgerEntry",
    "Limits",
    "Logo",
    "Membership",
    "MessageState",
    "Mode",
    "MonthSum",
    "OAuthToken",
    "OAuthTokenKind",
    "PaperCertificate",
    "Plan",
    "ProgramSession",
    "Rate",
    "RateCount",
    "RateDeck",
    "RetentionBounds",
    "Shared",
    "Sharing",
    "SignInDigest",
    "SignInPolicy",
    "Status",
    "SupportGrant",
    "Unit",
    "User",
    "WebhookEndpoint",
    "WebhookMessage",
    "WebhookTry",
]
