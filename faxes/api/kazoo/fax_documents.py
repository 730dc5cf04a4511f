"""Faxes as this dialect tells them: a job, a line of the queue, what went out, what came in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from faxes.api.kazoo.states import result_of, status_of
from faxes.enums import FaxState
from faxes.queries.folders import Folder, Record
from faxes.wire import kazoo as wire
from faxes.wire.kazoo import NOTHING_YET, gregorian

_USUAL_RETRIES: Final = 1
_IN_COMMON: Final = 10


def id_of(record: Record) -> str:
    """The id of a fax where it is: a job's own, and with its month once it is kept."""
    if record.folder == Folder.OUTGOING:
        return wire.plain(record.fax.pk)
    return wire.of_month(record.fax.pk, record.fax.created_at)


def summary(record: Record) -> dict[str, Any]:
    """A line of the queue."""
    told: dict[str, Any] = {
        "id": id_of(record),
        "status": status(record),
        "to": record.told.to_number,
        "from": _sender(record),
        "attempts": record.fax.tries,
        "created": gregorian(record.fax.created_at),
        "faxbox_id": wire.plain(record.fax.faxbox_id),
    }
    return told | _of_owner(record)


def new_job(record: Record, *, with_result: bool = True) -> dict[str, Any]:
    """What is answered to who hands a fax in."""
    told = _job(record)
    told["tx_result"] = dict(NOTHING_YET)
    if not with_result:
        del told["tx_result"]
    told["id"] = told["_id"] = id_of(record)
    return told


def outgoing(record: Record) -> dict[str, Any]:
    """A job under way."""
    return _job(record) | {
        "id": id_of(record),
        "created": gregorian(record.fax.created_at),
        "status": status(record),
    }


def finished(record: Record) -> dict[str, Any]:
    """A job that has ended."""
    fax = record.fax
    told = _job(record) | {
        "id": id_of(record),
        "status": status(record),
        "to": record.told.to_number,
        "from": _sender(record),
        "created": gregorian(fax.created_at),
        "folder": Folder.OUTBOX.value,
    }
    if fax.state == FaxState.DELIVERED and fax.finished_at is not None:
        told["delivered"] = gregorian(fax.finished_at)
    return told


def arrived(record: Record) -> dict[str, Any]:
    """A fax that came in, or that is just coming in."""
    fax, sender = record.fax, record.told.from_number
    coming = record.folder == Folder.INCOMING
    told: dict[str, Any] = {
        "id": id_of(record),
        "to": record.told.to_number,
        "from": sender,
        "created": gregorian(fax.created_at),
        "to_number": record.told.to_number,
        "from_number": sender,
        "name": f"fax message received at {_written(fax.finished_at or fax.created_at)}",
        "description": "fax document received",
        "source_type": "incoming_fax",
        "folder": record.folder.value,
        "timestamp": gregorian(fax.finished_at or fax.created_at),
        "faxbox_id": wire.plain(fax.faxbox_id),
        "media_type": "tiff",
        "call_id": wire.plain(fax.pk),
        "rx_result": result_of(fax, record.attempt, record.told),
    }
    if record.told.from_name:
        told["from_name"] = record.told.from_name
    if coming:
        told |= {"status": status(record), "pages": fax.pages_done}
        told["name"] = "fax message being received"
    return told | _of_owner(record)


def read_only(record: Record) -> dict[str, Any]:
    """What a single document says of itself besides."""
    return {"created": gregorian(record.fax.created_at), "status": status(record)}


def status(record: Record) -> str:
    """The word for where a fax is."""
    document = record.fax.echo.get("document")
    remote = isinstance(document, Mapping) and bool(document.get("url"))
    return status_of(record.fax, record.attempt, remote=remote)


def changed_at(record: Record) -> datetime:
    """When something about a fax changed last, as far as is known."""
    fax = record.fax
    times = (fax.created_at, fax.finished_at, fax.read_at, fax.stripped_at)
    return max(each for each in times if each is not None)


def _job(record: Record) -> dict[str, Any]:
    """A job: what its client said, and what became of it. What of that is empty is not there."""
    fax, told = record.fax, record.told
    ours: dict[str, Any] = {
        "retries": _USUAL_RETRIES if fax.retries is None else fax.retries,
        "from_name": told.from_name,
        "from_number": _sender(record),
        "to_name": told.to_name,
        "to_number": told.to_number,
        "attempts": fax.tries,
        "tx_result": _tried(record),
        "fax_timezone": fax.time_zone or fax.faxbox.time_zone or record.time_zone,
        "faxbox_id": wire.plain(fax.faxbox_id),
    }
    if told.sees_content:
        ours |= {"fax_identity_number": fax.station_id, "fax_identity_name": fax.header}
    if "notifications" not in told.echo:
        ours["notifications"] = _notified(record)
    ours = {name: value for name, value in ours.items() if value not in ("", {})}
    return {**told.echo, **ours, **_of_owner(record)}


def _tried(record: Record) -> dict[str, Any]:
    """The result so far: none before the first try has ended."""
    if record.folder == Folder.OUTGOING and (record.attempt is None or not record.attempt.outcome):
        return dict(NOTHING_YET)
    return result_of(record.fax, record.attempt, record.told)


def _sender(record: Record) -> str:
    """The number that it is from, as the client wrote it, if that is the one."""
    written, number = record.told.echo.get("from_number"), record.told.from_number
    if isinstance(written, str) and _digits(written) == _digits(number):
        return written
    return number


def _digits(number: str) -> str:
    """The digits that two ways to write a number have in common."""
    return "".join(char for char in number if char.isdecimal())[-_IN_COMMON:]


def _notified(record: Record) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, send_to in (("email", record.told.notify), ("sms", record.told.notify_sms)):
        if send_to:
            told[name] = {"send_to": list(send_to)}
    return told


def _of_owner(record: Record) -> dict[str, str]:
    """Whose it is: of who handed it in, or of whose fax machine it is."""
    owner = record.fax.created_by or record.fax.faxbox.owner_id
    return {"owner_id": wire.plain(owner)} if owner else {}


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
