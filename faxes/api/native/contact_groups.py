"""Groups of contacts: list, make, rename, delete; who is in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from faxes.api.common.auth import actor_of
from faxes.api.native.asked import SEARCH, Asked, words_to_find
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.schema import Query, page_of
from faxes.api.native.shapes import Instant, Shape
from faxes.queries.contacts import group_for, list_groups
from faxes.services import contacts

if TYPE_CHECKING:
    from faxes.models import ContactGroup as Row

_TAGS: Final = ["Contact groups"]
_MOST_AT_ONCE: Final = 1000


class GroupShape(Shape):
    """A group of contacts."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "contact_group".')
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="How many contacts are in it.")
    created_at = Instant()
    updated_at = Instant()

    def get_object(self, group: Any) -> str:
        """What this is."""
        del group
        return "contact_group"


class GroupIn(Strict):
    """What a group is called."""

    name = Text(max_length=120, help_text="No other group of the account has it.")


class MembersIn(Strict):
    """Contacts that are to be in a group."""

    contact_ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=_MOST_AT_ONCE
    )


class ContactGroups(Resource):
    """All groups of the account."""

    queries: ClassVar = {"get": (Query("q", "Words of the name.", SEARCH), *PAGING)}

    @extend_schema(
        operation_id="list_contact_groups", tags=_TAGS, responses=page_of(GroupShape, "GroupPage")
    )
    def get(self, request: Request) -> Response:
        """A page of groups, by name."""
        asked = Asked(request)
        q = asked.read("q", words_to_find, "")
        asked.require()
        page = list_groups(
            actor_of(request),
            q=q,
            cursor=request.query_params.get("cursor", ""),
            size=page_size(request),
        )
        return listed(GroupShape(page.groups, many=True).data, page.next_cursor)

    @extend_schema(
        operation_id="create_contact_group",
        tags=_TAGS,
        request=GroupIn,
        responses={201: GroupShape},
        examples=[OpenApiExample("Referrals", {"name": "Referrals"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make an empty group."""
        name = checked(GroupIn, request)["name"]
        return _made(contacts.create_group(actor_of(request), name=name))

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The group that was made."""
        return _made(group_for(actor_of(request), made[0][1]))


class ContactGroup(Resource):
    """One group."""

    @extend_schema(operation_id="get_contact_group", tags=_TAGS, responses=GroupShape)
    def get(self, request: Request, group: UUID) -> Response:
        """The group; its contacts are those of `/contacts?group=`."""
        return _one(request, group)

    @extend_schema(
        operation_id="rename_contact_group",
        tags=_TAGS,
        request=GroupIn,
        responses=GroupShape,
        examples=[OpenApiExample("Another name", {"name": "Practices"}, request_only=True)],
    )
    def patch(self, request: Request, group: UUID) -> Response:
        """Give it another name."""
        name = checked(GroupIn, request)["name"]
        contacts.rename_group(actor_of(request), group_id=group, name=name)
        return _one(request, group)

    @extend_schema(operation_id="delete_contact_group", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, group: UUID) -> Response:
        """Delete it; its contacts stay."""
        contacts.delete_group(actor_of(request), group_id=group)
        return Response(status=204)


class GroupMembers(Resource):
    """Who is in a group."""

    @extend_schema(
        operation_id="add_group_contacts",
        tags=_TAGS,
        request=MembersIn,
        responses=GroupShape,
        examples=[
            OpenApiExample(
                "Two of them",
                {
                    "contact_ids": [
                        "019a0000-0000-7000-8000-000000000001",
                        "019a0000-0000-7000-8000-000000000002",
                    ]
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, group: UUID) -> Response:
        """Put contacts into the group; those that are in it already stay in it."""
        wanted = checked(MembersIn, request)["contact_ids"]
        contacts.add_members(actor_of(request), group_id=group, contact_ids=wanted)
        return _one(request, group)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The group as it is now."""
        return _one(request, made[0][1])


class GroupMember(Resource):
    """One contact in a group."""

    @extend_schema(operation_id="remove_group_contact", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, group: UUID, contact: UUID) -> Response:
        """Take the contact out of the group; nothing happens if it is not in it."""
        contacts.remove_members(actor_of(request), group_id=group, contact_ids=[contact])
        return Response(status=204)


def _one(request: Request, group: UUID) -> Response:
    return Response(GroupShape(group_for(actor_of(request), group)).data)


def _made(group: "Row") -> Response:
    where = {"Location": reverse("api-contact-group", kwargs={"group": group.pk})}
    return Response(GroupShape(group).data, status=201, headers=where)
