"""The forms about carriers and routes; a carrier's is made from what its kind asks for."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts import figures
from accounts.portal.money_fields import WholeField, which_of
from faxes.carriers.settings import Option, OptionKind
from faxes.services.carrier_routes import LAST_PRIORITY, RouteForm
from faxes.services.carrier_settings import MOST_CHANNELS, NAME_LENGTH, CarrierForm, Kind
from faxes.services.carrier_values import LONGEST

_PREFIX: Final = "set_"  # so that no setting is called as a field of all carriers is
_UNSEEN: Final = {"autocomplete": "new-password", "spellcheck": "false"}
_PLAIN: Final = {"autocomplete": "off", "spellcheck": "false"}
_KEPT: Final = lazy("Leave it empty to keep the one that is there.")
DEFAULT_CHANNELS: Final = 8


class SettingsForm(forms.Form):
    """A carrier's name and calls at once, and the settings of its kind."""

    name = forms.CharField(
        label=lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=lazy("What you call it; people see it beside their faxes."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    channels = WholeField(
        label=lazy("Calls at once"),
        min_value=1,
        max_value=MOST_CHANNELS,
        initial=DEFAULT_CHANNELS,
        help_text=lazy("How many faxes it is given at the same time."),
    )

    def __init__(self, *args: Any, kind: Kind, editing: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        for name, option in kind.options.items():
            self.fields[_PREFIX + name] = _field(option, editing=editing)

    def typed(self) -> CarrierForm:
        """What was typed, as the service takes it."""
        values = {name: self.cleaned_data[_PREFIX + name] for name in self.kind.options}
        return CarrierForm(
            name=self.cleaned_data["name"],
            channels=self.cleaned_data["channels"],
            values=values,
        )

    def tell(self, field: str, words: str) -> None:
        """Put an error beside the field that it is about, or above all."""
        known = next((each for each in (field, _PREFIX + field) if each in self.fields), None)
        self.add_error(known, words)


def known_of(name: str, channels: int, options: dict[str, Any]) -> dict[str, Any]:
    """What a form begins with for a carrier that is there: everything but its secrets."""
    settings = {_PREFIX + each: value for each, value in options.items()}
    return {"name": name, "channels": channels, **settings}


class RouteFields(forms.Form):
    """A way out."""

    carrier = forms.ChoiceField(label=lazy("Carrier"))
    prefix = forms.CharField(  # type: ignore[assignment]  # Django takes it out of the class
        label=lazy("Numbers that begin with"),
        max_length=24,
        required=False,
        help_text=lazy("Such as +1 or +44 20. Empty: all numbers."),
        widget=forms.TextInput(attrs={"inputmode": "tel", **_PLAIN}),
    )
    priority = WholeField(
        label=lazy("Priority"),
        min_value=0,
        max_value=LAST_PRIORITY,
        initial=10,
        help_text=lazy("The lowest is tried first."),
    )
    cost = forms.CharField(
        label=lazy("Cost of a page"),
        max_length=12,
        required=False,
        help_text=lazy("Among equals the cheapest goes first. May be empty."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", **_PLAIN}),
    )
    enabled = forms.BooleanField(label=lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, carriers: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["carrier"].choices = carriers  # type: ignore[attr-defined]

    def clean_cost(self) -> str:
        """The cost as a plain figure; nothing if it is empty."""
        written = self.cleaned_data["cost"]
        try:
            return f"{figures.typed(written):f}" if written else ""
        except figures.UnclearFigure as unclear:
            raise forms.ValidationError(which_of(unclear)) from None
        except figures.NoFigure:
            return str(written)  # the service says what is wrong with it

    def typed(self) -> RouteForm:
        """What was typed, as the service takes it."""
        return RouteForm(
            carrier_id=UUID(self.cleaned_data["carrier"]),
            prefix=self.cleaned_data["prefix"],
            priority=self.cleaned_data["priority"],
            cost=self.cleaned_data["cost"],
            enabled=self.cleaned_data["enabled"],
        )


def _field(option: Option, *, editing: bool) -> forms.Field:
    """The field that asks for a setting; what it must be like is the service's to say."""
    label, told = _(option.label), _(option.help) if option.help else ""
    match option.kind:
        case OptionKind.SWITCH:
            return forms.BooleanField(label=label, help_text=told, required=False)
        case OptionKind.SECRET:
            return forms.CharField(
                label=label,
                help_text=" ".join(filter(None, [told, str(_KEPT) if editing else ""])),
                required=option.required and not editing,
                max_length=LONGEST,
                widget=forms.PasswordInput(attrs=_UNSEEN),
            )
        case OptionKind.NUMBER:
            shown: dict[str, Any] = {"inputmode": "numeric", **_PLAIN}
        case OptionKind.URL:
            shown = {"inputmode": "url", **_PLAIN}
        case _:
            shown = dict(_PLAIN)
    return forms.CharField(
        label=label,
        help_text=told,
        required=option.required,
        max_length=LONGEST,
        widget=forms.TextInput(attrs=shown),
    )
