"""Gathers the words of the sources; asked by ``faxportal.catalogs``, which makes it a whole."""

from typing import ClassVar

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """As Django's, but a near miss is no translation."""

    msgmerge_options: ClassVar[list[str]] = [
        *makemessages.Command.msgmerge_options,
        "--no-fuzzy-matching",
    ]
