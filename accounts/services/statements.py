"""The statement of a month as a paper."""

from datetime import date
from uuid import UUID

from accounts.scoping import Actor
from accounts.services.paper_signatures import PaperKind
from accounts.services.papers import paper
from accounts.services.usage import (
    Statement,
    record_export,
    statement_below,
    statement_for,
)


def statement_pdf(actor: Actor, *, month: date) -> bytes:
    """The statement of the actor's account for a month, as a PDF; goes on record.

    Raises:
        NotAllowed: the actor may not see what things cost.

    """
    return _paper(actor, statement_for(actor, month=month))


def statement_pdf_below(actor: Actor, *, account_id: UUID, month: date) -> bytes:
    """The statement of an account below for a month, as its provider may see it.

    Raises:
        NotAllowed
        AccountNotFound: it is not below the actor's account.

    """
    return _paper(actor, statement_below(actor, account_id=account_id, month=month))


def _paper(actor: Actor, statement: Statement) -> bytes:
    account = statement.account
    made = paper(
        "reports/statement.html",
        account=account,
        kind=PaperKind.STATEMENT,
        about=f"{account.pk} {statement.month:%Y-%m}",
        statement=statement,
    )
    record_export(actor, account_id=account.pk, month=statement.month, form="pdf")
    return made
