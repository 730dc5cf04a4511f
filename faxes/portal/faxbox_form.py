"""The form of a fax machine: everything that it has, in everyday words."""

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.zones import zone_choices
from faxes.services.extensions import LONGEST
from faxes.services.faxbox_terms import CALLBACK_METHODS, CALLBACK_TYPES, NAME_LENGTH, NUMBER_LENGTH
from faxes.services.order import MOST_RETRIES

_BETWEEN: Final = re.compile(r"[,;\n\r]+")
_LINES: Final = re.compile(r"[\n\r]+")
_LONGEST_LIST: Final = 30_000
_LISTS: Final = (
    "mail_senders",
    "inbound_emails",
    "inbound_sms",
    "outbound_emails",
    "outbound_sms",
)
_WAYS: Final = ("inbound", "outbound")
_PAGES: Final = (
    ("link", lazy("A link, and no pages")),
    ("pdf", lazy("The pages as PDF")),
    ("tiff", lazy("The pages as TIFF")),
    ("both", lazy("The pages as PDF and as TIFF")),
)
_TYPES: Final = {"json": lazy("JSON"), "www-url-form-encoded": lazy("A web form")}


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=_LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )


def _callback_url(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


class FaxboxForm(forms.Form):
    """What a fax machine has. Lists are written one to a line."""

    name = forms.CharField(label=lazy("Name"), max_length=NAME_LENGTH)
    extension = forms.CharField(
        label=lazy("Extension"),
        max_length=LONGEST,
        required=False,
        help_text=lazy(
            "Digits by which programs and your other fax machines name this one. Empty: the next "
            "that is free."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    owner_id = forms.ChoiceField(
        label=lazy("Whose is it?"),
        required=False,
        help_text=lazy("They are told of faxes that come in, and may fax from their own address."),
    )
    caller_name = forms.CharField(
        label=lazy("Name of the sender"),
        max_length=NAME_LENGTH,
        required=False,
        help_text=lazy("Who its faxes say they are from."),
    )
    caller_number = forms.CharField(
        label=lazy("Number of the sender"),
        max_length=NUMBER_LENGTH,
        required=False,
        help_text=lazy("One of your numbers. Empty: the first that leads here."),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    station_id = forms.CharField(
        label=lazy("Station id"),
        max_length=20,
        required=False,
        help_text=lazy("What other fax machines show; most often the number. Empty: the number."),
    )
    header = forms.CharField(
        label=lazy("Header line"),
        max_length=50,
        required=False,
        help_text=lazy("Printed above every page that is sent, with time and page. Empty: none."),
    )
    time_zone = forms.ChoiceField(
        label=lazy("Time zone"), required=False, help_text=lazy("The clock of the header line.")
    )
    retries = forms.TypedChoiceField(
        label=lazy("Further tries if a fax does not get through"),
        required=False,
        coerce=int,
        empty_value=None,
    )
    mail_address = forms.CharField(
        label=lazy("A mail address or domain of your own"),
        max_length=254,
        required=False,
        help_text=lazy("Mails to it must be led to this portal by whoever runs the domain."),
        widget=forms.TextInput(attrs={"inputmode": "email", "spellcheck": "false"}),
    )
    mail_senders = _lines(
        lazy("Who may fax by mail"),
        lazy(
            "One address a line, @example.com for everybody there, or a pattern. With none, only "
            "the person whose machine it is."
        ),
    )
    mail_cover = forms.ChoiceField(
        label=lazy("Cover page of faxes by mail"),
        required=False,
        help_text=lazy("The subject of the mail stands on it."),
    )
    mail_pages = forms.ChoiceField(
        label=lazy("What mails about faxes carry"),
        choices=_PAGES,
        required=False,
        help_text=lazy("Mails travel openly. A link shows pages only to who signs in."),
    )
    inbound_emails = _lines(lazy("Mail addresses"), lazy("One a line."))
    inbound_sms = _lines(lazy("Mobile numbers for text messages"), lazy("One a line."))
    inbound_url = _callback_url(lazy("Address of a program"))
    inbound_method = _choice(lazy("Asked by"), [(each, each.upper()) for each in CALLBACK_METHODS])
    inbound_type = _choice(lazy("Told as"), [(each, _TYPES[each]) for each in CALLBACK_TYPES])
    outbound_emails = _lines(lazy("Mail addresses"), lazy("One a line."))
    outbound_sms = _lines(lazy("Mobile numbers for text messages"), lazy("One a line."))
    outbound_url = _callback_url(lazy("Address of a program"))
    outbound_method = _choice(lazy("Asked by"), [(each, each.upper()) for each in CALLBACK_METHODS])
    outbound_type = _choice(lazy("Told as"), [(each, _TYPES[each]) for each in CALLBACK_TYPES])

    def __init__(
        self,
        *args: object,
        zone: str,
        people: Sequence[tuple[UUID, str]],
        covers: Sequence[tuple[str, str]],
        **more: object,
    ) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        # One of another name, by a program or from earlier, may stay; it is not offered.
        named = {str(each.get("time_zone")) for each in (self.data, self.initial)}
        kept = named & available_timezones()
        usual = _("The account's: {zone}").format(zone=zone.replace("_", " "))
        self._choose("time_zone", [("", usual), *zone_choices(*kept)])
        self._choose("owner_id", [("", _("Nobody's")), *((str(pk), who) for pk, who in people)])
        self._choose("mail_cover", [("", _("None")), *covers])
        tries = [(str(count), str(count)) for count in range(MOST_RETRIES + 1)]
        self._choose("retries", [("", _("As many as make sense")), *tries])

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """What was typed, by the names of ``FaxboxTerms``."""
        typed = dict(self.cleaned_data)
        for name in _LISTS:
            between = _LINES if name == "mail_senders" else _BETWEEN
            typed[name] = [each.strip() for each in between.split(typed[name]) if each.strip()]
        for way in _WAYS:
            typed[f"{way}_callback"] = {
                part: typed.pop(f"{way}_{part}") for part in ("url", "method", "type")
            }
        typed["owner_id"] = UUID(typed["owner_id"]) if typed["owner_id"] else None
        typed["mail_pages"] = typed["mail_pages"] or _PAGES[0][0]
        return typed


def shown(terms: dict[str, Any]) -> dict[str, Any]:
    """The terms of a fax machine as the form shows them."""
    initial = {name: value for name, value in terms.items() if name != "echo"}
    for name in _LISTS:
        initial[name] = "\n".join(initial[name])
    for way in _WAYS:
        for part, value in initial.pop(f"{way}_callback").items():
            initial[f"{way}_{part}"] = value
    return initial


def field_of(field: str) -> str:
    """The form's field for one of the terms, beside which is told what is wrong with it."""
    return f"{field.removesuffix('_callback')}_url" if field.endswith("_callback") else field
