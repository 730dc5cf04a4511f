"""Bring past faxes of an account over from a carrier, with their pages."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import AccountNotFound, NotThere
from faxes.carriers.base import CarrierError
from faxes.errors import RequestError
from faxes.services.history import HistoryOrder, Progress, bring_over
from faxes.wording import sentence


class Command(BaseCommand):
    help = (
        "Bring past faxes of an account over from a carrier, those received and, where the carrier "
        "lists them, those sent. Whoever was stopped goes on by the same command; what is here "
        "already is not brought again, nor what was deleted here, nor what a number sent or "
        "received before the account had it here. Nobody is told, nothing is charged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, metavar="DOMAIN", help="see account_tree")
        parser.add_argument("--carrier", required=True, metavar="NAME", help="its name, or its id")
        parser.add_argument("--since", required=True, type=_moment, metavar="DATE", help="in UTC")
        parser.add_argument("--until", type=_moment, metavar="DATE", help="in UTC; else until now")
        parser.add_argument(
            "--days-at-once", type=_days, default=_days("1"), metavar="N", help="of a portion: 1"
        )
        parser.add_argument(
            "--faxbox",
            default="",
            metavar="NAME",
            help="where faxes go whose number nobody has here; else they are left out",
        )
        parser.add_argument(
            "--without-pages",
            action="store_true",
            help="bring faxes whose pages cannot be had without them; else these hold it up",
        )

        parser.add_argument(
            "--earlier",
            action="store_true",
            help="also faxes from before the account had their number here: say so only if all its "
            "numbers were its own then, at another portal, and nobody else's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        order = HistoryOrder(
            realm=options["account"],
            carrier=options["carrier"],
            since=options["since"],
            until=options["until"],
            at_once=options["days_at_once"],
            faxbox=options["faxbox"],
            without_pages=options["without_pages"],
            earlier=options["earlier"],
        )
        last: Progress | None = None
        try:
            for last in bring_over(order):
                self.stdout.write(_line(last))
        except AccountNotFound:
            raise CommandError(f"no account has the domain name {order.realm}") from None
        except NotThere:
            raise CommandError(f"the account can use no carrier {order.carrier}") from None
        except RequestError as error:
            raise CommandError(sentence(error)) from None
        except CarrierError as trouble:
            raise CommandError(
                f"the carrier does not answer ({trouble}); run this again to go on"
            ) from None
        if last is not None and last.reached < last.until:
            raise CommandError(
                f"the pages of {last.missing} faxes could not be had; run this again, or with "
                "--without-pages to bring such faxes without them"
            )


def _moment(written: str) -> datetime:
    """A date or a time in ISO 8601, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _days(written: str) -> timedelta:
    days = float(written)
    if not 0 < days <= 366:  # noqa: PLR2004 (a year)
        raise ValueError(written)
    return timedelta(days=days)


def _line(progress: Progress) -> str:
    parts = [
        f"{progress.reached:%Y-%m-%d %H:%M} of {progress.until:%Y-%m-%d %H:%M} UTC",
        f"{progress.brought} brought",
        f"{progress.left_out} left out",
    ]
    if progress.here:
        parts.append(f"{progress.here} were here")
    if progress.missing:
        parts.append(f"{progress.missing} without pages")
    return ", ".join(parts)
