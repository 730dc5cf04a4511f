"""The short number of an account, for systems that name accounts by digits."""

from django.db import models

from accounts.models.account import Account


class AccountCode(models.Model):
    """An account's number, counted up: one that was given is never given again."""

    number = models.BigAutoField(primary_key=True)
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.number:04}"
