"""Faxboxes: the account's fax machines, each told and changed as one document."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from rest_framework.request import Request

from faxes.api.kazoo.base import KazooView
from faxes.api.kazoo.documents import at, merged, place, put, rest_of
from faxes.api.kazoo.envelope import Answer
from faxes.api.kazoo.errors import BadIdentifier, Invalid
from faxes.api.kazoo.lists import listed
from faxes.api.kazoo.validation import require_valid
from faxes.enums import ErrorCode
from faxes.errors import FaxError, FaxNotFound, InvalidRequest
from faxes.queries.numbers import faxbox_for, own_faxboxes
from faxes.services import faxboxes
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.wire.kazoo import gregorian, plain, read_plain
from faxes.wording import sentence

if TYPE_CHECKING:
    from faxes.models import Faxbox

_TEXT: Final = {"type": "string", "maxLength": 2000}
_TRIES: Final = {"type": "integer", "minimum": 0, "maximum": 4}
_OBJECT: Final = {"type": "object"}
_SEND_TO: Final = {
    "type": "object",
    "properties": {"send_to": {"type": ["string", "array"], "items": _TEXT}},
}
_CALLBACK: Final = {
    "type": "object",
    "properties": {
        "url": {"type": "string", "pattern": "^https?://"},
        "method": {"type": "string", "enum": ["post", "put"]},
        "type": {"type": "string", "enum": ["json", "www-url-form-encoded"]},
    },
}
_TOLD: Final = {
    "type": "object",
    "properties": {"email": _SEND_TO, "sms": _SEND_TO, "callback": _CALLBACK},
}
_SCHEMA: Final = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 128},
        **dict.fromkeys(("caller_id", "caller_name", "fax_header", "fax_identity"), _TEXT),
        "fax_timezone": _TEXT,
        "attempts": _TRIES,
        "retries": _TRIES,
        "custom_smtp_email_address": _TEXT,
        "smtp_permission_list": {"type": "array", "items": _TEXT},
        "notifications": {
            "type": "object",
            "properties": {"inbound": _TOLD, "outbound": _TOLD},
        },
        "media": {"type": "object", "properties": {"fax_option": {"type": "boolean"}}},
        "flags": {"type": "array", "items": _TEXT},
        "owner_id": {"type": "string", "minLength": 32, "maxLength": 32},
    },
}
# What is written if nothing is said.
_DEFAULTS: Final = {
    "caller_name": "Kazoo Fax Printer",
    "fax_header": "Kazoo Fax Printer",
    "retries": 1,
}
# Terms of fax machines, by where they stand in the document.
_TERMS: Final[Mapping[str, str]] = {
    "name": "name",
    "caller_id": "caller_number",
    "caller_name": "caller_name",
    "fax_header": "header",
    "fax_identity": "station_id",
    "fax_timezone": "time_zone",
    "retries": "retries",
    "custom_smtp_email_address": "mail_address",
    "smtp_permission_list": "mail_senders",
    "notifications.inbound.email.send_to": "inbound_emails",
    "notifications.inbound.sms.send_to": "inbound_sms",
    "notifications.inbound.callback": "inbound_callback",
    "notifications.outbound.email.send_to": "outbound_emails",
    "notifications.outbound.sms.send_to": "outbound_sms",
    "notifications.outbound.callback": "outbound_callback",
}
_LISTS: Final = frozenset(path for path in _TERMS if path.endswith("send_to"))
_PATHS: Final = {term: path for path, term in _TERMS.items()} | {"owner_id": "owner_id"}
# Clients of this dialect expect the pages in mails, and have no word for anything else.
_MAIL_PAGES: Final = "pdf"
# Ours to say, whatever a client says; and what a client's pages write of themselves.
_OURS: Final = ("id", "smtp_email_address", "attempts", "_read_only", "ui_metadata")


class Faxboxes(KazooView):
    """All fax machines of an account."""

    def get(self, request: Request) -> Answer:
        """The fax machines, by their names."""
        return listed(request, [document_of(each) for each in own_faxboxes(self.actor)])

    def put(self, request: Request) -> Answer:
        """One more fax machine."""
        del request
        terms = _terms(_whole(self.data), mail_pages=_MAIL_PAGES)
        made = _written(lambda: faxboxes.create_faxbox(self.actor, terms=terms), self.data)
        told = document_of(made)
        return Answer(told, location=place(made.account_id, "faxboxes", told["id"]))


class OneFaxbox(KazooView):
    """One fax machine."""

    def get(self, request: Request, faxbox: str) -> Answer:
        """The fax machine."""
        del request
        return Answer(document_of(self._found(faxbox)))

    def post(self, request: Request, faxbox: str) -> Answer:
        """The fax machine is what the document says, and nothing else."""
        del request
        document = _whole(self.data)
        return self._change(faxbox, lambda _: document)

    def patch(self, request: Request, faxbox: str) -> Answer:
        """What the document says of it changes."""
        del request
        data = self.data
        return self._change(faxbox, lambda held: merged(document_of(held), data))

    def delete(self, request: Request, faxbox: str) -> Answer:
        """Take it out of use."""
        del request
        found = self._found(faxbox)
        faxboxes.delete_faxbox(self.actor, faxbox_id=found.pk)
        return Answer({**document_of(found), "_read_only": {"deleted": True}})

    def _found(self, written: str) -> "Faxbox":
        return faxbox_of(self, written)

    def _change(self, faxbox: str, document: Callable[["Faxbox"], Mapping[str, Any]]) -> Answer:
        found, said = self._found(faxbox), dict[str, Any]()

        def terms(held: "Faxbox") -> FaxboxTerms:
            said.update(document(held))
            return _terms(said, mail_pages=held.mail_pages, mail_cover=held.mail_cover)

        changed = _written(
            lambda: faxboxes.change_faxbox(self.actor, faxbox_id=found.pk, terms=terms), said
        )
        return Answer(document_of(changed))


def faxbox_of(view: KazooView, written: str) -> "Faxbox":
    """The fax machine of an id in an address.

    Raises:
        BadIdentifier: there is none that the asker may know of.

    """
    key = read_plain(written)
    if key is None:
        raise BadIdentifier(written)
    try:
        return faxbox_for(view.actor, key)
    except FaxNotFound:
        raise BadIdentifier(written) from None


def document_of(faxbox: "Faxbox") -> dict[str, Any]:
    """A fax machine as this dialect tells it."""
    held = faxboxes.terms_of(faxbox)
    told: dict[str, Any] = {"attempts": 0}
    for path, term in _TERMS.items():
        value = held[term]
        put(told, path, list(value) if isinstance(value, tuple) else value)
    put(told, "owner_id", plain(faxbox.owner_id))
    ours = {
        "id": plain(faxbox.pk),
        "smtp_email_address": faxboxes.mail_addresses_of(faxbox).domain,
        "smtp_permission_list": list(faxbox.mail_senders),
        "created": gregorian(faxbox.created_at),
    }
    return merged(merged(faxbox.echo, told), ours)


def _whole(data: Mapping[str, Any]) -> dict[str, Any]:
    """A document that says everything: what it does not say is as usual."""
    return {**_DEFAULTS, **{name: value for name, value in data.items() if value is not None}}


def _terms(document: Mapping[str, Any], *, mail_pages: str, mail_cover: str = "") -> FaxboxTerms:
    """What a document says that a fax machine is; this dialect has no words for the others.

    Raises:
        Invalid: it is not as the schema says.

    """
    require_valid(document, _SCHEMA)
    said = {term: at(document, path) for path, term in _TERMS.items()}
    for path in _LISTS:
        if isinstance(value := said[_TERMS[path]], str):
            said[_TERMS[path]] = [value]
    owner = document.get("owner_id")
    if owner and read_plain(owner) is None:
        raise Invalid({"owner_id": {"invalid": {"message": "This is no id of a user"}}})
    return FaxboxTerms(
        **{term: value for term, value in said.items() if value is not None},
        owner_id=read_plain(owner) if owner else None,
        echo=rest_of(document, [*_TERMS, *_OURS, "owner_id", "created"]),
        mail_pages=mail_pages,
        mail_cover=mail_cover,
    )


def _written(write: Any, document: Mapping[str, Any]) -> Any:
    """What was written, or what is wrong with it by the names of the document.

    Raises:
        Invalid

    """
    try:
        return write()
    except InvalidRequest as wrong:
        fields: dict[str, dict[str, Any]] = {}
        for error in wrong.errors:
            name, code, told = _fault(error, document)
            fields.setdefault(name, {})[code] = told
        raise Invalid(fields) from None


def _fault(error: FaxError, document: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Field, code and words of one thing that is wrong."""
    path = _PATHS.get(error.field, error.field or "data")
    if error.code == ErrorCode.MAIL_ADDRESS_TAKEN:
        told = {"message": "email address must be unique", "cause": at(document, path)}
        return path, "unique", told
    return path, "invalid", {"message": sentence(error), "cause": error.code.value}
