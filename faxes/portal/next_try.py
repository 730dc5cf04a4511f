"""What people change about the next try of a fax: four small forms beside its story."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.auth.portal import AccountRequest
from accounts.errors import AccountSuspended
from faxes.errors import FaxError, InvalidRequest, MoveNotAllowed, RequestError
from faxes.portal.fax import page_of, refused, refused_while_suspended, to_fax
from faxes.portal.once import once
from faxes.portal.page import account_page
from faxes.portal.undo import typed_time
from faxes.queries.faxes import detail_for
from faxes.services import next_try
from faxes.wording import sentence

_UNPROCESSABLE = 422
_NONE_SEEN = -1
_MOST_DIGITS = 6


@account_page
@require_POST
def next_try_now(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Try it at once."""
    return _changed(
        request,
        fax,
        lambda: next_try.try_now(request.actor, fax_id=fax, seen=_seen(request)),
        _("It is tried now."),
    )


@account_page
@require_POST
def next_try_later(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Put it off to a time."""
    at = typed_time(request.POST.get("send_at", ""))
    return _changed(
        request,
        fax,
        lambda: next_try.try_later(request.actor, fax_id=fax, seen=_seen(request), at=at),
        _("The next try is put off."),
    )


@account_page
@require_POST
@once
def next_try_elsewhere(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Send it to another number instead; on to the page of the fax that goes there."""
    to = request.POST.get("to", "")
    try:
        instead = next_try.send_elsewhere(request.actor, fax_id=fax, seen=_seen(request), to=to)
    except InvalidRequest as invalid:
        if not any(error.field for error in invalid.errors):  # not what was typed: the account
            return refused(request, fax, invalid.errors[0])
        return _again(request, fax, other_errors=[sentence(each) for each in invalid.errors])
    except AccountSuspended:
        return refused_while_suspended(request, fax)
    except FaxError as error:
        return refused(request, fax, error)
    messages.success(request, _("It goes to this number instead. This is its page."))
    return to_fax(request, instead.pk)


@account_page
@require_POST
def next_try_none(request: AccountRequest, fax: UUID) -> HttpResponse:
    """Do not try it any more."""
    return _changed(
        request,
        fax,
        lambda: next_try.try_no_more(request.actor, fax_id=fax, seen=_seen(request)),
        _("It is not tried any more."),
    )


def _changed(
    request: AccountRequest, fax: UUID, change: Callable[[], None], told: str
) -> HttpResponse:
    try:
        change()
    except AccountSuspended:
        return refused_while_suspended(request, fax)
    except MoveNotAllowed as error:
        return refused(request, fax, error)
    except RequestError as error:
        return _again(request, fax, later_errors=[sentence(error)])
    messages.success(request, told)
    return to_fax(request, fax)


def _again(request: AccountRequest, fax: UUID, **errors: list[str]) -> HttpResponse:
    """The page again, with what was typed and what is wrong with it."""
    typed = {name: request.POST.get(name, "") for name in ("to", "send_at")}
    detail = detail_for(request.actor, fax)
    return page_of(request, detail, typed=typed, status=_UNPROCESSABLE, **errors)


def _seen(request: AccountRequest) -> int:
    written = request.POST.get("seen", "")
    fits = written.isascii() and written.isdecimal() and len(written) <= _MOST_DIGITS
    return int(written) if fits else _NONE_SEEN
