"""Address book, broadcasts, notes, labels and webhooks of an account, as lines of its export."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts.models import WebhookEndpoint
from accounts.services.sheets import harmless, line
from faxes.models import (
    Broadcast,
    BroadcastRecipient,
    Contact,
    DoNotFax,
    Event,
    Export,
    Fax,
    FaxLabel,
    FaxNote,
    GroupMember,
    LegalHold,
)

_AT_ONCE: Final = 500
_CONTACT: Final = (
    "id", "name", "company", "number", "email", "note", "created_at", "updated_at",
)  # fmt: skip
_MEMBER: Final = ("group__name", "contact_id", "contact__name", "contact__number")
_BROADCAST: Final = (
    "id", "name", "faxbox__name", "from_number", "recipients_total", "duplicates", "pages",
    "created_at", "send_at", "handed_over_at", "canceled_at", "error_code",
)  # fmt: skip
_NOTE: Final = ("fax_id", "text", "author", "at")
_LABEL: Final = ("fax_id", "label__name")
_EVENT: Final = ("fax_id", "at", "from_state", "to_state", "because")
_DO_NOT_FAX: Final = ("number", "reason", "created_at")
_HOLD: Final = (
    "id", "fax_id", "faxbox_id", "reason", "placed_at", "placed_name", "lifted_at", "lifted_name",
)  # fmt: skip
_WEBHOOK: Final = (
    "id", "kind", "url", "description", "event_types", "enabled", "disabled_because", "created_at",
)  # fmt: skip
_RECIPIENT: Final = (
    "broadcast_id", "position", "number", "name", "state", "error_code", "fax_id",
)  # fmt: skip


def lists_of(export: Export) -> Iterator[tuple[str, Iterator[str]]]:
    """What there is beside faxes: files by their names, each as lines of CSV."""
    account = export.account
    contacts = Contact.objects.for_account(account.pk).order_by("key", "id")
    yield "contacts.csv", _csv(contacts, _CONTACT)
    members = GroupMember.objects.for_account(account.pk)
    by_group = members.order_by("group__key", "contact__key", "contact_id")
    yield "contact_groups.csv", _csv(by_group, _MEMBER)
    refused = DoNotFax.objects.for_account(account.pk)
    yield "do_not_fax.csv", _csv(refused.order_by("number", "id"), _DO_NOT_FAX)
    holds = LegalHold.objects.for_account(account.pk).filter(placed_at__lte=export.created_at)
    yield "legal_holds.csv", _csv(holds.order_by("id"), _HOLD)
    endpoints = WebhookEndpoint.objects.for_account(account.pk).filter(deleted_at__isnull=True)
    yield "webhooks.csv", _csv(endpoints.order_by("id"), _WEBHOOK)


def lists_about(export: Export) -> Iterator[tuple[str, Iterator[str]]]:
    """What there is about one number beside its faxes: files by their names, as lines of CSV."""
    own, number = export.account_id, export.number
    contacts = Contact.objects.for_account(own).filter(number=number)
    yield "contacts.csv", _csv(contacts.order_by("key", "id"), _CONTACT)
    members = GroupMember.objects.for_account(own).filter(contact__number=number)
    yield "contact_groups.csv", _csv(members.order_by("group__key", "contact_id"), _MEMBER)
    refused = DoNotFax.objects.for_account(own).filter(number=number)
    yield "do_not_fax.csv", _csv(refused.order_by("id"), _DO_NOT_FAX)


def lists_of_faxes(export: Export, faxes: QuerySet[Fax]) -> Iterator[tuple[str, Iterator[str]]]:
    """What belongs to the faxes that an export holds: of others nothing, as they go without it.

    Broadcasts are those that were there when it was asked for, with recipients who have no fax yet.
    """
    own, held = export.account_id, Q(fax__in=faxes.order_by().values("pk"))
    there = Broadcast.objects.for_account(own).filter(
        entered=True, created_at__lte=export.created_at
    )
    recipients = BroadcastRecipient.objects.for_account(own).filter(
        held | Q(fax__isnull=True), broadcast__in=there.values("pk")
    )
    if export.number:
        recipients = recipients.filter(number=export.number)
    else:
        yield "broadcasts.csv", _csv(there.order_by("id"), _BROADCAST)
    yield "broadcast_recipients.csv", _csv(recipients.order_by("broadcast", "position"), _RECIPIENT)
    notes = FaxNote.objects.for_account(own).filter(held)
    yield "fax_notes.csv", _csv(notes.order_by("fax_id", "id"), _NOTE)
    labels = FaxLabel.objects.for_account(own).filter(held)
    yield "fax_labels.csv", _csv(labels.order_by("fax_id", "label__sorted_as"), _LABEL)
    events = Event.objects.for_account(own).filter(held)
    yield "fax_events.csv", _csv(events.order_by("fax_id", "id"), _EVENT)


def _csv(rows: QuerySet[Any], columns: Sequence[str]) -> Iterator[str]:
    yield line(column.replace("__", "_") for column in columns)
    for row in rows.values_list(*columns).iterator(_AT_ONCE):
        yield line(_cells(row))


def _cells(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if value is None:
            yield ""
        else:
            yield harmless(value.isoformat() if hasattr(value, "isoformat") else str(value))
