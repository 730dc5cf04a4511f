"""The role of a person in an account."""

from django.db import models

from accounts.ids import new_id
from accounts.models.account import Account
from accounts.models.user import User
from accounts.roles import NEVER_A_MEMBERSHIP, Role


class Membership(models.Model):
    """A person belongs to an account, as what."""

    ROLES = tuple((role.value, role.value) for role in Role if role not in NEVER_A_MEMBERSHIP)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=ROLES)
    username = models.CharField(max_length=128, blank=True)  # the person's address if empty
    # what a client said and is told again just as it was, though nothing is done with it here
    echo = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    steps_put_away_at = models.DateTimeField(null=True, blank=True)  # the first steps, by them

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "account"], name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.account}: {self.role}"
