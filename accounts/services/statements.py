"""The statement of a month as a paper."""

from datetime import date

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetchingError

from accounts import clock
from accounts.scoping import Actor
from accounts.services.usage import statement_for


def statement_pdf(actor: Actor, *, month: date) -> bytes:
    """The statement of the actor's account for a month, as a PDF.

    Raises:
        NotAllowed: the actor may not see what things cost.

    """
    statement = statement_for(actor, month=month)
    page = render_to_string(
        "reports/statement.html",
        {"statement": statement, "account": statement.account, "now": clock.now()},
    )
    return bytes(HTML(string=page, url_fetcher=_fetch_nothing).write_pdf())


def _fetch_nothing(url: str, *_: object, **__: object) -> None:
    """A paper brings everything along: whatever it points to is not fetched."""
    raise URLFetchingError(f"not fetched: {url[:80]}")
