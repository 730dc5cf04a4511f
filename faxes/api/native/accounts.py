"""Accounts below the token's own: list, make, look at, rename."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import tenants
from faxes.api.common.auth import actor_of
from faxes.api.native.asked import (
    ID,
    SEARCH,
    YES_OR_NO,
    Asked,
    an_id,
    enum,
    one_of,
    words_to_find,
    yes_or_no,
)
from faxes.api.native.base import PAGING, OfProviders, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.money import Amount, Money
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.errors import OrderRefused
from faxes.queries.tenants import TenantFilter, TenantRow, list_tenants, tenant_row
from faxes.services.provision import TenantOrder, provision

_KINDS: Final = ("reseller", "customer")
_STATUSES: Final = ("active", "suspended", "closed")
# The order's words for its parts, where the API has others.
_PARTS: Final = {"plan": "plan_id", "number": "number_id"}


class FundsShape(Shape):
    """How an account stands."""

    currency = serializers.CharField()
    posted = Money(help_text="Paid less spent.")
    held = Money(help_text="Set aside for faxes under way.")
    credit_limit = Money(source="credit", help_text="How far below zero it may go.")
    available = Money(help_text="What may be spent now.")
    low = serializers.BooleanField()


class AccountShape(Shape):
    """An account below, with its figures of this month."""

    id = serializers.UUIDField(source="account.pk")
    object = serializers.SerializerMethodField(help_text='Always "account".')
    name = serializers.CharField(source="account.name")
    kind = serializers.ChoiceField(_KINDS, source="account.kind")
    parent_id = serializers.UUIDField(source="account.parent_id")
    realm = serializers.CharField(source="account.realm", help_text="Unique; for single sign-on.")
    status = serializers.ChoiceField(_STATUSES, source="account.status", help_text="Its own.")
    effective_status = serializers.ChoiceField(
        _STATUSES, source="status", help_text="The worst of its own and of those above it."
    )
    suspended_for = OrNothing(source="account.suspended_for")
    time_zone = serializers.CharField(source="account.time_zone")
    country = serializers.CharField(source="account.country")
    paper = serializers.CharField(source="account.paper")
    created_at = Instant(source="account.created_at")
    closed_at = Instant(source="account.closed_at", allow_null=True)
    erase_at = Instant(source="account.erase_at", allow_null=True)
    number = OrNothing(help_text="The lowest of its numbers.")
    numbers = serializers.IntegerField(help_text="How many it has.")
    pages_sent = serializers.IntegerField(source="sent", help_text="This month.")
    pages_received = serializers.IntegerField(source="received", help_text="This month.")
    charged = Money(help_text="This month.")
    plan_id = serializers.UUIDField(source="billing.plan_id", allow_null=True)
    funds = FundsShape(allow_null=True, help_text="Null if it is not billed.")

    def get_object(self, row: Any) -> str:
        """What this is."""
        del row
        return "account"


class NewAccountShape(AccountShape):
    """An account that was just made."""

    invitation_sent = serializers.BooleanField(
        allow_null=True, help_text="Null if nobody was to be invited, or it is not known."
    )


class AccountIn(Strict):
    """What a new account is to have; what is left out is taken from its parent."""

    name = Text(max_length=120)
    kind = serializers.ChoiceField(_KINDS, required=False)
    parent_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="A reseller below; else the token's own account."
    )
    email = serializers.EmailField(
        required=False, max_length=254, help_text="Who is invited to administer it."
    )
    number_id = serializers.UUIDField(required=False, allow_null=True, help_text="Of the pool.")
    plan_id = serializers.UUIDField(required=False, allow_null=True)
    credit = Amount(required=False, help_text="To begin with, in the plan's currency.")
    time_zone = Text(max_length=64, required=False, help_text="Such as America/Chicago.")
    country = Text(max_length=2, required=False, help_text="Two letters.")


class AccountChange(Strict):
    """What is to be different."""

    name = Text(max_length=120, required=False)


class Accounts(OfProviders):
    """The accounts below the token's own."""

    queries: ClassVar = {
        "get": (
            Query("parent", "Only those directly below this reseller.", ID),
            Query("status", "Only those whose own status this is.", enum(_STATUSES)),
            Query("kind", "Only these.", enum(_KINDS)),
            Query("low", "Only those that are low on money.", YES_OR_NO),
            Query("q", "A part of a name, realm or number; at whatever depth below.", SEARCH),
            *PAGING,
        )
    }
    problems: ClassVar = {"get": (404,), "post": (402, 404)}

    @extend_schema(
        operation_id="list_accounts",
        tags=["Accounts"],
        responses=page_of(AccountShape, "AccountPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of the accounts directly below, or of all in which ``q`` is, by name."""
        asked = Asked(request)
        shown = TenantFilter(
            q=asked.read("q", words_to_find, ""),
            status=asked.read("status", one_of(_STATUSES), ""),
            kind=asked.read("kind", one_of(_KINDS), ""),
            low=asked.read("low", yes_or_no, otherwise=False),
            below=asked.read("parent", an_id, None),
        )
        asked.require()
        page = list_tenants(
            actor_of(request),
            shown,
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
            counted=False,
        )
        return listed(AccountShape(page.rows, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_account",
        tags=["Accounts"],
        request=AccountIn,
        responses={201: NewAccountShape},
        examples=[
            OpenApiExample(
                "A clinic",
                {
                    "name": "Westside Clinic",
                    "kind": "customer",
                    "email": "admin@westside.example",
                    "time_zone": "America/Chicago",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make an account with all that it is to have: plan, credit, number, administrator."""
        asked = checked(AccountIn, request)
        order = TenantOrder(**asked)
        try:
            made = provision(actor_of(request), order=order)
        except OrderRefused as refused:
            part = _PARTS.get(refused.field, refused.field)
            raise OrderRefused(part, refused.reason) from None
        return _made(request, made.account.pk, sent=made.mailed if order.email else None)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The account that was made."""
        return _made(request, next(key for kind, key in made if kind == "account"), sent=None)


class OneAccount(OfProviders):
    """One account below."""

    @extend_schema(operation_id="get_account", tags=["Accounts"], responses=AccountShape)
    def get(self, request: Request, account: UUID) -> Response:
        """The account, with its figures of this month."""
        return account_told(request, account)

    @extend_schema(
        operation_id="change_account",
        tags=["Accounts"],
        request=AccountChange,
        responses=AccountShape,
        examples=[OpenApiExample("A name", {"name": "Westside Hospital"}, request_only=True)],
    )
    def patch(self, request: Request, account: UUID) -> Response:
        """Give it another name."""
        asked = checked(AccountChange, request)
        if asked:
            tenants.rename(actor_of(request), account_id=account, **asked)
        return account_told(request, account)


def account_told(request: Request, account: UUID) -> Response:
    """An account as it is now."""
    return Response(AccountShape(tenant_row(actor_of(request), account)).data)


def _made(request: Request, account: UUID, *, sent: bool | None) -> Response:
    told = AccountShape(_row(request, account)).data
    where = {"Location": reverse("api-account", kwargs={"account": account})}
    return Response({**told, "invitation_sent": sent}, status=201, headers=where)


def _row(request: Request, account: UUID) -> TenantRow:
    return tenant_row(actor_of(request), account)
