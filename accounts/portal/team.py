"""The people of an account: who is in it, as what, and who is asked to join."""

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import clock, wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError
from accounts.portal.page import TOLD_ELSEWHERE, account_page, done
from accounts.roles import Action, Role
from accounts.services import invitations, people

_UNPROCESSABLE: Final = 422
ROLES: Final = (
    (Role.MEMBER.value, lazy("Member: sends, reads and deletes faxes")),
    (Role.VIEWER.value, lazy("Viewer: looks at faxes only")),
    (Role.ADMIN.value, lazy("Administrator: all of that, and people, tokens and settings")),
)


SHORT: Final = (
    (Role.ADMIN.value, lazy("Administrator")),
    (Role.MEMBER.value, lazy("Member")),
    (Role.VIEWER.value, lazy("Viewer")),
)


class InviteForm(forms.Form):
    """Whom to ask, and as what."""

    email = forms.EmailField(label=lazy("Email"), max_length=254)
    role = forms.ChoiceField(label=lazy("May do what"), choices=ROLES)


class RoleForm(forms.Form):
    """What a person is to be."""

    role = forms.ChoiceField(choices=ROLES)


@account_page(Action.TEAM_MANAGE)
@require_safe
def team(request: AccountRequest) -> HttpResponse:
    """Everybody in the account, and who is asked to join."""
    return _page(request, InviteForm())


@account_page(Action.TEAM_MANAGE, confirmed=True)
@require_POST
def team_invite(request: AccountRequest) -> HttpResponse:
    """Ask somebody to join."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=_UNPROCESSABLE)
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        _invitation, sent = invitations.invite(request.actor, email=email, role=role)
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        form.add_error("email", wording.sentence(error))
        return _page(request, form, status=_UNPROCESSABLE)
    return _sent(request, email, sent=sent)


@account_page(Action.TEAM_MANAGE, confirmed=True)
@require_POST
def team_role(request: AccountRequest, user: UUID) -> HttpResponse:
    """Make somebody something else."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, InviteForm(), status=_UNPROCESSABLE)
    role = Role(form.cleaned_data["role"])
    return done(
        request,
        "team",
        lambda: people.change_role(request.actor, user_id=user, role=role),
        _("The role is changed."),
    )


@account_page(Action.TEAM_MANAGE, confirmed=True)
@require_POST
def team_remove(request: AccountRequest, user: UUID) -> HttpResponse:
    """Take somebody out of the account."""
    answer = done(
        request,
        "team",
        lambda: people.remove(request.actor, user_id=user),
        _("This person is out of the account. Their tokens here have ended."),
    )
    return redirect("home") if user == request.user.pk else answer


@account_page(Action.TEAM_MANAGE, confirmed=True)
@require_POST
def invitation_resend(request: AccountRequest, invitation: UUID) -> HttpResponse:
    """Send the link once more."""
    try:
        again, sent = invitations.resend(request.actor, invitation_id=invitation)
    except TOLD_ELSEWHERE:
        raise
    except AccountsError as error:
        messages.error(request, wording.sentence(error))
        return redirect("team", account=request.account.pk)
    return _sent(request, again.email, sent=sent)


@account_page(Action.TEAM_MANAGE, confirmed=True)
@require_POST
def invitation_withdraw(request: AccountRequest, invitation: UUID) -> HttpResponse:
    """Take an invitation back."""
    return done(
        request,
        "team",
        lambda: invitations.withdraw(request.actor, invitation_id=invitation),
        _("The invitation is taken back."),
    )


def _sent(request: AccountRequest, email: str, *, sent: bool) -> HttpResponse:
    if sent:
        messages.success(request, _("An invitation is on its way to {email}.").format(email=email))
    else:
        messages.error(
            request,
            _("The mail to {email} could not be sent. Send it again in a while.").format(
                email=email
            ),
        )
    return redirect("team", account=request.account.pk)


def _page(request: AccountRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "team": people.team_of(request.actor),
        "invitations": invitations.open_invitations(request.actor),
        "roles": SHORT,
        "now": clock.now(),
    }
    return render(request, "accounts/team.html", context, status=status)
