"""Webhooks of an account as this dialect has them, what they can hear of, and how they went."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from rest_framework.request import Request

from accounts.errors import NotThere, WebhookInvalid
from accounts.services import hooks
from accounts.services.hooks import HookTerms
from accounts.wording import sentence
from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.documents import at, merged, place, rest_of
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import BadIdentifier, Invalid
from faxes.api.kazoo.events import HOOKS
from faxes.api.kazoo.lists import listed
from faxes.api.kazoo.validation import require_valid
from faxes.enums import Happening
from faxes.wire.kazoo import gregorian, plain, read_plain

if TYPE_CHECKING:
    from accounts.models import WebhookEndpoint, WebhookTry

_SWITCH: Final = {"type": "boolean"}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 200}
_SCHEMA: Final = {
    "type": "object",
    "required": ["name", "uri", "hook"],
    "properties": {
        "name": _NAME,
        "uri": {"type": "string", "minLength": 1, "maxLength": 2000},
        "hook": {"type": "string", "enum": list(HOOKS)},
        "http_verb": {"type": "string", "enum": ["get", "post", "put"]},
        "format": {"type": "string", "enum": ["form-data", "json"]},
        "retries": {"type": "integer", "minimum": 0, "maximum": 4},
        "enabled": _SWITCH,
        "include_subaccounts": _SWITCH,
        "include_internal_legs": _SWITCH,
        "custom_data": {"type": "object"},
        "type": {"type": "string"},
    },
}
_DEFAULTS: Final = {
    "http_verb": "post",
    "format": "form-data",
    "retries": 2,
    "enabled": True,
    "include_subaccounts": False,
    "include_internal_legs": True,
}
_ALL: Final = "all"
_TYPES: Final = tuple(each.value for each in Happening)
_KNOWN: Final = (
    "name", "uri", "hook", "http_verb", "format", "retries", "enabled", "include_subaccounts",
    "custom_data", "type",
)  # fmt: skip
_OURS: Final = ("id", "disable_reason", "_read_only", "ui_metadata")
_DESCRIPTIONS: Final = {
    "notifications": "Faxes that came in or were sent, and what went wrong with them",
    "inbound_fax": "Inbound faxes (or errors if they occur)",
    "outbound_fax": "Outbound faxes (or errors if they occur)",
}
_MOST_CUSTOM: Final = 50
_LONGEST_CUSTOM: Final = 500


class Catalogue(KazooView):
    """What webhooks can hear of."""

    public = True

    def get(self, request: Request) -> Answer:
        """The hooks, with what each can be narrowed to."""
        return listed(request, [_described(hook) for hook in HOOKS])


class Webhooks(KazooView):
    """All webhooks of an account."""

    def get(self, request: Request) -> Answer:
        """The webhooks, the newest first."""
        return listed(request, [document_of(each) for each in hooks.hooks_for(self.actor)])

    def put(self, request: Request) -> Answer:
        """One more webhook."""
        del request
        terms = _terms({**_DEFAULTS, **self.data})
        told = document_of(_written(lambda: hooks.create_hook(self.actor, terms=terms)))
        return Answer(told, location=place(self.actor.account_id, "webhooks", told["id"]))


class OneWebhook(KazooView):
    """One webhook."""

    def get(self, request: Request, hook: str) -> Answer:
        """The webhook."""
        del request
        return Answer(document_of(self._found(hook)))

    def post(self, request: Request, hook: str) -> Answer:
        """The webhook is what the document says, and nothing else."""
        del request
        document = {**_DEFAULTS, **self.data}
        return self._change(hook, lambda _: document)

    def patch(self, request: Request, hook: str) -> Answer:
        """What the document says of it changes."""
        del request
        data = self.data
        return self._change(hook, lambda held: {**_DEFAULTS, **merged(document_of(held), data)})

    def delete(self, request: Request, hook: str) -> Answer:
        """Nothing more is sent to it."""
        del request
        found = self._found(hook)
        told = document_of(found)
        hooks.delete_hook(self.actor, hook_id=found.pk)
        return Answer({**told, "_read_only": {"deleted": True}})

    def _found(self, written: str) -> "WebhookEndpoint":
        return _hook(self, written)

    def _change(
        self, hook: str, document: Callable[["WebhookEndpoint"], Mapping[str, Any]]
    ) -> Answer:
        found = self._found(hook)
        changed = _written(
            lambda: hooks.change_hook(
                self.actor, hook_id=found.pk, change=lambda held: _terms(document(held))
            )
        )
        return Answer(document_of(changed))


class Attempts(KazooView):
    """How the last tries of an account's webhooks went, or of one of them."""

    def get(self, request: Request, hook: str = "") -> Answer:
        """The tries, the last one first."""
        only = _hook(self, hook).pk if hook else None
        tries = hooks.tries_for(self.actor, hook_id=only)
        return listed(request, [_attempt(hook_id.hex, each) for hook_id, each in tries])


def document_of(hook: "WebhookEndpoint") -> dict[str, Any]:
    """A webhook as this dialect tells it."""
    kept = hook.options
    told = {
        "id": plain(hook.pk),
        "name": hook.description,
        "uri": hook.url,
        "hook": kept.get("hook"),
        "http_verb": kept.get("verb"),
        "format": kept.get("format"),
        "retries": kept.get("retries"),
        "enabled": hook.enabled,
        "include_subaccounts": hook.with_below,
        "custom_data": kept.get("custom_data"),
        "type": kept.get("type"),
    }
    return {**kept.get("echo", {}), **{name: it for name, it in told.items() if it is not None}}


def _hook(view: KazooView, written: str) -> "WebhookEndpoint":
    key = read_plain(written)
    if key is None:
        raise BadIdentifier(written)
    try:
        return hooks.hook_for(view.actor, hook_id=key)
    except NotThere:
        raise BadIdentifier(written) from None


def _terms(document: Mapping[str, Any]) -> HookTerms:
    """What a document says that a webhook is.

    Raises:
        Invalid: it is not as the schema says.

    """
    document = {name: value for name, value in document.items() if value is not None}
    require_valid(document, _SCHEMA)
    custom = document.get("custom_data")
    if custom is not None:
        _require_flat(custom)
    return HookTerms(
        name=document["name"],
        url=document["uri"],
        words=_words(document),
        enabled=document["enabled"],
        with_below=document["include_subaccounts"],
        options={
            "hook": document["hook"],
            "verb": document["http_verb"],
            "format": document["format"],
            "retries": int(document["retries"]),
            "custom_data": custom,
            "type": document.get("type"),
            "echo": rest_of(document, [*_KNOWN, *_OURS]),
        },
    )


def _words(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What a webhook hears of: all of its hook, or the one type that it is narrowed to.

    Raises:
        Invalid: there is no such type.

    """
    words = tuple(each.value for each in HOOKS[document["hook"]])
    if document["hook"] != "notifications":
        return words
    for path in ("type", "custom_data.type"):
        wanted = at(document, path)
        if wanted in {None, _ALL}:
            continue
        if wanted not in words:
            told = {"message": "Value not found in enumerated list of values"}
            raise Invalid({path: {"enum": {**told, "target": [_ALL, *words], "value": wanted}}})
        return (wanted,)
    return words


def _require_flat(custom: Mapping[str, Any]) -> None:
    """Let pass data whose values are texts.

    Raises:
        Invalid

    """
    faults = {
        f"custom_data.{name}": {
            "type": {"message": "Value did not match type(s): string", "target": "string"}
        }
        for name, value in custom.items()
        if not isinstance(value, str) or len(value) > _LONGEST_CUSTOM
    }
    if len(custom) > _MOST_CUSTOM:
        told = {"message": f"Object must not have more than {_MOST_CUSTOM} members"}
        faults["custom_data"] = {"maxProperties": {**told, "target": str(_MOST_CUSTOM)}}
    if faults:
        raise Invalid(faults)


def _written(write: Any) -> Any:
    """What was written.

    Raises:
        Invalid: its address cannot be told.

    """
    try:
        return write()
    except WebhookInvalid as error:
        raise Invalid({"uri": {"invalid": {"message": sentence(error)}}}) from None


def _described(hook: str) -> dict[str, Any]:
    told: dict[str, Any] = {"id": hook, "name": hook, "description": _DESCRIPTIONS[hook]}
    if hook == "notifications":
        items = {each: {"friendly_name": each.replace("_", " ")} for each in (_ALL, *_TYPES)}
        told["modifiers"] = {"type": {"type": "object", "items": items}}
    return told


def _attempt(hook_id: str, tried: "WebhookTry") -> dict[str, Any]:
    told: dict[str, Any] = {"hook_id": hook_id, "timestamp": gregorian(tried.at)}
    if tried.status is None:
        return {**told, "result": "failure", "client_error": tried.error_code}
    good = tried.status in {200, 201}
    return {**told, "result": "success" if good else "failure", "response_code": tried.status}
