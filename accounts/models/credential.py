"""What a program signs in with: of the secret, only a digest is kept."""

from django.db import models

from accounts.ids import new_id
from accounts.models.account import Account
from accounts.models.user import User


class CredentialKind(models.TextChoices):
    """Ways in which programs show who they are."""

    API_TOKEN = "api_token"  # noqa: S105 (a kind, not a token)
    API_KEY = "api_key"
    OAUTH_CLIENT = "oauth_client"


class Credential(models.Model):
    """An API token, an API key or an OAuth client of an account.

    Secrets have 256 random bits, so a plain SHA-256 is enough (ASVS 6.5.2); ``prefix`` finds the
    row and is what lists show. One that a person made is of use only while that person is of the
    account, and allows no more than the person may; without ``created_by`` it is the account's.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=16, choices=CredentialKind.choices)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    sealed = models.TextField(blank=True)  # of a key that its account may look up again
    scopes = models.JSONField(default=list)
    # where an OAuth client lets people come back to, once they have said yes
    redirect_uris = models.JSONField(default=list, blank=True)
    networks = models.JSONField(default=list)  # where it works from, as CIDR; empty is everywhere
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="credentials"
    )
    demo = models.BooleanField(default=False)  # a secret that everybody knows
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.prefix}…"
