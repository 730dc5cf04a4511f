"""Contacts: the account's address book; list, add, look at, change, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.asked import ID, SEARCH, Asked, an_id, words_to_find
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, OrNothing, Shape
from faxes.queries.contacts import contact_for, list_contacts
from faxes.services import contacts
from faxes.services.contacts import ContactRequest

if TYPE_CHECKING:
    from faxes.models import Contact as Row


class ContactShape(Shape):
    """Somebody in the address book."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "contact".')
    name = serializers.CharField()
    company = serializers.CharField()
    number = serializers.CharField(help_text="In E.164.")
    email = OrNothing()
    note = serializers.CharField()
    group_ids = serializers.SerializerMethodField(help_text="The groups that it is in.")
    created_at = Instant()
    updated_at = Instant()

    def get_object(self, contact: Any) -> str:
        """What this is."""
        del contact
        return "contact"

    def get_group_ids(self, contact: Any) -> list[str]:
        """Its groups."""
        return sorted(str(each.group_id) for each in contact.memberships.all())


class ContactChange(Strict):
    """What a contact is to hold; what is left out stays as it is."""

    name = Text(max_length=120, required=False, allow_blank=True)
    company = Text(max_length=120, required=False, allow_blank=True)
    number = Text(
        max_length=40, required=False, help_text="E.164, or as dialled in the account's country."
    )
    email = Text(max_length=254, required=False, allow_blank=True)
    note = Text(max_length=2000, required=False, allow_blank=True)


class ContactIn(ContactChange):
    """A new contact."""

    number = Text(max_length=40, help_text="E.164, or as dialled in the account's country.")


class Contacts(Resource):
    """The whole address book."""

    queries: ClassVar = {
        "get": (
            Query("q", "Words of name or company, or parts of the number.", SEARCH),
            Query("number", "The whole number, in E.164."),
            Query("group", "Only those in this group.", ID),
            *PAGING,
        )
    }
    problems: ClassVar = {"get": (404,)}

    @extend_schema(
        operation_id="list_contacts",
        tags=["Contacts"],
        responses=page_of(ContactShape, "ContactPage"),
    )
    def get(self, request: Request) -> Response:
        """A page of contacts, by name and company."""
        asked = Asked(request)
        shown = {
            "q": asked.read("q", words_to_find, ""),
            "number": asked.read("number", read_number, ""),
            "group_id": asked.read("group", an_id, None),
        }
        asked.require()
        page = list_contacts(
            actor_of(request),
            **shown,  # type: ignore[arg-type]  # as named above
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(ContactShape(page.contacts, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_contact",
        tags=["Contacts"],
        request=ContactIn,
        responses={201: ContactShape},
        examples=[
            OpenApiExample(
                "A practice",
                {
                    "name": "Dr. Ada Jones",
                    "company": "Elm Street Practice",
                    "number": "+12025550100",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a contact."""
        wanted = ContactRequest(**checked(ContactIn, request))
        return _made(contacts.create_contact(actor_of(request), request=wanted))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The contact that was made."""
        return _made(contact_for(actor_of(request), made[0][1]))


class Contact(Resource):
    """One contact."""

    @extend_schema(operation_id="get_contact", tags=["Contacts"], responses=ContactShape)
    def get(self, request: Request, contact: UUID) -> Response:
        """The contact."""
        return Response(ContactShape(contact_for(actor_of(request), contact)).data)

    @extend_schema(
        operation_id="change_contact",
        tags=["Contacts"],
        request=ContactChange,
        responses=ContactShape,
        examples=[OpenApiExample("Another number", {"number": "+12025550107"}, request_only=True)],
    )
    def patch(self, request: Request, contact: UUID) -> Response:
        """Change what is given."""
        wanted = ContactRequest(**checked(ContactChange, request))
        changed = contacts.update_contact(actor_of(request), contact_id=contact, request=wanted)
        return Response(ContactShape(changed).data)

    @extend_schema(operation_id="delete_contact", tags=["Contacts"], responses={204: None})
    def delete(self, request: Request, contact: UUID) -> Response:
        """Delete it, from its groups too; what was sent to it stays."""
        contacts.delete_contact(actor_of(request), contact_id=contact)
        return Response(status=204)


def _made(contact: "Row") -> Response:
    where = {"Location": reverse("api-contact", kwargs={"contact": contact.pk})}
    return Response(ContactShape(contact).data, status=201, headers=where)


def read_number(written: str) -> str:
    """A number; its plus is a space where an address was not written with care."""
    number = written.strip()
    return f"+{number}" if written.startswith(" ") else number[:40]
