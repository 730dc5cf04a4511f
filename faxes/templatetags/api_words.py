"""What templates say of the API: names of its members set apart, as its description marks them."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_MARKED = re.compile(r"(`+)([^`\n]+)\1")


@register.filter
def with_code(text: str) -> SafeString:
    """The text, escaped, with what stands between backticks as code (OpenAPI's CommonMark)."""
    return mark_safe(_MARKED.sub(r"<code>\2</code>", escape(text)))  # noqa: S308 (it is escaped)
