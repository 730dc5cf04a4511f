"""Whose rows: the actor, and the manager that refuses until it is told."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from accounts.errors import UnscopedQuery
from accounts.roles import Action, Role, may

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, in which account, as what, and from where.

    ``address`` is the network address that the request came from, ``via`` the way in
    (``portal``, ``system``, …), ``name`` what the audit log shows for the person or token.
    ``only`` narrows what the role allows, for a token; None leaves it. ``on_behalf`` names for
    whom somebody from outside of the account acts, and ``home_id`` is that account's id.
    Without ``sees_numbers`` they are told numbers in part only, as the account shares them.
    ``credential_id`` is the token that was shown. ``request_key`` stands for a request that may
    come twice: what is put on record under it is found again (accounts.services.idempotency).
    """

    account_id: UUID
    role: Role
    name: str
    via: str
    user_id: UUID | None = None
    address: str = ""
    only: frozenset[Action] | None = None
    on_behalf: str = ""
    home_id: UUID | None = None
    credential_id: UUID | None = None
    request_key: UUID | None = None
    sees_numbers: bool = True

    def may(self, action: Action) -> bool:
        """Whether role and token allow it."""
        return may(self.role, action) and (self.only is None or action in self.only)

    @classmethod
    def system(cls, account_id: UUID) -> "Actor":
        """The portal itself, at work for an account."""
        return cls(account_id=account_id, role=Role.SYSTEM, name="portal", via="system")


class TenantRows(models.Manager[M]):
    """Rows of tenants: every query says whose it wants, or is refused."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Refuse: nobody said whose rows.

        Raises:
            UnscopedQuery: always.

        """
        raise UnscopedQuery(
            f"{self.model.__name__}: say whose rows: for_account(), visible_to() or "
            "across_tenants(why=…)"
        )

    def for_account(self, account_id: UUID) -> models.QuerySet[M]:
        """Rows of one account."""
        return super().get_queryset().filter(account_id=account_id)

    def visible_to(self, actor: Actor) -> models.QuerySet[M]:
        """Rows that the actor may know of."""
        return self.for_account(actor.account_id)

    def across_tenants(self, *, why: str) -> models.QuerySet[M]:
        """Rows of everybody, for the portal's own work; ``why`` is for the reader."""
        if not why:
            raise UnscopedQuery("across_tenants wants a reason")
        return super().get_queryset()

    def create(self, **kwargs: Any) -> M:
        """Make a row, which names its account.

        Raises:
            UnscopedQuery: without an account.

        """
        if kwargs.get("account") is None and kwargs.get("account_id") is None:
            raise UnscopedQuery(f"{self.model.__name__}: a row needs its account")
        return super().get_queryset().create(**kwargs)

    def bulk_create(self, objs: Any, **kwargs: Any) -> list[M]:  # type: ignore[override]
        """Make several rows; each carries its account."""
        return super().get_queryset().bulk_create(objs, **kwargs)
