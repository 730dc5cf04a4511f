"""What OAuth clients hold: codes for a moment, tokens for an hour, and what renews them."""

from django.db import models

from accounts.ids import new_id
from accounts.models.account import Account
from accounts.models.credential import Credential
from accounts.models.user import User


class OAuthTokenKind(models.TextChoices):
    """What it is of use for (RFC 6749, 1.3.1, 1.4, 1.5)."""

    ACCESS = "access"
    REFRESH = "refresh"
    CODE = "code"  # changed once for the two others


class OAuthToken(models.Model):
    """A token or code that a client got: ``prefix`` finds it, and of the secret a digest is kept.

    Of whom: the person who said yes, or whose name and password were shown (``user``); else of the
    client itself. All that came of one yes, or of one sign-in, have one ``grant``, and end
    together: a code or a refresh token that is shown a second time (``used_at``) ends all of them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    credential = models.ForeignKey(
        Credential, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    grant = models.UUIDField(default=new_id, db_index=True)
    kind = models.CharField(max_length=8, choices=OAuthTokenKind.choices)
    scopes = models.JSONField(default=list)
    prefix = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    redirect_uri = models.CharField(max_length=2000, blank=True)  # of a code: the one it was for
    challenge = models.CharField(max_length=128, blank=True)  # of a code (RFC 7636)
    challenge_method = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.prefix}…"
