"""What all resources share: who asks, keys of requests that may come twice, lists, times."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.at_work import at_work, new_request
from accounts.errors import NotThere
from accounts.scoping import Actor
from accounts.services import idempotency
from accounts.tenancy import require_provider
from faxes.api.common import throttle
from faxes.api.common.auth import TokenAuthentication, actor_of
from faxes.api.common.bodies import StrictJSON, StrictMultiPart, digest_of
from faxes.api.native.problems import Fault, Problem, answer, status_of
from faxes.api.native.schema import Query

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
MOST_IN_A_LIST: Final = 100
USUAL_IN_A_LIST: Final = 30
_SIZE: Final = re.compile(r"[0-9]{1,9}")
_ENTRY: Final = re.compile(r"metadata\[.*\]", re.DOTALL)
PAGING: Final = (
    Query(
        "cursor",
        "Where to go on: `next_cursor` of the page before.",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{0,40}$"},
    ),
    Query(
        "limit",
        f"How many entries; {USUAL_IN_A_LIST} if not said.",
        {"type": "integer", "minimum": 1, "maximum": MOST_IN_A_LIST},
    ),
)


class _AnyForm(DefaultContentNegotiation):
    """JSON whatever is accepted: problems must reach those too who asked for a PDF."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The first renderer."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type


class Resource(APIView):
    """An address of the API. Methods answer; what they raise is told as a problem.

    ``queries`` are the parameters that each method takes in its address; others are refused.
    ``problems`` are statuses of failure that are a method's own, besides those that all have. A
    POST with an idempotency key is done once: ``retold`` answers for one whose process died when
    its work was done but not told.
    """

    authentication_classes: tuple[type[TokenAuthentication], ...] = (TokenAuthentication,)
    permission_classes = ()
    parser_classes: Sequence[type[BaseParser]] = (StrictJSON,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = _AnyForm
    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    queries: ClassVar[Mapping[str, Sequence[Query]]] = {}
    problems: ClassVar[Mapping[str, Sequence[int]]] = {}
    for_providers: ClassVar[bool] = False

    _claim: idempotency.Claim | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who shows a token and asks for what there is."""
        request.id = at_work().get("request") or new_request()  # type: ignore[attr-defined]
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        if not isinstance(request.auth, Actor):
            raise NotAuthenticated
        throttle.count(request, request.auth)
        known = {each.name for each in self.queries.get(method, ())}
        _require_known(request.query_params, known)
        if request.method == "POST":
            self._take_key(request)

    def retold(self, request: Request, made: Sequence[tuple[str, UUID]]) -> Response:
        """The answer to a request whose work is done already, from the objects that it made.

        Raises:
            Problem: unless a resource knows better, that nothing more can be told.

        """
        del request
        detail = "The first request with this key did its work, but its answer was lost."
        objects = [{"object": kind, "id": str(key)} for kind, key in made]
        raise Problem(409, [Fault("answer_lost", detail)], objects=objects)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the request, and keep the answer under its key."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if request_id := getattr(request, "id", ""):
            response.headers["X-Request-Id"] = request_id
        throttle.tell(request, response)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        claim = self._claim
        if claim is None:
            return response
        if isinstance(response, Response) and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            response.add_post_render_callback(
                lambda done: idempotency.keep(claim, status=done.status_code, answer=_as_text(done))
            )
        else:
            idempotency.release(claim)
        return response

    def get_exception_handler(self) -> Any:
        """Problems of this API's own kind."""
        return answer

    def _take_key(self, request: Request) -> None:
        key = request.headers.get(IDEMPOTENCY_KEY)
        if key is None:
            return
        if not (0 < len(key) <= idempotency.LONGEST_KEY and key.isascii() and key.isprintable()):
            fault = Fault(
                "idempotency_key_invalid",
                f"An idempotency key has 1 to {idempotency.LONGEST_KEY} characters of ASCII.",
                IDEMPOTENCY_KEY,
            )
            raise Problem(400, [fault])
        actor = actor_of(request)
        found = idempotency.claim(actor, key=key, request_digest=digest_of(request))
        if isinstance(found, idempotency.Told):
            raise _Replayed(found)
        self._claim = found
        request.auth = _under(actor, found.token)
        if found.made:
            raise _Made(found.made)

    def handle_exception(self, exc: Exception) -> Any:
        """Answer a repeat as the first was answered; all else is a problem."""
        if isinstance(exc, _Replayed):
            if exc.told.answer:
                return _replay(exc.told)
            return self._told_anew(exc.told.made, status=exc.told.status)
        if isinstance(exc, _Made):
            return self._told_anew(exc.made)
        return super().handle_exception(exc)

    def _told_anew(self, made: Sequence[tuple[str, UUID]], *, status: int = 0) -> Any:
        """Answer from what is there still; with ``status`` as the first was answered, now erased.

        What is erased is not told once more, but what was made may be there without it.
        """
        erased = Problem(410, [Fault("answer_erased", "What the first request made is gone.")])
        try:
            if not made:
                raise erased  # noqa: TRY301 (told below, as what retold raises)
            again = self.retold(self.request, made)
        except Exception as lost:  # noqa: BLE001 (told like any other)
            gone = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT if status else HTTPStatus.NOT_FOUND}
            return super().handle_exception(erased if status_of(lost) in gone else lost)
        if status:
            again.status_code = status
        again.headers["Idempotent-Replayed"] = "true"
        return again


class WithFiles(Resource):
    """An address that takes forms with files besides JSON."""

    parser_classes = (StrictJSON, StrictMultiPart)


class OfProviders(Resource):
    """An address that only those have who provide for others; customers find nothing there."""

    for_providers = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let pass who provides for others."""
        super().initial(request, *args, **kwargs)
        require_provider(actor_of(request))


class _Replayed(Exception):
    def __init__(self, told: idempotency.Told) -> None:
        self.told = told


class _Made(Exception):
    def __init__(self, made: Sequence[tuple[str, UUID]]) -> None:
        self.made = made


def page_size(request: Request) -> int:
    """How many entries of a list are asked for.

    Raises:
        Problem: not so many, or not so few.

    """
    asked = request.query_params.get("limit", str(USUAL_IN_A_LIST))
    if _SIZE.fullmatch(asked) and 1 <= int(asked) <= MOST_IN_A_LIST:
        return int(asked)
    detail = f"A list has 1 to {MOST_IN_A_LIST} entries at once."
    raise Problem(400, [Fault("limit_invalid", detail, "limit")])


def listed(entries: Iterable[Any], next_cursor: str = "") -> Response:
    """A page of a list."""
    return Response(
        {"data": list(entries), "has_more": bool(next_cursor), "next_cursor": next_cursor or None}
    )


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What a body says, as the serializer reads it.

    Raises:
        ValidationError: with everything that is wrong.

    """
    in_json = not isinstance(request.data, QueryDict)  # in forms all is text
    return read_body(serializer, request.data, typed=in_json)


def read_body(
    serializer: type[serializers.Serializer[Any]], data: Any, *, typed: bool
) -> dict[str, Any]:
    """What was said, as the serializer reads it; with ``typed`` all must be of its own type.

    Raises:
        ValidationError: with everything that is wrong.

    """
    with suppress(serializers.ValidationError):
        return dict(_reader(serializer, typed).run_validation(data))
    told = serializer(data=data, context={"typed": typed})  # which tells what is wrong in full
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


@cache
def _reader(
    serializer: type[serializers.Serializer[Any]],
    typed: bool,  # noqa: FBT001 (a key)
) -> serializers.Serializer[Any]:
    """One for all bodies, as it keeps nothing of them: to make one takes longer than to read."""
    return serializer(context={"typed": typed})


def text_id(key: UUID | None) -> str | None:
    """An id as text; None where there is none."""
    return str(key) if key is not None else None


class Strict(serializers.Serializer[Any]):
    """A body whose every member is known; ``typed`` in its context, and of the type it says."""

    def to_internal_value(self, data: Any) -> Any:
        """The members as they are read.

        Raises:
            ValidationError: one is not known, or not right.

        """
        if isinstance(data, Mapping):
            unknown = {
                str(name): [serializers.ErrorDetail("There is no such parameter.", code="unknown")]
                for name in data
                if name not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown)
            if self.context.get("typed"):
                _require_types(self.fields, data)
        return super().to_internal_value(data)


class Nothing(Strict):
    """A body that says nothing."""


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponseBase:
    """Serve an address that only has a slash too many at its end; else say that nothing is here."""
    bare = request.path_info.rstrip("/")
    if bare != request.path_info:
        found = resolve(bare)
        if found.func is not nothing_here:
            return found.func(request, *found.args, **found.kwargs)  # type: ignore[no-any-return]
    return _NothingHere.as_view()(request)


def _require_types(fields: Mapping[str, Any], data: Mapping[Any, Any]) -> None:
    """Refuse what is of another type than the schema says.

    Raises:
        ValidationError: with each member that is.

    """
    wrong = {}
    for name, value in data.items():
        told = next((says for of, type_, says in _TYPES if isinstance(fields[name], of)
                     and not _is(value, type_)), "")  # fmt: skip
        if told and value is not None:
            wrong[name] = [serializers.ErrorDetail(told, code="type_wrong")]
    if wrong:
        raise serializers.ValidationError(wrong)


def _is(value: Any, of: type) -> bool:
    """Whether JSON has it so: no truth is a number, and 5.0 is a whole one."""
    return type(value) is of or (of is int and isinstance(value, float) and value.is_integer())


_TYPES: Final = (
    (serializers.CharField, str, "This must be a text."),
    (serializers.IntegerField, int, "This must be a whole number."),
    (serializers.BooleanField, bool, "This must be true or false."),
    (serializers.UUIDField, str, "This must be an id, as text."),
)


class _NothingHere(Resource):
    authentication_classes: tuple[type[TokenAuthentication], ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say that there is nothing, whoever asks.

        Raises:
            NotThere: always.

        """
        del args, kwargs
        request.id = at_work().get("request") or new_request()  # type: ignore[attr-defined]
        raise NotThere


def _require_known(given: Iterable[str], known: Iterable[str]) -> None:
    plain = {*known} - {"metadata"}  # which is told entry by entry
    faults = [
        Fault("parameter_unknown", "There is no such parameter.", name)
        for name in given
        if name not in plain and not ("metadata" in known and _ENTRY.fullmatch(name))
    ]
    if faults:
        raise Problem(400, faults)


def _under(actor: Actor, token: UUID) -> Actor:
    """The actor, whose work is noted under a key."""
    return replace(actor, request_key=token)


def _as_text(response: Response) -> str:
    body = response.rendered_content if response.data is not None else b""
    location = response.headers.get("Location", "")
    return json.dumps({"location": location, "body": body.decode() if body else ""})


def _replay(told: idempotency.Told) -> HttpResponse:
    """The answer of the first request once more."""
    kept = json.loads(told.answer)
    again = HttpResponse(kept["body"], status=told.status, content_type="application/json")
    if kept["location"]:
        again["Location"] = kept["location"]
    again["Idempotent-Replayed"] = "true"
    return again
