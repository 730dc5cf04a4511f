"""Rows of who, a file a concept."""

from accounts.models.account import Account, Kind, Status
from accounts.models.audit import AuditEntry
from accounts.models.credential import Credential, CredentialKind
from accounts.models.membership import Membership
from accounts.models.user import User

__all__ = [
    "Account",
    "AuditEntry",
    "Credential",
    "CredentialKind",
    "Kind",
    "Membership",
    "Status",
    "User",
]
