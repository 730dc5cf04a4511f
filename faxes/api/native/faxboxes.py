"""Faxboxes: the account's fax machines; list, make, look at, change, delete."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Address, Text
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.queries.numbers import faxbox_for, faxbox_page
from faxes.services import faxboxes
from faxes.services.extensions import LONGEST, full_extension
from faxes.services.faxbox_terms import (
    CALLBACK_METHODS,
    CALLBACK_TYPES,
    MAIL_PAGES,
    MOST_SENDERS,
    MOST_TOLD,
    NAME_LENGTH,
    NUMBER_LENGTH,
    FaxboxTerms,
)
from faxes.services.order import MOST_RETRIES

if TYPE_CHECKING:
    from faxes.models import Faxbox as Row


_CALLBACK_HELP = "Asked by a program's address when that happens; null: none is."
_PAGES_HELP = "What mails about faxes carry: a link to them, or their pages."


class CallbackShape(Shape):
    """A program that is told."""

    url = serializers.CharField()
    method = serializers.ChoiceField(choices=CALLBACK_METHODS)
    type = serializers.ChoiceField(choices=CALLBACK_TYPES)


class FaxboxShape(Shape):
    """A fax machine of the account's."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "faxbox".')
    name = serializers.CharField()
    extension = OrNothing(help_text="The digits that name it within its account.")
    full_extension = serializers.SerializerMethodField(
        help_text="By which all fax machines of this site can fax to it, without a call."
    )
    owner_id = serializers.UUIDField(allow_null=True, help_text="Whose it is; null: nobody's.")
    caller_name = OrNothing(help_text="Who its faxes say they are from.")
    caller_number = OrNothing(help_text="Null: its first number.")
    station_id = OrNothing(help_text="What it calls itself to the far end.")
    header = OrNothing(help_text="The words on top of each page.")
    time_zone = OrNothing(help_text="Null: the account's.")
    retries = serializers.IntegerField(
        allow_null=True, help_text="Further tries; null: as each try came out."
    )
    restricted = serializers.BooleanField(help_text="Not everybody in the account uses it.")
    mail_domain = serializers.SerializerMethodField(
        help_text="Mails to any fax number at this domain become faxes."
    )
    mail_address = OrNothing(help_text="An address or a domain of its own, beside that.")
    mail_senders = serializers.ListField(
        child=serializers.CharField(), help_text="Who may fax by mail: addresses, or patterns."
    )
    mail_cover = OrNothing(help_text="The cover page of faxes by mail.")
    mail_pages = serializers.ChoiceField(choices=MAIL_PAGES, help_text=_PAGES_HELP)
    inbound_emails = serializers.ListField(child=serializers.CharField())
    inbound_sms = serializers.ListField(child=serializers.CharField())
    inbound_callback = serializers.SerializerMethodField()
    outbound_emails = serializers.ListField(child=serializers.CharField())
    outbound_sms = serializers.ListField(child=serializers.CharField())
    outbound_callback = serializers.SerializerMethodField()
    numbers = serializers.SerializerMethodField(help_text="In E.164; they lead here.")
    created_at = Instant()

    def get_object(self, faxbox: Any) -> str:
        """What this is."""
        del faxbox
        return "faxbox"

    def get_full_extension(self, faxbox: Any) -> str:
        """How the whole site knows it."""
        return full_extension(faxbox)

    def get_mail_domain(self, faxbox: Any) -> str:
        """The domain that it has anyway."""
        return faxboxes.mail_addresses_of(faxbox).domain

    @extend_schema_field(CallbackShape(allow_null=True))
    def get_inbound_callback(self, faxbox: Any) -> Any:
        """The program that is told of faxes that come in."""
        return faxbox.inbound_callback or None

    @extend_schema_field(CallbackShape(allow_null=True))
    def get_outbound_callback(self, faxbox: Any) -> Any:
        """The program that is told how faxes ended."""
        return faxbox.outbound_callback or None

    def get_numbers(self, faxbox: Any) -> list[str]:
        """The numbers that lead here."""
        return sorted(number.e164 for number in faxbox.numbers.all())


class CallbackIn(Strict):
    """A program that is to be told."""

    url = Text(max_length=2000)
    method = serializers.ChoiceField(choices=CALLBACK_METHODS, required=False)
    type = serializers.ChoiceField(choices=CALLBACK_TYPES, required=False)


def _addresses(told: str) -> serializers.ListField:
    return serializers.ListField(
        child=Address(), required=False, max_length=MOST_TOLD, help_text=told
    )


def _numbers(told: str) -> serializers.ListField:
    child = Text(max_length=NUMBER_LENGTH)
    return serializers.ListField(child=child, required=False, max_length=MOST_TOLD, help_text=told)


class FaxboxChange(Strict):
    """What a fax machine is to have; what is left out stays as it is."""

    name = Text(max_length=NAME_LENGTH, required=False)
    extension = Text(
        max_length=LONGEST,
        required=False,
        help_text="Digits; a new fax machine is given the next that is free.",
    )
    owner_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="One of the account's people."
    )
    caller_name = Text(max_length=NAME_LENGTH, required=False, allow_blank=True)
    caller_number = Text(max_length=NUMBER_LENGTH, required=False, allow_blank=True)
    station_id = Text(
        max_length=20, required=False, allow_blank=True, help_text="Digits, plus and spaces."
    )
    header = Text(max_length=50, required=False, allow_blank=True)
    time_zone = Text(
        max_length=64, required=False, allow_blank=True, help_text="Such as America/Chicago."
    )
    retries = serializers.IntegerField(
        min_value=0, max_value=MOST_RETRIES, required=False, allow_null=True
    )
    mail_address = Text(
        max_length=254, required=False, allow_blank=True, help_text="No other fax machine has it."
    )
    mail_senders = serializers.ListField(
        child=Text(max_length=254),
        required=False,
        max_length=MOST_SENDERS,
        help_text="Addresses, @domain for everybody there, or regular expressions (RE2).",
    )
    mail_cover = Text(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="The cover page of faxes by mail; none if empty.",
    )
    mail_pages = serializers.ChoiceField(choices=MAIL_PAGES, required=False, help_text=_PAGES_HELP)
    inbound_emails = _addresses("Told of each fax that comes in.")
    inbound_sms = _numbers("Told the same by text message.")
    inbound_callback = CallbackIn(required=False, allow_null=True, help_text=_CALLBACK_HELP)
    outbound_emails = _addresses("Told how each fax ended that is sent from here.")
    outbound_sms = _numbers("Told the same by text message.")
    outbound_callback = CallbackIn(required=False, allow_null=True, help_text=_CALLBACK_HELP)


class FaxboxIn(FaxboxChange):
    """A new fax machine."""

    name = Text(max_length=NAME_LENGTH)


_EXAMPLE = OpenApiExample(
    "Front desk",
    {"name": "Front desk", "station_id": "+1 202 555 0121", "header": "Northside Clinic"},
    request_only=True,
)


class Faxboxes(Resource):
    """All fax machines of the account that the token may use."""

    queries: ClassVar = {"get": PAGING}

    @extend_schema(
        operation_id="list_faxboxes",
        tags=["Faxboxes"],
        responses=page_of(FaxboxShape, "FaxboxPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of fax machines, the oldest first."""
        page = faxbox_page(
            actor_of(request),
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(FaxboxShape(page.faxboxes, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_faxbox",
        tags=["Faxboxes"],
        request=FaxboxIn,
        responses={201: FaxboxShape},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Give the account one more fax machine."""
        terms = FaxboxTerms(**_said(checked(FaxboxIn, request)))
        return _made(faxboxes.create_faxbox(actor_of(request), terms=terms))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The fax machine that was made."""
        return _made(faxbox_for(actor_of(request), made[0][1]))


class Faxbox(Resource):
    """One fax machine."""

    @extend_schema(operation_id="get_faxbox", tags=["Faxboxes"], responses=FaxboxShape)
    def get(self, request: Request, faxbox: UUID) -> Response:
        """The fax machine, with its numbers."""
        return Response(FaxboxShape(faxbox_for(actor_of(request), faxbox)).data)

    @extend_schema(
        operation_id="change_faxbox",
        tags=["Faxboxes"],
        request=FaxboxChange,
        responses=FaxboxShape,
        examples=[OpenApiExample("Another header", {"header": "Northside"}, request_only=True)],
    )
    def patch(self, request: Request, faxbox: UUID) -> Response:
        """Change what is given. Calls under way go on as they are."""
        changes = _said(checked(FaxboxChange, request))
        changed = faxboxes.edit_faxbox(actor_of(request), faxbox_id=faxbox, changes=changes)
        return Response(FaxboxShape(changed).data)

    @extend_schema(operation_id="delete_faxbox", tags=["Faxboxes"], responses={204: None})
    def delete(self, request: Request, faxbox: UUID) -> Response:
        """Take it out of use. Its faxes stay.

        Not while a number leads to it, or a fax of it is under way.
        """
        faxboxes.delete_faxbox(actor_of(request), faxbox_id=faxbox)
        return Response(status=204)


def _said(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, by the names of ``FaxboxTerms``."""
    empty: dict[str, Any] = {f"{way}_callback": {} for way in ("inbound", "outbound")}
    return {name: value or empty.get(name, value) for name, value in asked.items()}


def _made(faxbox: "Row") -> Response:
    where = {"Location": reverse("api-faxbox", kwargs={"faxbox": faxbox.pk})}
    return Response(FaxboxShape(faxbox).data, status=201, headers=where)
