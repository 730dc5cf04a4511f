"""What a program holds for a while after it signed in with a key, or with name and password."""

from django.db import models

from accounts.ids import new_id
from accounts.models.account import Account
from accounts.models.credential import Credential
from accounts.models.user import User


class ProgramSession(models.Model):
    """A token of limited life: it ends when it is not used for a while, and in any case one day.

    Of whom: a person (``user``), or the account by its key (``credential``). ``prefix`` finds the
    row; of the secret only a digest is kept. Where somebody took the person's place, ``opened_by``
    did so, or a program with ``credential``: it is over as soon as they could not any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    opened_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    on_behalf = models.CharField(max_length=254, blank=True)  # who took the person's place
    prefix = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    idle_until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"session {self.prefix}…"


class SignInDigest(models.Model):
    """A slow hash of the digest of "name:password" that old clients sign in with.

    They send MD5 or SHA-1 of name and password, and no name beside it, so the person is found by
    this hash: it has one salt for the whole site, or each try would have to be hashed with the salt
    of everybody. The names in it make the digests of two people differ, though their passwords be
    the same. What clients send is a password to whoever holds it, and so never stored itself.

    ``name`` is the name in it. ``of_password`` tells which of a person's passwords it was made of:
    with the next one it is of no use.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_digests")
    name = models.CharField(max_length=254)
    of_password = models.CharField(max_length=64)
    encoded = models.CharField(max_length=128, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "encoded"], name="sign_in_digest_once"),
        )

    def __str__(self) -> str:
        return f"digest of {self.user_id}"
