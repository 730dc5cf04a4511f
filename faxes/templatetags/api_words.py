"""What templates say of the API: names of its members set apart, as its description marks them."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_MARKED = re.compile(r"`+([^`\n]+)`+")


@register.filter
def with_code(text: str) -> SafeString:
    """The text, escaped, with what stands between backticks as code (OpenAPI's CommonMark)."""
    parts = enumerate(_MARKED.split(text))
    told = ((format_html("<code>{}</code>", part) if n % 2 else part,) for n, part in parts)
    return format_html_join("", "{}", told)
