"""Labels: made, changed and deleted for an account, put on faxes and taken off again."""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.tenancy import require
from faxes.enums import ErrorCode, LabelColour
from faxes.errors import RequestError
from faxes.models import Fax, FaxLabel, Label
from faxes.queries.filing import MOST_LABELS, label_for
from faxes.services import erasure
from faxes.services.filing import work_on
from faxes.services.order import read_text

NAME_LENGTH = 40


def create_label(actor: Actor, *, name: str, colour: str) -> Label:
    """Make a label.

    Raises:
        NotAllowed: the actor may not keep order among faxes.
        RequestError: there is no name, it is taken, or they are too many.

    """
    require(actor, Action.FAX_MARK)
    label = Label(account_id=actor.account_id, created_at=clock.now())
    _fill(label, name, colour)
    try:
        with transaction.atomic(durable=True):
            audit.hold_chains([actor.account_id])  # who adds at the same time is counted too
            if Label.objects.visible_to(actor).count() >= MOST_LABELS:
                raise RequestError(ErrorCode.TOO_MANY_LABELS, field="name", limit=MOST_LABELS)
            label.save(force_insert=True)
            _record(actor, "label.create", label.pk)
    except IntegrityError:
        raise _taken(label) from None
    return label


def change_label(actor: Actor, *, label_id: UUID, name: str, colour: str) -> Label:
    """Give a label another name or colour, on all faxes that it is on.

    Raises:
        NotAllowed: the actor may not keep order among faxes.
        FaxNotFound: there is none of this id for the actor.
        RequestError: there is no name, or it is taken.

    """
    require(actor, Action.FAX_MARK)
    label = label_for(actor, label_id)
    _fill(label, name, colour)
    try:
        with transaction.atomic(durable=True):
            label.save(update_fields=["name", "sorted_as", "colour"])
            _record(actor, "label.change", label.pk)
    except IntegrityError:
        raise _taken(label) from None
    return label


def delete_label(actor: Actor, *, label_id: UUID) -> Label:
    """Remove a label, from all faxes too; the faxes stay.

    Raises:
        NotAllowed: the actor may not keep order among faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.FAX_MARK)
    label = label_for(actor, label_id)
    with transaction.atomic(durable=True):
        FaxLabel.objects.for_account(actor.account_id).filter(label=label).delete()
        if Label.objects.visible_to(actor).filter(pk=label_id).delete()[0]:
            _record(actor, "label.delete", label_id)
        transaction.on_commit(erasure.scrub, robust=True)
    return label


def label_fax(actor: Actor, *, fax_id: UUID, label_id: UUID, on: bool) -> Fax:
    """Put a label on a fax, or take it off; it may be so already.

    Raises:
        FaxNotFound, NotAllowed
        RequestError: there is no such label.

    """
    fax = work_on(actor, fax_id=fax_id)
    label = Label.objects.visible_to(actor).filter(pk=label_id).first()
    if label is None:
        raise RequestError(ErrorCode.LABEL_NOT_FOUND, field="label")
    with transaction.atomic(durable=True):
        if _set(actor, fax, label, on=on):
            _record_on(actor, fax)
    return fax


def set_labels(actor: Actor, *, fax_id: UUID, label_ids: Collection[UUID]) -> Fax:
    """Have just these labels on a fax.

    Raises:
        FaxNotFound, NotAllowed
        RequestError: there is no such label.

    """
    fax = work_on(actor, fax_id=fax_id)
    wanted, links = set(label_ids), FaxLabel.objects.for_account(actor.account_id).filter(fax=fax)
    with transaction.atomic(durable=True):
        known = Label.objects.visible_to(actor).filter(pk__in=wanted).select_for_update()
        if wanted - set(known.values_list("pk", flat=True)):
            raise RequestError(ErrorCode.LABEL_NOT_FOUND, field="label")
        there = set(links.values_list("label_id", flat=True))
        if wanted == there:
            return fax
        links.filter(label_id__in=there - wanted).delete()
        new = [
            FaxLabel(account_id=actor.account_id, fax=fax, label_id=each) for each in wanted - there
        ]
        FaxLabel.objects.bulk_create(new, ignore_conflicts=True)
        _record_on(actor, fax)
    return fax


def _set(actor: Actor, fax: Fax, label: Label, *, on: bool) -> bool:
    """Whether that was a change."""
    links = FaxLabel.objects.for_account(actor.account_id).filter(fax=fax, label=label)
    if not on:
        return bool(links.delete()[0])
    if links.exists():
        return False
    link = FaxLabel(account_id=actor.account_id, fax=fax, label=label)
    FaxLabel.objects.bulk_create([link], ignore_conflicts=True)
    return True


def _fill(label: Label, name: str, colour: str) -> None:
    written = " ".join(read_text(name, name="name", limit=NAME_LENGTH).split())
    if not written:
        raise RequestError(ErrorCode.LABEL_NAME_MISSING, field="name")
    if colour not in set(LabelColour):
        raise RequestError(ErrorCode.LABEL_COLOUR_INVALID, field="colour")
    label.name, label.sorted_as, label.colour = written, written.casefold(), colour


def _taken(label: Label) -> RequestError:
    return RequestError(ErrorCode.LABEL_NAME_TAKEN, field="name", name=label.name)


def _record(actor: Actor, action: str, label_id: UUID) -> None:
    audit.record(actor, action=action, object_type="label", object_id=label_id)


def _record_on(actor: Actor, fax: Fax) -> None:
    audit.record(actor, action="fax.label", object_type="fax", object_id=fax.pk)
