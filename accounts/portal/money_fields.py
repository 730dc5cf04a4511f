"""A form's field for an amount of money: figures as people type them, micro-units inside."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import TermsInvalid
from accounts.services.amounts import parsed, plain

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
            amount = parsed(written)
        except TermsInvalid:
            raise ValidationError(_("Write an amount in figures, such as 12.50.")) from None
        if amount < 0 and not self.signed:
            raise ValidationError(_("Write an amount that is not below zero."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        """Micro-units as figures; what was typed as it was."""
        return plain(value) if isinstance(value, int) else value
