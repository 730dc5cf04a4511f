"""Webhooks: which programs are told what happens, what was sent to them and what they answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock, wording
from accounts.auth.portal import AccountRequest
from accounts.errors import AccountsError, WebhookInvalid
from accounts.portal.page import TOLD_ELSEWHERE, account_page, done, read_id
from accounts.portal.webhook_words import EVENTS, STATES, WHY_OFF, came_of
from accounts.roles import Action
from accounts.services import hooks, webhooks

if TYPE_CHECKING:
    from accounts.models import WebhookEndpoint
    from accounts.services.webhooks import Signed

_UNPROCESSABLE: Final = 422
# How far back messages that failed are sent again.
_BACK: Final = (("24", lazy("24 hours")), ("72", lazy("3 days")), ("720", lazy("30 days")))


class WebhookForm(forms.Form):
    """Where messages go, and about what."""

    url = forms.CharField(
        label=lazy("Address"),
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text=lazy("Where the program listens, such as https://example.com/faxes."),
    )
    description = forms.CharField(
        label=lazy("What is it for?"),
        max_length=200,
        required=False,
        help_text=lazy("A name that tells you later which program it is."),
    )
    event_types = forms.MultipleChoiceField(
        label=lazy("It is told when"),
        choices=list(EVENTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("Choose none and it is told of everything, also of what is added later."),
    )


class AgainForm(forms.Form):
    """How far back what failed is sent again."""

    hours = forms.TypedChoiceField(label=lazy("Of the last"), choices=_BACK, coerce=int)


@account_page(Action.WEBHOOK_MANAGE)
@require_safe
def webhook_list(request: AccountRequest) -> HttpResponse:
    """All webhooks, and a form for a new one."""
    return _list(request, WebhookForm())


@account_page(Action.WEBHOOK_MANAGE, confirmed=True)
@require_POST
def webhook_new(request: AccountRequest) -> HttpResponse:
    """Add a webhook and show its secret: once."""
    form = WebhookForm(request.POST)
    made = _tried(form, lambda typed: webhooks.create(request.actor, **typed))
    if made is None:
        return _list(request, form, status=_UNPROCESSABLE)
    return _one(request, made.endpoint, made=made)


@account_page(Action.WEBHOOK_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """One webhook with its log; POST changes it."""
    endpoint = webhooks.endpoint_for(request.actor, endpoint_id=webhook)
    if request.method != "POST":
        return _one(request, endpoint)
    form = WebhookForm(request.POST)
    changed = _tried(
        form, lambda typed: webhooks.update(request.actor, endpoint_id=webhook, **typed)
    )
    if changed is None:
        return _one(request, endpoint, form=form, status=_UNPROCESSABLE)
    return done(request, "webhook", lambda: None, _("The changes are saved."), webhook=webhook)


@account_page(Action.WEBHOOK_MANAGE)
@require_POST
def webhook_switch(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """Switch a webhook on or off."""
    on = request.POST.get("on") == "yes"
    return done(
        request,
        "webhook",
        lambda: webhooks.update(request.actor, endpoint_id=webhook, enabled=on),
        _("The webhook is switched on.") if on else _("The webhook is switched off."),
        webhook=webhook,
    )


@account_page(Action.WEBHOOK_MANAGE, confirmed=True)
@require_POST
def webhook_rotate(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """Make a new secret and show it: once."""
    made = webhooks.rotate_secret(request.actor, endpoint_id=webhook)
    return _one(request, made.endpoint, made=made)


@account_page(Action.WEBHOOK_MANAGE)
@require_POST
def webhook_test(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """Send a message that tells of nothing."""
    return done(
        request,
        "webhook",
        lambda: webhooks.send_test(request.actor, endpoint_id=webhook),
        _("A test is on its way. It is the first of the messages below; look at it in a moment."),
        webhook=webhook,
    )


@account_page(Action.WEBHOOK_MANAGE)
@require_POST
def webhook_delete(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """Remove a webhook with its log."""
    return done(
        request,
        "webhooks",
        lambda: webhooks.delete(request.actor, endpoint_id=webhook),
        _("The webhook is deleted."),
    )


@account_page(Action.WEBHOOK_MANAGE)
@require_POST
def webhook_again(request: AccountRequest, webhook: UUID) -> HttpResponse:
    """Send what failed lately again."""
    form = AgainForm(request.POST)
    hours = form.cleaned_data["hours"] if form.is_valid() else 24
    begun: list[int] = []

    def act() -> None:
        since = clock.now() - timedelta(hours=hours)
        begun.append(webhooks.redeliver_failed(request.actor, endpoint_id=webhook, since=since))

    def words() -> str:
        return ngettext(
            "{count} message is sent again.", "{count} messages are sent again.", begun[0]
        ).format(count=begun[0])

    return done(request, "webhook", act, words, webhook=webhook)


@account_page(Action.WEBHOOK_MANAGE)
@require_safe
def webhook_message(request: AccountRequest, message: UUID) -> HttpResponse:
    """One message: what was sent, and what was answered."""
    told = webhooks.message_for(request.actor, message_id=message)
    context = {
        "message": told.message,
        "webhook": told.message.endpoint,
        "event": EVENTS.get(told.message.type, _("A test")),
        "state": STATES[told.message.state],
        "body": told.body,
        "tries": [(attempt, came_of(attempt)) for attempt in told.tries],
    }
    return render(request, "accounts/webhook_message.html", context)


@account_page(Action.WEBHOOK_MANAGE)
@require_POST
def webhook_redeliver(request: AccountRequest, message: UUID) -> HttpResponse:
    """Send a message again."""
    return done(
        request,
        "webhook-message",
        lambda: webhooks.redeliver(request.actor, message_id=message),
        _("The message is sent again. Look here in a moment."),
        message=message,
    )


def _tried(form: WebhookForm, act: Callable[[dict[str, Any]], Any]) -> Any:
    """What came of acting on a form; None if something in it is wrong, which it then tells."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except TOLD_ELSEWHERE:
        raise
    except WebhookInvalid as error:
        form.add_error(error.field, wording.sentence(error))
    except AccountsError as error:
        form.add_error(None, wording.sentence(error))
    return None


def _list(request: AccountRequest, form: WebhookForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "webhooks": [
            (each, WHY_OFF.get(each.disabled_because, ""), _told_of(each))
            for each in webhooks.endpoints_for(request.actor)
        ],
        "hooks": hooks.hooks_for(request.actor),
    }
    return render(request, "accounts/webhooks.html", context, status=status)


def _one(
    request: AccountRequest,
    endpoint: "WebhookEndpoint",
    *,
    form: WebhookForm | None = None,
    made: "Signed | None" = None,
    status: int = 200,
) -> HttpResponse:
    failed = request.GET.get("state") == "failed"
    below = read_id(request.GET.get("below", "")) if request.GET.get("below") else None
    page = webhooks.messages_for(
        request.actor,
        endpoint_id=endpoint.pk,
        state=webhooks.FAILED if failed else None,
        below=below,
    )
    known = {name: getattr(endpoint, name) for name in ("url", "description", "event_types")}
    context = {
        "webhook": endpoint,
        "why_off": WHY_OFF.get(endpoint.disabled_because, ""),
        "made": made,
        "form": form or WebhookForm(initial=known),
        "again": AgainForm(),
        "failed": failed,
        "below": below,
        "older": page.older,
        "messages_sent": [
            (each, EVENTS.get(each.type, _("A test")), STATES[each.state]) for each in page.messages
        ],
    }
    return render(request, "accounts/webhook.html", context, status=status)


def _told_of(endpoint: "WebhookEndpoint") -> str:
    """Of what it is told, in a few words."""
    if not endpoint.event_types:
        return str(_("Told of everything"))
    number = len(endpoint.event_types)
    return ngettext("Told of {count} thing", "Told of {count} things", number).format(count=number)
