"""What templates say of money and of where faxes go."""

from django import template
from django.utils.translation import gettext as _

from accounts.services.amounts import readable

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """Micro-units as people read them."""
    return readable(amount, currency)


@register.filter
def destination(prefix: str) -> str:
    """What numbers begin with that a price is for."""
    return f"+{prefix}" if prefix else _("All numbers")
