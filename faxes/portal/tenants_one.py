"""The page of one tenant: how it stands, who administers it, what it may use."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import clock, moments, wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError
from accounts.portal.money_fields import WholeField
from accounts.portal.page import TOLD_ELSEWHERE, done, reseller_page
from accounts.roles import Action, Role
from accounts.services import invitations, limits, people
from accounts.services.limits import Allowed
from accounts.services.retention_bounds import bounds_of, bounds_set_for
from accounts.services.usage import statement_of, this_month
from accounts.tenancy import worst
from faxes.portal.retention_bounds import BoundsForm, told_bounds
from faxes.portal.tenants_places import country_name
from faxes.queries import tenants as queries

if TYPE_CHECKING:
    from accounts.models import Account

_UNPROCESSABLE: Final = 422
_MEGABYTE: Final = 1_000_000
_NUMBERS: Final = 20  # on the page; the others are in the list of numbers
_LARGEST: Final = 2**31 - 1


class InviteForm(forms.Form):
    """Whom to ask to administer the tenant."""

    email = forms.EmailField(label=lazy("Email"), max_length=254)


class LimitsForm(forms.Form):
    """The most that a tenant may use; what is empty has no limit of its own."""

    pages_a_day = WholeField(label=lazy("Pages a day"), required=False)
    pages_a_month = WholeField(label=lazy("Pages a month"), required=False)
    pages_a_fax = WholeField(label=lazy("Pages of one fax"), required=False)
    faxes_at_once = WholeField(label=lazy("Faxes waiting at once"), required=False)
    calls_at_once = WholeField(label=lazy("Calls at once"), required=False)
    storage = WholeField(label=lazy("Storage, in MB"), required=False)

    def __init__(self, *args: Any, above: Allowed, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, least in _shown(above).items():
            field = self.fields[name]
            assert isinstance(field, WholeField)  # noqa: S101 (for the type)
            field.validators += [_not_below_zero, _not_too_large]
            if least is not None:
                field.help_text = _("At most {limit}: a reseller above it has this limit.").format(
                    limit=moments.count(least)
                )

    @property
    def allowed(self) -> Allowed:
        """The limits as they are kept."""
        data = dict(self.cleaned_data)
        storage = data.pop("storage")
        return Allowed(**data, storage_bytes=None if storage is None else storage * _MEGABYTE)


@reseller_page(Action.TENANTS_MANAGE)
@require_safe
def tenant(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Everything about one tenant that is for whoever provides for it."""
    return _page(request, queries.tenant_for(request.actor, tenant))


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_limits(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Set what it may use at most."""
    account = queries.tenant_for(request.actor, tenant)
    form = LimitsForm(request.POST, above=_above(account))
    if not form.is_valid():
        return _page(request, account, limits_form=form, status=_UNPROCESSABLE)
    return done(
        request,
        "tenant",
        lambda: limits.set_limits(request.actor, account_id=tenant, limits=form.allowed),
        _("The limits are saved."),
        tenant=tenant,
    )


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_invite(request: AccountRequest, tenant: UUID) -> HttpResponse:
    """Ask somebody to administer it."""
    account = queries.tenant_for(request.actor, tenant)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, account, invite_form=form, status=_UNPROCESSABLE)
    email = form.cleaned_data["email"]
    try:
        _invitation, sent = invitations.invite_below(
            request.actor, account_id=tenant, email=email, role=Role.ADMIN
        )
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        form.add_error("email", wording.sentence(error))
        return _page(request, account, invite_form=form, status=_UNPROCESSABLE)
    return _sent(request, tenant, email, sent=sent)


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_invitation_resend(
    request: AccountRequest, tenant: UUID, invitation: UUID
) -> HttpResponse:
    """Send the link once more."""
    try:
        again, sent = invitations.resend_below(
            request.actor, account_id=tenant, invitation_id=invitation
        )
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        messages.error(request, wording.sentence(error))
        return redirect("tenant", account=request.account.pk, tenant=tenant)
    return _sent(request, tenant, again.email, sent=sent)


@reseller_page(Action.TENANTS_MANAGE, confirmed=True)
@require_POST
def tenant_invitation_withdraw(
    request: AccountRequest, tenant: UUID, invitation: UUID
) -> HttpResponse:
    """Take an invitation back."""
    return done(
        request,
        "tenant",
        lambda: invitations.withdraw_below(
            request.actor, account_id=tenant, invitation_id=invitation
        ),
        _("The invitation is taken back."),
        tenant=tenant,
    )


def _page(
    request: AccountRequest,
    account: "Account",
    *,
    limits_form: LimitsForm | None = None,
    invite_form: InviteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    numbers = queries.numbers_of(account, limit=_NUMBERS + 1)
    team = people.team_in(account.pk)
    invited = invitations.open_invitations_below(request.actor, account_id=account.pk)
    own = limits.limits_set_for(account)
    statement = statement_of(account, month=this_month(account, now))
    context = {
        "tenant": account,
        "status": worst([account])[account.pk],
        "above": queries.resellers_between(request.actor, account)[:-1],
        "places": queries.places_for(request.actor, account),
        "statement": statement,
        "numbers": numbers[:_NUMBERS],
        "charged": -(statement.sums.charges + statement.sums.fees),
        "would_erase": now + timedelta(days=settings.CLOSE_DAYS),
        "more_numbers": len(numbers) > _NUMBERS,
        "team": team,
        "invitations": invited,
        "country": country_name(account.country),
        "waits_for": "" if team or not invited else invited[0].email,
        "limits_form": limits_form or LimitsForm(initial=_shown(own), above=_above(account)),
        "invite_form": invite_form or InviteForm(),
        "bounds_form": BoundsForm.of(bounds_set_for(account)),
        "bounds_above": told_bounds(bounds_of(account)),
        "now": now,
    }
    return render(request, "faxes/tenant.html", context, status=status)


def _sent(request: AccountRequest, tenant: UUID, email: str, *, sent: bool) -> HttpResponse:
    if sent:
        messages.success(request, _("An invitation is on its way to {email}.").format(email=email))
    else:
        words = _("The mail to {email} could not be sent. Send it again in a while.")
        messages.error(request, words.format(email=email))
    return redirect("tenant", account=request.account.pk, tenant=tenant)


def _above(account: "Account") -> Allowed:
    """What limits count for it that are not its own."""
    assert account.parent is not None  # noqa: S101 (it is below another)
    return limits.limits_of(account.parent)


def _shown(allowed: Allowed) -> dict[str, int | None]:
    """Limits by the names of the form's fields; storage in megabytes."""
    storage = allowed.storage_bytes
    return {
        "pages_a_day": allowed.pages_a_day,
        "pages_a_month": allowed.pages_a_month,
        "pages_a_fax": allowed.pages_a_fax,
        "faxes_at_once": allowed.faxes_at_once,
        "calls_at_once": allowed.calls_at_once,
        "storage": None if storage is None else storage // _MEGABYTE,
    }


def _not_below_zero(value: int) -> None:
    if value < 0:
        raise forms.ValidationError(_("A limit is zero or more."))


def _not_too_large(value: int) -> None:
    if value > _LARGEST:
        raise forms.ValidationError(_("This is too much. Leave it empty for no limit."))
