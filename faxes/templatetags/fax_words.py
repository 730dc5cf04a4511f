"""What templates say of faxes: numbers as people read them, times in plain words, icons."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, pgettext_lazy
from django.utils.translation import gettext as _

from accounts import clock, moments
from accounts.errors import NotAllowed
from accounts.services.sending import has_chosen
from faxes import phone
from faxes.enums import Outcome
from faxes.queries.approvals import MOST, held_count
from faxes.queries.faxes import unread_count
from faxes.services.approval import may_approve
from faxes.wording import OUTCOMES

register = template.Library()
_WEEK = timedelta(days=6)
_MINUTE = 60
_RESOLUTIONS: Final[Mapping[str, Promise]] = {
    "standard": pgettext_lazy("resolution", "standard"),
    "fine": pgettext_lazy("resolution", "fine"),
    "superfine": pgettext_lazy("resolution", "superfine"),
}
# Pictures that point along the text: where it runs from right to left, they are mirrored.
_WITH_A_DIRECTION = frozenset({"left", "right", "forward", "reply", "leave"})
# Around what runs from left to right wherever it stands (Unicode's isolates).
_ISOLATED = "\u2066{}\u2069"
_APART = "\u2068{}\u2069"


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A picture from the sprite, for the eye only: words stand beside it or in its button."""
    return format_html(
        '<svg class="icon {}{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        "mirrors " if name in _WITH_A_DIRECTION else "",
        extra,
        static("icons.svg"),
        name,
    )


@register.filter
def readable(e164: str, country: str = "") -> str:
    """A number as people read it."""
    written = phone.readable(e164, country=country)
    return _ISOLATED.format(written) if written and get_language_bidi() else written


@register.filter
def apart(text: str) -> str:
    """A name or a number inside a sentence that may run the other way than it does."""
    return _APART.format(text) if text and get_language_bidi() else text


@register.simple_tag
def plain_time(moment: datetime) -> SafeString:
    """A moment in plain words, exact on hover."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        exactly(moment),
        plainly(moment, clock.now()),
    )


@register.filter
def exactly(moment: datetime) -> str:
    """A moment to the second, with its zone."""
    return moments.tell(timezone.localtime(moment), "weekday-long+seconds+zone")


@register.filter(expects_localtime=True, name="moment")
def in_words(moment: date | None, how: str) -> str:
    """A day or time as the reader's language writes it (``accounts.moments``)."""
    return moments.tell(moment, how) if moment else ""


@register.filter
def count(number: int) -> str:
    """A whole number as the reader's language writes it."""
    return moments.count(number)


def plainly(moment: datetime, now: datetime) -> str:
    """The hour today, else the day; as much as is needed to know which is meant."""
    local, today = timezone.localtime(moment), timezone.localtime(now)
    hour = moments.tell(local, "time")
    if local.date() == today.date():
        return hour
    if local.date() == today.date() - timedelta(days=1):
        return _("Yesterday, {time}").format(time=hour)
    if local.date() == today.date() + timedelta(days=1):
        return _("Tomorrow, {time}").format(time=hour)
    if timedelta() < today.date() - local.date() <= _WEEK:
        return moments.tell(local, "day-name+time")
    if local.year == today.year:
        return moments.tell(local, "brief")
    return moments.tell(local, "short")


@register.filter
def lasting(seconds: float | None) -> str:
    """How long something took: “48 s”, “2 min 5 s”."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < _MINUTE:
        return _("{seconds} s").format(seconds=whole)
    return _("{minutes} min {seconds} s").format(minutes=whole // _MINUTE, seconds=whole % _MINUTE)


@register.filter
def monogram(name: str) -> str:
    """The first letters of a name's first two words."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def short_id(key: UUID) -> str:
    """The last characters of a key: enough to tell one fax from another on the phone."""
    return str(key)[-8:].upper()


@register.simple_tag(takes_context=True)
def unread(context: Context) -> str:
    """How many arrivals of the account at hand nobody has read; empty for none.

    Counted once for a page, which tells it in several places.
    """
    actor, request = context.get("actor"), context.get("request")
    if actor is None or request is None:
        return ""
    if not hasattr(request, "unread_arrivals"):
        try:
            count = unread_count(actor)
        except NotAllowed:
            count = 0
        request.unread_arrivals = str(count) if count else ""
    return str(request.unread_arrivals)


@register.simple_tag(takes_context=True)
def held(context: Context) -> str:
    """How many faxes wait for an approval that the actor may give; empty for none.

    Counted once for a page, and only where the account ever chose that some wait.
    """
    actor, account = context.get("actor"), context.get("account")
    request = context.get("request")
    if actor is None or account is None or request is None:
        return ""
    if not hasattr(request, "held_faxes"):
        asked = has_chosen(account) and may_approve(actor, account=account)
        count = held_count(actor) if asked else 0
        request.held_faxes = f"{MOST}+" if count > MOST else str(count or "")
    return str(request.held_faxes)


@register.filter
def outcome(value: str) -> str:
    """How a try came out, in words."""
    return str(OUTCOMES[Outcome(value)])


@register.filter
def resolution(value: str) -> str:
    """How fine the lines of a page are, in a word."""
    return str(_RESOLUTIONS.get(value, value))


@register.filter
def zone_words(zone: str) -> str:
    """A time zone by its city: “America/New_York” is “New York”."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


@register.filter
def get(mapping: Mapping[str, object], key: str) -> object:
    """What a mapping holds under a key that a template cannot write with a dot."""
    return mapping.get(key, "")


@register.filter
def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


@register.filter
def to_the_second(moment: datetime) -> str:
    """A moment as a table of calls tells it."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"
