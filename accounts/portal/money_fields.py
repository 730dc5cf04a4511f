"""Fields for amounts of money and for whole numbers, as people of the language type them."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import figures
from accounts.errors import TermsInvalid
from accounts.services.amounts import MICRO, plain, typed

_LONGEST: Final = 20


class MoneyField(forms.CharField):
    """An amount; not below zero unless ``signed``. Empty is zero where it is not required."""

    def __init__(self, *, signed: bool = False, **more: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=_LONGEST, widget=forms.TextInput(attrs=attrs), **more)
        self.signed = signed

    def clean(self, value: Any) -> Any:
        """Micro-units of what was typed."""
        written = super().clean(value)
        if not written:
            return 0
        try:
            amount = typed(written)
        except figures.UnclearFigure as unclear:
            raise ValidationError(which_of(unclear)) from None
        except TermsInvalid:
            raise ValidationError(_("Write an amount in figures, such as 12.50.")) from None
        if amount < 0 and not self.signed:
            raise ValidationError(_("Write an amount that is not below zero."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        """Micro-units as figures of the language; what was typed as it was."""
        return figures.shown(plain(value)) if isinstance(value, int) else value


class WholeField(forms.IntegerField):
    """A whole number; digits, or the groups of three in which the language writes them.

    A field for text: one for numbers has the browser decide what "1.000" means.
    """

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        """The number that was typed."""
        if value in self.empty_values:
            return None
        try:
            return figures.whole(str(value))
        except figures.NoFigure:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Phones show their keys for numbers."""
        return {**super().widget_attrs(widget), "inputmode": "numeric", "autocomplete": "off"}


def which_of(unclear: figures.UnclearFigure) -> str:
    """Ask which of two figures is meant."""
    return _("This can be read in two ways. Write {one} or {other}.").format(
        one=_told(unclear.grouped), other=_told(unclear.broken)
    )


def _told(figure: Decimal) -> str:
    return figures.shown(plain(int(figure * MICRO)))
