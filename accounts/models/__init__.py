"""Rows of who, a file a concept."""

from accounts.models.account import GONE, Account, Kind, Status
from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.billing import Balance, Billing, Mode
from accounts.models.brand import Brand, Logo
from accounts.models.credential import Credential, CredentialKind
from accounts.models.invitation import Invitation
from accounts.models.ledger import Charge, DayUsage, EntryKind, LedgerEntry, MonthSum
from accounts.models.limits import DayCount, Limits
from accounts.models.membership import Membership
from accounts.models.policy import SignInPolicy
from accounts.models.rates import Beyond, Plan, Rate, RateDeck, Unit
from accounts.models.sharing import Shared, Sharing, SupportGrant
from accounts.models.user import User

__all__ = [
    "GONE",
    "Account",
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
    "EntryKind",
    "Invitation",
    "Kind",
    "LedgerEntry",
    "Limits",
    "Logo",
    "Membership",
    "Mode",
    "MonthSum",
    "Plan",
    "Rate",
    "RateDeck",
    "Shared",
    "Sharing",
    "SignInPolicy",
    "Status",
    "SupportGrant",
    "Unit",
    "User",
]
