"""How people may sign in to an account."""

from django.db import models

from accounts import sealing
from accounts.models.account import Account
from accounts.roles import Role

SEALED_FOR = "single sign-on"


class SignInPolicy(models.Model):
    """The rules of one account; a missing row is no rule.

    ``require_mfa`` holds for the account and all below it. With an ``issuer`` people of the
    ``domains`` sign in over there (OpenID Connect); those who are no members yet become some, of
    ``new_role``, if ``create_members`` says so.
    """

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="sign_in_policy"
    )
    require_mfa = models.BooleanField(default=False)
    # programs may show a person's name and password and get a token for them
    program_passwords = models.BooleanField(default=False)
    issuer = models.CharField(max_length=300, blank=True)
    client_id = models.CharField(max_length=255, blank=True)
    sealed_secret = models.TextField(blank=True)
    domains = models.JSONField(default=list)
    create_members = models.BooleanField(default=False)
    new_role = models.CharField(
        max_length=16,
        default=Role.MEMBER.value,
        choices=[(role.value, role.value) for role in (Role.MEMBER, Role.VIEWER)],
    )

    def __str__(self) -> str:
        return f"sign-in of {self.account_id}"

    @property
    def client_secret(self) -> str:
        """What this portal proves itself with at the issuer."""
        return sealing.unseal(self.sealed_secret, purpose=SEALED_FOR) if self.sealed_secret else ""

    @client_secret.setter
    def client_secret(self, secret: str) -> None:
        self.sealed_secret = sealing.seal(secret, purpose=SEALED_FOR) if secret else ""
