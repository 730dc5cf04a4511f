"""What happens to faxes as this dialect's webhooks tell it: unsigned, in any verb and format."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from faxes import mail_words, phone
from faxes.api.kazoo.envelope import VERSION, cluster_id
from faxes.api.kazoo.states import result_of
from faxes.enums import Happening
from faxes.services.dialects import News, Posting
from faxes.wire import kazoo as wire
from faxes.wire.kazoo import gregorian

if TYPE_CHECKING:
    from faxes.models import Fax, InboundMail

# The hooks that fire, with the types that each can be narrowed to.
INBOUND: Final = (Happening.CAME_IN, Happening.CAME_IN_BROKEN)
OUTBOUND: Final = (Happening.WENT_OUT, Happening.NEVER_WENT_OUT)
HOOKS: Final[Mapping[str, tuple[Happening, ...]]] = {
    "notifications": tuple(Happening),
    "inbound_fax": INBOUND,
    "outbound_fax": OUTBOUND,
}
# What filters a hook is no part of what is told.
_STRIPPED: Final = frozenset({"type", "action"})


def posting(news: News) -> Posting:
    """The request that tells it: JSON, or a form, which is the query of a GET."""
    told = payload(news)
    headers = {"X-Hook-ID": news.hook_id.hex, "X-Account-ID": news.listener_id.hex}
    verb = str(news.options.get("verb", "post")).upper()
    if verb == "GET":
        parts = urlsplit(news.url)
        query = "&".join(filter(None, (parts.query, _form(told))))
        return Posting("GET", urlunsplit(parts._replace(query=query)), headers, None)
    if news.options.get("format") == "json":
        headers["Content-Type"] = "application/json"
        return Posting(verb, news.url, headers, json.dumps(told).encode())
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Posting(verb, news.url, headers, _form(told).encode())


def payload(news: News) -> dict[str, Any]:
    """All members of an event; of what was deleted meanwhile just the ids."""
    told: dict[str, Any] = {
        "event_category": "notification",
        "event_name": news.happening.value,
        "app_name": "fax",
        "app_version": VERSION,
        "node": news.realm,
        "cluster_id": cluster_id(),
        "msg_id": news.message_id.hex,
        "account_id": news.account_id.hex,
        "timestamp": gregorian(news.at),
    }
    if news.mail is not None:
        told |= _of_mail(news, news.mail)
    elif news.fax is not None:
        told |= _of_fax(news, news.fax)
    elif news.happening != Happening.MAIL_REFUSED:
        told |= {"fax_id": wire.of_month(news.object_id, news.at)}
    if news.options.get("hook") in {"inbound_fax", "outbound_fax"}:
        told = {**told.get("fax_info", {}), **told}  # these told it flat
    custom = news.options.get("custom_data") or {}
    told |= {name: value for name, value in custom.items() if name not in _STRIPPED}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _of_fax(news: News, fax: "Fax") -> dict[str, Any]:
    seen = phone.masked if news.masked else phone.whole
    sender, to = seen(fax.from_number), seen(fax.to_number)
    inbound = news.happening in INBOUND
    result = result_of(fax, news.attempt)
    told: dict[str, Any] = {
        "fax_id": wire.of_month(fax.pk, fax.created_at),
        "faxbox_id": fax.faxbox_id.hex,
        "owner_id": wire.plain(fax.faxbox.owner_id),
        "call_id": news.attempt.key.hex if news.attempt else fax.pk.hex,
        "caller_id_number": sender,
        "callee_id_number": to,
        "from_user": sender,
        "from_realm": news.realm,
        "to_user": to,
        "to_realm": news.realm,
        "fax_timestamp": gregorian(fax.finished_at or news.at),
    }
    if not inbound:
        told["fax_jobid"] = fax.pk.hex
    if not news.sees_content:
        known = ("success", "result_code", "total_pages", "transferred_pages", "time_elapsed")
        result = {name: result[name] for name in known if name in result}
    else:
        told |= {"caller_id_name": fax.from_name, "callee_id_name": fax.to_name}
        box = fax.faxbox
        addresses = [*(box.inbound_emails if inbound else box.outbound_emails), *fax.notify]
        told["fax_notifications"] = {"email": {"send_to": addresses}} if addresses else None
    told["fax_info"] = result
    if news.happening in {Happening.CAME_IN_BROKEN, Happening.NEVER_WENT_OUT}:
        told |= {
            "fax_error": result.get("result_text", ""),
            "fax_result_code": result.get("result_code"),
        }
    return told


def _of_mail(news: News, mail: "InboundMail") -> dict[str, Any]:
    seen = phone.masked if news.masked else phone.whole
    told: dict[str, Any] = {
        "faxbox_id": wire.plain(mail.faxbox_id),
        "faxbox_name": mail.faxbox.name if mail.faxbox else "",
        "owner_id": wire.plain(mail.owner_id),
        "number": seen(mail.number),
        "timestamp": gregorian(mail.created_at),
    }
    if news.sees_content:
        told |= {
            "errors": [mail_words.for_programs(each) for each in mail.errors],
            "fax_from_email": mail.sender,
            "fax_to_email": mail.recipient,
            "original_number": mail.number_given,
        }
    return told


def _form(told: Mapping[str, Any]) -> str:
    return urlencode(list(_pairs(told)))


def _pairs(told: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of a form; what is within something is written in brackets."""
    for name, value in told.items():
        key = f"{within}[{name}]" if within else name
        if isinstance(value, Mapping):
            yield from _pairs(value, key)
        elif isinstance(value, list):
            yield from ((f"{key}[]", str(each)) for each in value)
        elif isinstance(value, bool):
            yield key, "true" if value else "false"
        elif value is not None:
            yield key, str(value)
