"""What is typed for a carrier, read as its kind's settings ask; secrets apart from the rest."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import moments
from accounts.reach import may_ask, read_url
from faxes.carriers.settings import CarrierSettings, Option, OptionKind
from faxes.enums import ErrorCode
from faxes.errors import FetchError, RequestError
from faxes.fetch import check_url
from faxes.wording import SETTING_FAULTS, sentence

LONGEST: Final = 2000
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Values:
    """The settings of a carrier, as they are kept."""

    options: dict[str, Any]
    secrets: dict[str, Any]


def defaults_of(settings_class: type[CarrierSettings]) -> dict[str, Any]:
    """What settings are that nobody fills in, by name."""
    known = {each.name: each.default for each in fields(settings_class)}
    return {name: value for name, value in known.items() if value is not MISSING}


def read_values(
    settings_class: type[CarrierSettings],
    typed: Mapping[str, Any],
    *,
    kept: Mapping[str, Any],
) -> Values:
    """The settings that were typed, by name; a secret left empty stays as it is in ``kept``.

    Raises:
        RequestError: one is missing or cannot be right; its ``field`` is the setting's name.

    """
    options: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    for each in fields(settings_class):
        option: Option = each.metadata["option"]
        value = _read(each, option, typed.get(each.name))
        if option.kind == OptionKind.SECRET:
            secrets[each.name] = value or kept.get(each.name, "")
            value = secrets[each.name]
        else:
            options[each.name] = value
        if option.required and value in {"", None}:
            raise RequestError(
                ErrorCode.CARRIER_SETTING_MISSING, field=each.name, setting=_(option.label)
            )
    try:
        settings_class(**options, **secrets)
    except (TypeError, ValueError):
        name, option = _first(settings_class)
        raise _wrong(name, option, SETTING_FAULTS["refused"]) from None
    return Values(options, secrets)


def changed(before: Values, after: Values) -> list[str]:
    """The names of the settings that differ, secrets included."""
    old, new = {**before.options, **before.secrets}, {**after.options, **after.secrets}
    return sorted(name for name in new if old.get(name) != new[name])


def _first(settings_class: type[CarrierSettings]) -> tuple[str, Option]:
    first = fields(settings_class)[0]
    return first.name, first.metadata["option"]


def _read(each: Field[Any], option: Option, typed: Any) -> Any:
    if option.kind == OptionKind.SWITCH:
        return bool(typed)
    text = "" if typed is None else str(typed).strip()
    if len(text) > LONGEST:
        raise _wrong(each.name, option, SETTING_FAULTS["too_long"])
    if not text.isprintable():
        raise _wrong(each.name, option, SETTING_FAULTS["unprintable"])
    if not text:
        empty = "" if each.default is MISSING else each.default
        return "" if option.kind == OptionKind.SECRET else empty
    match option.kind:
        case OptionKind.URL:
            return _url(each.name, option, text)
        case OptionKind.HOST:
            return _host(each.name, option, text)
        case OptionKind.NUMBER:
            return _number(each.name, option, text)
        case _:
            return text


def _url(name: str, option: Option, text: str) -> str:
    try:
        return check_url(text, allowed=settings.FETCH_ALLOW)
    except FetchError as error:
        raise _wrong(name, option, sentence(error)) from None


def _host(name: str, option: Option, text: str) -> str:
    """A host name or an address; which of the name's addresses may be reached shows later."""
    target = read_url(f"http://[{text}]/" if ":" in text else f"http://{text}/")
    if target is None or target.path != "/" or target.port != 80:  # noqa: PLR2004 (of http)
        raise _wrong(name, option, SETTING_FAULTS["no_host"])
    if not may_ask(target, allowed=settings.FETCH_ALLOW):
        raise _wrong(name, option, SETTING_FAULTS["not_allowed"])
    return target.host


def _number(name: str, option: Option, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > _MOST:
        raise _wrong(
            name,
            option,
            str(SETTING_FAULTS["no_number"]).format(least=0, most=moments.count(_MOST)),
        )
    return int(text)


def _wrong(name: str, option: Option, reason: object) -> RequestError:
    return RequestError(
        ErrorCode.CARRIER_SETTING_INVALID, field=name, setting=_(option.label), reason=str(reason)
    )
