"""How far the arrivals of an account were told."""

from django.db import models

from accounts.models.owned import OfAccount


class ArrivalMark(OfAccount):
    """The newest ``received_at`` that a fax of the account was given; it never moves back.

    It outlasts the fax, as whoever was told of that one goes on from its time.
    """

    newest = models.DateTimeField()

    class Meta(OfAccount.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.account_id} up to {self.newest}"
