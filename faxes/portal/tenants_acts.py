"""What is done to one tenant: rename, move, suspend, resume, close, reopen."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import moments
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountNotFound
from accounts.portal.page import done, read_id, reseller_page
from accounts.roles import Action
from accounts.services import tenants as work
from faxes.queries import tenants as queries

_LONGEST: Final = 200


@reseller_page(Action.TENANTS_MANAGE)
@require_POST
def tenant_rename(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Give it another name."""
    name = request.POST.get("name", "")
    return done(
        request,
        "tenant",
        lambda: work.rename(request.actor, account_id=tenant, name=name),
        _("The name is changed."),
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_move(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Put it under another reseller, or directly under one's own account."""
    parent = read_id(request.POST.get("parent", ""))
    if parent is None:
        raise AccountNotFound
    return done(
        request,
        "tenant",
        lambda: work.move(request.actor, account_id=tenant, parent_id=parent),
        _("The tenant is moved, with all that are below it."),
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_suspend(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Let nobody in, and send nothing, until it is resumed."""
    reason = request.POST.get("reason", "")[:_LONGEST]
    return done(
        request,
        "tenant",
        lambda: work.suspend(request.actor, account_id=tenant, reason=reason),
        _("The tenant is suspended."),
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_resume(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """End the suspension."""
    return done(
        request,
        "tenant",
        lambda: work.resume(request.actor, account_id=tenant),
        _("The suspension is over."),
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_close(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Close it, if its name is typed."""
    account = queries.tenant_for(request.actor, tenant)
    typed = " ".join(request.POST.get("name", "").split())
    if typed.casefold() != " ".join(account.name.split()).casefold():
        messages.error(
            request,
            _("Nothing was done: the name that you typed is not “{name}”.").format(
                name=account.name
            ),
        )
        return redirect("tenant", account=request.account.pk, tenant=tenant)

    def told() -> str:
        closed = queries.tenant_for(request.actor, tenant)
        day = moments.tell(closed.erase_at, "long") if closed.erase_at else ""
        return _("The tenant is closed. It will be erased on {day}, and can be reopened until "
                 "then.").format(day=day)  # fmt: skip

    return done(
        request,
        "tenant",
        lambda: work.close(request.actor, account_id=tenant),
        told,
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_reopen(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Reopen it while that can be done."""
    return done(
        request,
        "tenant",
        lambda: work.reopen(request.actor, account_id=tenant),
        _("The tenant is open again. Its tokens and invitations remain ended."),
        tenant=tenant,
    )
