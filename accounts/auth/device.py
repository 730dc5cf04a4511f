"""Browsers and their systems, by names that people know."""

import re

from django.utils.translation import gettext as _

# The first that fits; others' browsers call themselves by these names too.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device(user_agent: str) -> str:
    """A browser and its system, as far as it says."""

    def named(names: tuple[tuple[str, str], ...]) -> str:
        return next((name for mark, name in names if re.search(mark, user_agent)), "")

    browser, system = named(_BROWSERS), named(_SYSTEMS)
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or _("An unknown browser")
