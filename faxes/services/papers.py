"""Papers about faxes: the transmission report."""

from uuid import UUID

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetchingError

from accounts import clock
from accounts.models import Account
from accounts.scoping import Actor
from accounts.services import audit
from faxes.queries.faxes import detail_for
from faxes.queries.standing import standing_of


def transmission_report(actor: Actor, *, fax_id: UUID) -> bytes:
    """The report of a fax as a PDF: to whom, from whom, when, how, and each try.

    Raises:
        NotAllowed: the actor may not see faxes.
        FaxNotFound: there is none of this id for the actor.

    """
    detail = detail_for(actor, fax_id)
    now = clock.now()
    page = render_to_string(
        "reports/transmission.html",
        {
            "detail": detail,
            "account": Account.objects.get(pk=actor.account_id),
            "standing": standing_of(detail.fax, now),
            "now": now,
        },
    )
    audit.record(actor, action="fax.report", object_type="fax", object_id=fax_id)
    return bytes(HTML(string=page, url_fetcher=_fetch_nothing).write_pdf())


def _fetch_nothing(url: str, *_: object, **__: object) -> None:
    """A report brings everything along: whatever it points to is not fetched."""
    raise URLFetchingError(f"not fetched: {url[:80]}")
