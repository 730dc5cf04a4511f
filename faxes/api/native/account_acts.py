"""What is done to an account below: suspend, resume, close, reopen, move; limits and money."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.ids import new_id
from accounts.services import money, tenants
from accounts.services.limits import Allowed, set_limits
from accounts.services.usage import books_of
from faxes.api.common.auth import actor_of
from faxes.api.native.accounts import AccountShape, account_told
from faxes.api.native.base import Nothing, OfProviders, Strict, checked
from faxes.api.native.fields import Text
from faxes.api.native.money import Amount, BalanceShape, Note
from faxes.api.native.shapes import Shape
from faxes.queries.tenants import limits_for

_LARGEST: Final = 2**31 - 1
_LARGEST_STORAGE: Final = 2**60


class SuspendIn(Strict):
    """Why."""

    reason = Text(max_length=200, required=False, allow_blank=True)


class MoveIn(Strict):
    """Where to."""

    parent_id = serializers.UUIDField(help_text="A reseller below, or the token's own account.")


class LimitsIn(Strict):
    """The most of each; what is left out or null has no limit."""

    pages_a_day = serializers.IntegerField(
        min_value=0, max_value=_LARGEST, required=False, allow_null=True
    )
    pages_a_month = serializers.IntegerField(
        min_value=0, max_value=_LARGEST, required=False, allow_null=True
    )
    pages_a_fax = serializers.IntegerField(
        min_value=0, max_value=_LARGEST, required=False, allow_null=True
    )
    faxes_at_once = serializers.IntegerField(
        min_value=0, max_value=_LARGEST, required=False, allow_null=True
    )
    calls_at_once = serializers.IntegerField(
        min_value=0, max_value=_LARGEST, required=False, allow_null=True
    )
    storage_bytes = serializers.IntegerField(
        min_value=0, max_value=_LARGEST_STORAGE, required=False, allow_null=True
    )


class AllowedShape(Shape):
    """The most of each; null is no limit."""

    pages_a_day = serializers.IntegerField(allow_null=True)
    pages_a_month = serializers.IntegerField(allow_null=True)
    pages_a_fax = serializers.IntegerField(allow_null=True)
    faxes_at_once = serializers.IntegerField(allow_null=True)
    calls_at_once = serializers.IntegerField(allow_null=True)
    storage_bytes = serializers.IntegerField(allow_null=True)


class LimitsShape(Shape):
    """The limits of an account."""

    own = AllowedShape(help_text="What is set for the account itself.")
    effective = AllowedShape(help_text="What counts: of each the least on the way up.")


class CreditIn(Strict):
    """Money that came in."""

    amount = Amount(help_text="Above zero, in the currency of the account's ledger.")
    note = Note(help_text="Such as the number of an invoice. The account reads it.")


class _Act(OfProviders):
    """Something done to an account, which is told as it is then."""

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The account as it is now."""
        return account_told(request, made[0][1])


class AccountSuspend(_Act):
    """Suspending."""

    @extend_schema(
        operation_id="suspend_account",
        tags=["Accounts"],
        request=SuspendIn,
        responses=AccountShape,
        examples=[OpenApiExample("Unpaid", {"reason": "Invoice 4711"}, request_only=True)],
    )
    def post(self, request: Request, account: UUID) -> Response:
        """Suspend it, and so all below it: nobody gets in, nothing is sent; faxes still arrive."""
        asked = checked(SuspendIn, request)
        tenants.suspend(actor_of(request), account_id=account, **asked)
        return account_told(request, account)


class AccountResume(_Act):
    """Ending a suspension."""

    @extend_schema(
        operation_id="resume_account", tags=["Accounts"], request=Nothing, responses=AccountShape
    )
    def post(self, request: Request, account: UUID) -> Response:
        """End its suspension; faxes that waited go on."""
        checked(Nothing, request)
        tenants.resume(actor_of(request), account_id=account)
        return account_told(request, account)


class AccountClose(_Act):
    """Closing."""

    @extend_schema(
        operation_id="close_account", tags=["Accounts"], request=Nothing, responses=AccountShape
    )
    def post(self, request: Request, account: UUID) -> Response:
        """Close it. It is erased at `erase_at`, and may be reopened until then."""
        checked(Nothing, request)
        tenants.close(actor_of(request), account_id=account)
        return account_told(request, account)


class AccountReopen(_Act):
    """Reopening."""

    @extend_schema(
        operation_id="reopen_account", tags=["Accounts"], request=Nothing, responses=AccountShape
    )
    def post(self, request: Request, account: UUID) -> Response:
        """Reopen it as it was; its tokens remain ended, and its canceled faxes canceled."""
        checked(Nothing, request)
        tenants.reopen(actor_of(request), account_id=account)
        return account_told(request, account)


class AccountMove(_Act):
    """Moving."""

    @extend_schema(
        operation_id="move_account",
        tags=["Accounts"],
        request=MoveIn,
        responses=AccountShape,
        examples=[
            OpenApiExample(
                "Below another reseller",
                {"parent_id": "019a0000-0000-7000-8000-000000000001"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, account: UUID) -> Response:
        """Put it, with all below it, under another reseller within the token's branch."""
        asked = checked(MoveIn, request)
        tenants.move(actor_of(request), account_id=account, **asked)
        return account_told(request, account)


class AccountLimits(OfProviders):
    """The limits of an account below."""

    @extend_schema(operation_id="get_limits", tags=["Accounts"], responses=LimitsShape)
    def get(self, request: Request, account: UUID) -> Response:
        """What is set for it, and what counts."""
        return _limits(request, account)

    @extend_schema(
        operation_id="set_limits",
        tags=["Accounts"],
        request=LimitsIn,
        responses=LimitsShape,
        examples=[
            OpenApiExample(
                "A day's pages", {"pages_a_day": 500, "calls_at_once": 2}, request_only=True
            )
        ],
    )
    def put(self, request: Request, account: UUID) -> Response:
        """Set all of them: what is left out has no limit from then on."""
        wanted = Allowed(**checked(LimitsIn, request))
        set_limits(actor_of(request), account_id=account, limits=wanted)
        return _limits(request, account)


class AccountCredit(OfProviders):
    """Topping up."""

    @extend_schema(
        operation_id="top_up_account",
        tags=["Accounts"],
        request=CreditIn,
        responses={201: BalanceShape},
        examples=[
            OpenApiExample(
                "An invoice", {"amount": "50.00", "note": "Invoice 4711"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, account: UUID) -> Response:
        """Book money that came in; the balance by then is told."""
        asked = checked(CreditIn, request)
        money.top_up(actor_of(request), account_id=account, key=str(new_id()), **asked)
        return _balance(request, account)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The balance as it is now."""
        return _balance(request, made[0][1])


def _limits(request: Request, account: UUID) -> Response:
    told = limits_for(actor_of(request), account)
    return Response(
        LimitsShape({"own": asdict(told.own), "effective": asdict(told.effective)}).data
    )


def _balance(request: Request, account: UUID) -> Response:
    told: Any = books_of(actor_of(request), account_id=account)
    return Response(BalanceShape(told).data, status=201)
