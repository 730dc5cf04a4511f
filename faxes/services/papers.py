"""Papers about faxes: the transmission report, and the receipt for what was erased."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts import clock
from accounts.models import Account, AuditEntry, User
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.paper_signatures import PaperKind
from accounts.services.papers import paper
from accounts.tenancy import require
from faxes.enums import DocumentRole
from faxes.errors import FaxNotFound
from faxes.models import Fax
from faxes.queries.faxes import detail_for
from faxes.queries.standing import standing_of

_ERASING: Final = ("fax.strip", "fax.delete")


@dataclass(frozen=True, slots=True)
class Erased:
    """What somebody erased of a fax; None in a fact means that it was not put on record then."""

    at: datetime
    whole: bool  # the fax was deleted; else its pages were removed
    by: str
    name: str
    via: str
    on_behalf: str
    documents: Mapping[DocumentRole, int]
    unsorted: int  # documents, where of which role was not put on record
    pages: int | None
    text: bool
    notes: int


def transmission_report(actor: Actor, *, fax_id: UUID) -> bytes:
    """The report of a fax as a PDF: to whom, from whom, when, how, and each try.

    Raises:
        NotAllowed: the actor may not see what faxes hold: the report names people and subject.
        FaxNotFound: there is none of this id for the actor.
        CannotSign: the key for signatures cannot be had.

    """
    require(actor, Action.FAX_PAGES)
    detail = detail_for(actor, fax_id)
    report = paper(
        "reports/transmission.html",
        account=Account.objects.get(pk=actor.account_id),
        kind=PaperKind.TRANSMISSION,
        about=fax_id,
        detail=detail,
        standing=standing_of(detail.fax, clock.now()),
    )
    audit.record(actor, action="fax.report", object_type="fax", object_id=fax_id)
    return report


def deletion_receipt(actor: Actor, *, fax_id: UUID) -> bytes:
    """The receipt for a fax that was deleted, or stripped of its pages, as a PDF.

    It is made from the audit log, so it tells what the fax was and nothing that it said, nor its
    numbers. Who may read the log gets any, others that of what they see still, or did themselves.

    Raises:
        NotAllowed: the actor may not delete faxes.
        FaxNotFound: nothing was erased that the actor may know of.
        CannotSign: the key for signatures cannot be had.

    """
    require(actor, Action.FAX_DELETE)
    sees = actor.may(Action.AUDIT_VIEW) or Fax.objects.visible_to(actor).filter(pk=fax_id).exists()
    acts = audit.acts_upon(actor, object_id=fax_id, actions=_ERASING, only_own=not sees)
    if not acts:
        raise FaxNotFound
    facts = {name: value for act in acts for name, value in act.facts.items()}
    begun = facts.get("begun_at")
    receipt = paper(
        "reports/deletion.html",
        account=Account.objects.get(pk=actor.account_id),
        kind=PaperKind.DELETION,
        about=fax_id,
        fax_id=fax_id,
        direction=facts.get("direction", ""),
        begun_at=datetime.fromisoformat(begun) if begun else None,
        pages=facts.get("pages"),
        erased=[_erased(act) for act in acts],
        last=acts[-1],
    )
    audit.record(actor, action="fax.receipt", object_type="fax", object_id=fax_id)
    return receipt


def _erased(act: AuditEntry) -> Erased:
    facts = act.facts
    documents = {role: facts[role] for role in DocumentRole if facts.get(role)}
    named = ""
    if act.user_id is not None:
        named = User.objects.filter(pk=act.user_id).values_list("name", flat=True).first() or ""
    return Erased(
        at=act.at,
        whole=act.action == "fax.delete",
        by=act.actor,
        name=named,
        via=act.via,
        on_behalf=act.on_behalf,
        documents=documents,
        unsorted=facts.get("documents", 0) - sum(documents.values()),
        pages=facts.get("pages"),
        text=facts.get("text", False),
        notes=facts.get("notes", 0),
    )
