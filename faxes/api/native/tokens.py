"""Tokens: those of the account; make one, end one. And what the shown one is."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.roles import Role, Scope, scopes_in
from accounts.services import tokens
from accounts.services.tokens import KINDS, TokenRequest
from faxes import paging
from faxes.api.common.auth import actor_of
from faxes.api.native.base import PAGING, Resource, Strict, checked, listed, page_size
from faxes.api.native.fields import Text
from faxes.api.native.schema import page_of
from faxes.api.native.shapes import Instant, Shape, words

if TYPE_CHECKING:
    from accounts.models import Credential

_SCOPES = [each.value for each in Scope]
_KINDS = [KINDS.API_TOKEN.value, KINDS.OAUTH_CLIENT.value]


class TokenShape(Shape):
    """A token, without its secret."""

    id = serializers.UUIDField()
    object = serializers.SerializerMethodField(help_text='Always "token".')
    name = serializers.CharField()
    kind = words(KINDS)
    prefix = serializers.CharField(help_text="How it begins.")
    scopes = serializers.ListField(child=serializers.ChoiceField(_SCOPES))
    networks = serializers.ListField(
        child=serializers.CharField(), help_text="From where it works, in CIDR; none: everywhere."
    )
    redirect_uris = serializers.ListField(
        child=serializers.CharField(),
        help_text="Of an OAuth client: where people come back to who let it in.",
    )
    created_at = Instant()
    expires_at = Instant(allow_null=True)
    last_used_at = Instant(allow_null=True)
    revoked_at = Instant(allow_null=True)

    def get_object(self, token: Any) -> str:
        """What this is."""
        del token
        return "token"


class NewTokenShape(TokenShape):
    """A token at the one moment when its secret is told."""

    token = serializers.CharField(
        allow_null=True, help_text="Keep it: it is told once. Null in an answer that is told again."
    )


class TokenIn(Strict):
    """What a new token is for, what it may, for how long and from where."""

    name = Text(max_length=120)
    kind = serializers.ChoiceField(_KINDS, required=False)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(_SCOPES), min_length=1, max_length=len(_SCOPES)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    networks = serializers.ListField(
        child=Text(max_length=60), required=False, max_length=50, help_text="Such as 192.0.2.0/24."
    )
    redirect_uris = serializers.ListField(
        child=Text(max_length=2000),
        required=False,
        max_length=10,
        help_text="Of an OAuth client: such as https://example.com/back.",
    )

    def validate_expires_at(self, until: datetime | None) -> datetime | None:
        """Some time to come.

        Raises:
            ValidationError: it is over.

        """
        if until is not None and until <= clock.now():
            raise serializers.ValidationError("This is in the past.", code="past")
        return until


class HolderShape(Shape):
    """The account of the token that was shown, and what that may."""

    id = serializers.UUIDField(source="account.pk")
    object = serializers.SerializerMethodField(help_text='Always "account".')
    name = serializers.CharField(source="account.name")
    kind = serializers.CharField(source="account.kind")
    realm = serializers.CharField(source="account.realm")
    time_zone = serializers.CharField(source="account.time_zone")
    country = serializers.CharField(source="account.country")
    paper = serializers.CharField(source="account.paper")
    created_at = Instant(source="account.created_at")
    role = words(Role)
    token_id = serializers.UUIDField()
    scopes = serializers.ListField(child=serializers.ChoiceField(_SCOPES))

    def get_object(self, holder: Any) -> str:
        """What this is."""
        del holder
        return "account"


class Account(Resource):
    """The token's own account."""

    @extend_schema(operation_id="get_own_account", tags=["Accounts"], responses=HolderShape)
    def get(self, request: Request) -> Response:
        """The account, and the role and scopes of the token."""
        actor = actor_of(request)
        holder = tokens.holder_of(actor)
        told = {
            "account": holder.account,
            "role": actor.role.value,
            "token_id": actor.credential_id,
            "scopes": [] if actor.only is None else scopes_in(actor.only),
        }
        return Response(HolderShape(told).data)


class Tokens(Resource):
    """All tokens of the account."""

    queries: ClassVar = {"get": PAGING}

    @extend_schema(
        operation_id="list_tokens", tags=["Tokens"], responses=page_of(TokenShape, "TokenPage")
    )
    def get(self, request: Request) -> Response:
        """A page of tokens, the newest first, ended ones among them."""
        cursor = request.query_params.get("cursor", "")
        page = tokens.token_page(
            actor_of(request),
            after=paging.decode(cursor) if cursor else None,
            size=page_size(request),
        )
        after = paging.encode(page.after) if page.after else ""
        return listed(TokenShape(page.tokens, many=True).data, after)

    @extend_schema(
        operation_id="create_token",
        tags=["Tokens"],
        request=TokenIn,
        responses={201: NewTokenShape},
        examples=[
            OpenApiExample(
                "For a scanner",
                {
                    "name": "Scanner on the second floor",
                    "scopes": ["faxes:write"],
                    "expires_at": "2030-01-01T00:00:00Z",
                    "networks": ["192.0.2.0/24"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a token that may no more than the one that asks. Its secret is told once."""
        asked = checked(TokenIn, request)
        wanted = TokenRequest(
            name=asked["name"],
            kind=KINDS(asked.get("kind", KINDS.API_TOKEN)),
            scopes=tuple(Scope(each) for each in dict.fromkeys(asked["scopes"])),
            expires_at=asked.get("expires_at"),
            networks="\n".join(asked.get("networks", ())),
            redirect_uris="\n".join(asked.get("redirect_uris", ())),
        )
        made = tokens.create_token(actor_of(request), request=wanted)
        return _made(made.credential, made.token)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The token that was made; its secret is nowhere any more."""
        return _made(tokens.token_for(actor_of(request), made[0][1]), None)


class Token(Resource):
    """One token."""

    @extend_schema(operation_id="get_token", tags=["Tokens"], responses=TokenShape)
    def get(self, request: Request, token: UUID) -> Response:
        """The token, ended or not."""
        return Response(TokenShape(tokens.token_for(actor_of(request), token)).data)

    @extend_schema(operation_id="end_token", tags=["Tokens"], responses={204: None})
    def delete(self, request: Request, token: UUID) -> Response:
        """End it at once; it stays in the list."""
        tokens.revoke_token(actor_of(request), credential_id=token)
        return Response(status=204)


def _made(credential: "Credential", token: str | None) -> Response:
    credential.token = token  # type: ignore[attr-defined]
    where = {"Location": reverse("api-token", kwargs={"token": credential.pk})}
    return Response(NewTokenShape(credential).data, status=201, headers=where)
