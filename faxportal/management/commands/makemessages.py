"""Gathers the words of the sources; asked by ``faxportal.catalogs``, which makes it a whole."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """As Django's, but a near miss is no translation."""

    # as modules here call gettext_lazy
    xgettext_options: list[str] = [  # noqa: RUF012 (as Django has it)
        *makemessages.Command.xgettext_options,
        "--keyword=lazy",
    ]
    msgmerge_options: list[str] = [  # noqa: RUF012 (as Django has it)
        *makemessages.Command.msgmerge_options,
        "--no-fuzzy-matching",
    ]
