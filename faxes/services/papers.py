"""Papers about faxes: the transmission report."""

from uuid import UUID

from accounts import clock
from accounts.models import Account
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.papers import paper
from accounts.tenancy import require
from faxes.queries.faxes import detail_for
from faxes.queries.standing import standing_of


def transmission_report(actor: Actor, *, fax_id: UUID) -> bytes:
    """The report of a fax as a PDF: to whom, from whom, when, how, and each try.

    Raises:
        NotAllowed: the actor may not see what faxes hold: the report names people and subject.
        FaxNotFound: there is none of this id for the actor.

    """
    require(actor, Action.FAX_PAGES)
    detail = detail_for(actor, fax_id)
    report = paper(
        "reports/transmission.html",
        account=Account.objects.get(pk=actor.account_id),
        detail=detail,
        standing=standing_of(detail.fax, clock.now()),
    )
    audit.record(actor, action="fax.report", object_type="fax", object_id=fax_id)
    return report
