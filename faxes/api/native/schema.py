"""How the API describes itself (OpenAPI 3.1): parameters, bodies, answers, and all that goes wrong.

Resources say what is their own with ``extend_schema``; what all share is added here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from accounts.roles import Scope
from faxes.api.native import problems

__all__ = ["Described", "Query", "page_of"]

_READS: Final = frozenset({"get", "head"})
_ALWAYS: Final = (400, 401, 403, 429, 500)
_BODY: Final = (409, 410, 411, 413, 415, 422)
_EXAMPLES: Final[Mapping[int, problems.Fault]] = {
    400: problems.Fault("parameter_unknown", "There is no such parameter.", "colour"),
    401: problems.Fault("unauthenticated", "Show a token of the account."),
    402: problems.Fault(
        "insufficient_credit",
        "This would cost 1.20 USD, and 0.40 USD is left. Ask your provider to top up the account.",
    ),
    403: problems.Fault("not_allowed", "This token may not do that."),
    404: problems.Fault("not_found", "There is nothing here, or nothing of yours."),
    406: problems.Fault("not_acceptable", "This is not to be had in the form asked for."),
    409: problems.Fault("fax_not_finished", "The fax is under way."),
    410: problems.Fault("answer_erased", "What the first request made was deleted since."),
    411: problems.Fault("length_required", "Say how long the request is."),
    412: problems.Fault("precondition_failed", "This is not what the request is about."),
    413: problems.Fault("request_too_large", "This is too much at once."),
    415: problems.Fault("media_type_unsupported", "Send JSON, or a form with files."),
    416: problems.Fault("range_not_satisfiable", "The file has no such part."),
    422: problems.Fault("number_invalid", "+1 is not a fax number.", "to"),
    429: problems.Fault("too_many_requests", "These are too many requests. Ask again later."),
    500: problems.Fault("internal_error", "Something went wrong on our side."),
    503: problems.Fault("fetch_busy", "So many documents are being fetched. Try again."),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter in an address: what it says, and the JSON schema of what it may be."""

    name: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


def page_of(shape: type[serializers.Serializer[Any]], name: str) -> Any:
    """The shape of a page of a list."""
    return inline_serializer(
        name,
        {
            "data": shape(many=True),
            "has_more": serializers.BooleanField(),
            "next_cursor": serializers.CharField(
                allow_null=True, help_text="Send it as `cursor` for the next page."
            ),
        },
    )


class Described(AutoSchema):
    """One operation, with the parameters that its resource takes and the problems it may have."""

    def get_override_parameters(self) -> list[Any]:
        """The parameters in the address, and the key of requests that may come twice."""
        told = [
            OpenApiParameter(
                each.name,
                dict(each.schema),
                OpenApiParameter.QUERY,
                description=each.says,
                # of an object each member is a parameter of its own, as metadata[key]=value
                style="deepObject" if each.schema.get("type") == "object" else None,
            )
            for each in getattr(self.view, "queries", {}).get(self.method.lower(), ())
        ]
        if self.method == "POST":
            told.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
                    OpenApiParameter.HEADER,
                    description=(
                        "Any text of your own, new for each request that is not a repeat. The same "
                        "key and body is done once, and answered alike for 24 hours."
                    ),
                )
            )
        return told

    def _get_serializer_name(
        self,
        serializer: Any,
        direction: Any,
        bypass_extensions: bool = False,  # noqa: FBT001, FBT002 (as the library calls it)
    ) -> str:
        """What a shape is called."""
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return str(name).removesuffix("Shape")

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Each way of showing a token."""
        ways: list[dict[str, list[str]]] = [{"token": []}, {"basic": []}, {"oauth2": []}]
        return ways if self.view.authentication_classes else []

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation, with its problems."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        method = self.method.lower()
        statuses = set(_ALWAYS)
        if method not in _READS:
            statuses |= set(_BODY) - ({410, 411, 413, 415} if method == "delete" else set())
        if "{" in self.path or getattr(self.view, "for_providers", False):
            statuses.add(404)
        statuses |= set(getattr(self.view, "problems", {}).get(method, ()))
        for status in sorted(statuses):
            where = {"$ref": f"#/components/responses/Problem{status}"}
            operation["responses"].setdefault(str(status), where)
        return operation


def complete(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:  # noqa: ARG001 (the library's own hook)
    """Add what no single operation brings: the shape of problems."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["responses"] = {f"Problem{status}": _problem(status) for status in _EXAMPLES}
    return result


def _with_one(told: Mapping[str, Any], way: str, ways: Sequence[str]) -> dict[str, Any]:
    """The description of an object that has one of several members, and none of the others."""
    members = {
        name: of for name, of in told["properties"].items() if name == way or name not in ways
    }
    return {**told, "properties": members, "required": [*told.get("required", ()), way]}


def _problem(status: int) -> dict[str, Any]:
    example = problems.body(status, [_EXAMPLES[status]], request_id=_REQUEST)
    return {
        "description": HTTPStatus(status).phrase,
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
            }
        },
    }


_REQUEST: Final = "019a0000-0000-7000-8000-000000000000"
_FAULT: Final = {
    "type": "object",
    "required": ["code", "detail", "param"],
    "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "param": {"type": ["string", "null"]},
    },
}
_PROBLEM: Final = {
    "type": "object",
    "description": "What is wrong (RFC 9457). The first of `errors` stands for the whole.",
    "required": [
        "type", "title", "status", "detail", "code", "param", "errors", "documentation_url",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In words for a person."},
        "code": {"type": "string", "description": "Stable; for programs."},
        "param": {"type": ["string", "null"], "description": "The parameter at fault."},
        "errors": {"type": "array", "items": _FAULT},
        "documentation_url": {"type": "string", "format": "uri"},
        "request_id": {"type": "string"},
    },
}  # fmt: skip


class _Tokens(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "faxes.api.common.auth.TokenAuthentication"
    name = ["token", "basic", "oauth2"]  # noqa: RUF012 (as the library declares it)

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """How a token is shown, and how an OAuth client gets one."""
        del auto_schema
        where = {"tokenUrl": "/oauth/token", "scopes": {each.value: "" for each in Scope}}
        people = {"authorizationUrl": "/oauth/authorize", "refreshUrl": "/oauth/token"}
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "http", "scheme": "basic", "description": "Any name; password: the token."},
            {
                "type": "oauth2",
                "description": "A client's token lasts for an hour; show it as any other.",
                "flows": {"clientCredentials": where, "authorizationCode": {**people, **where}},
            },
        ]


class _AlsoOne(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "faxes.api.native.fax_form.Numbers"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        """A text or a list of texts."""
        several = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)  # noqa: SLF001 (the library's own way)
        return {
            "oneOf": [
                {"type": "string", "minLength": 1, "maxLength": 10_000},
                {**several, "minItems": 1},
            ]
        }


class _Base64(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "faxes.api.native.fields.Base64"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        """Bytes as a text."""
        del auto_schema, direction
        return {"type": "string", "format": "byte", "contentEncoding": "base64"}


class _Strictly(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "faxes.api.native.base.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """A body whose every member is known."""
        told = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001 (the library's own way)
        told["additionalProperties"] = False
        for name, member in self.target.fields.items():
            if isinstance(member, serializers.CharField) and not member.allow_blank:
                told["properties"][name].setdefault("minLength", 1)
        ways = getattr(self.target, "ways", ())
        return {"oneOf": [_with_one(told, way, ways) for way in ways]} if ways else told
