"""The options of commands that do the work of some queues."""

from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from faxes import queues


def add_queues(parser: CommandParser, *, workers: bool = False) -> None:
    """Let a command be told which queues are meant, and by how many processes they are served."""
    parser.add_argument(
        "--queues",
        type=_queues,
        default=queues.QUEUES,
        help=f"Which of {','.join(queues.QUEUES)}; all of them if left out.",
    )
    if workers:
        parser.add_argument(
            "--workers",
            type=int,
            choices=range(1, 65),
            metavar="1…64",
            default=settings.Q_CLUSTER["workers"],
            help="Task worker processes; FAXPORTAL_WORKERS if left out.",
        )


def _queues(names: str) -> tuple[str, ...]:
    try:
        return queues.chosen(names)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def as_arguments(options: dict[str, Any], name: str) -> list[str]:
    """An option for a command that this one starts; nothing if it is as it would be anyway."""
    if name == "queues":
        served = options["queues"]
        return [] if served == queues.QUEUES else [f"--queues={','.join(served)}"]
    same = options["workers"] == settings.Q_CLUSTER["workers"]
    return [] if same else [f"--workers={options['workers']}"]
