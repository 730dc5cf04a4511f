"""The audit log: who did what, when and from where."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.auth.portal import AccountRequest
from accounts.portal.acts import ACTS, facts_of, words_of
from accounts.portal.page import account_page
from accounts.roles import Action
from accounts.services import audit
from accounts.services.audit import AuditFilter

if TYPE_CHECKING:
    from accounts.models import AuditEntry

_UNPROCESSABLE: Final = 422
_MARGIN: Final = timedelta(days=2)


class AuditForm(forms.Form):
    """What to show."""

    person = forms.TypedChoiceField(
        label=lazy("Person"), required=False, coerce=UUID, empty_value=None
    )
    action = forms.ChoiceField(
        label=lazy("What"),
        required=False,
        choices=[("", lazy("Anything")), *((name, words) for name, words in ACTS.items())],
    )
    since = forms.DateField(
        label=lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    below = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, people: Sequence[tuple[UUID, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        person = self.fields["person"]
        assert isinstance(person, forms.TypedChoiceField)  # noqa: S101 (for the type)
        person.choices = [("", lazy("Anybody")), *((str(key), email) for key, email in people)]

    def clean_since(self) -> date | None:
        """The day, if it has a midnight everywhere."""
        return _sane(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        """The day, if it has a midnight everywhere."""
        return _sane(self.cleaned_data["until"])


@account_page(Action.AUDIT_VIEW)
@require_safe
def audit_log(request: AccountRequest) -> HttpResponse:
    """A page of the log, newest first."""
    form = _form(request)
    shown, status = (_shown(form), 200) if form.is_valid() else (None, _UNPROCESSABLE)
    page = (
        audit.entries_for(request.actor, shown, below=form.cleaned_data["below"] or 0)
        if shown
        else audit.AuditPage([], 0)
    )
    asked = {name: value for name, value in request.GET.items() if value and name != "below"}
    context = {
        "form": form,
        "lines": [
            (entry, words_of(entry), facts_of(entry)) for entry in _named(request, page.entries)
        ],
        "asked": urlencode(asked),
        "narrowed": bool(asked),
        "older": urlencode({**asked, "below": page.older}) if page.older else "",
        "below": request.GET.get("below", ""),
    }
    return render(request, "accounts/audit.html", context, status=status)


@account_page(Action.AUDIT_VIEW)
@require_safe
def audit_csv(request: AccountRequest) -> HttpResponse | StreamingHttpResponse:
    """The same entries as a table for a spreadsheet."""
    form = _form(request)
    if not form.is_valid():
        return audit_log(request, account=request.account.pk)  # type: ignore[return-value]
    lines = audit.as_csv(request.actor, _shown(form))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer


def _form(request: AccountRequest) -> AuditForm:
    return AuditForm(request.GET, people=audit.people_in_log(request.actor))


def _shown(form: AuditForm) -> AuditFilter:
    typed, zone = form.cleaned_data, timezone.get_current_timezone()

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=zone)

    return AuditFilter(
        user_id=typed["person"],
        action=typed["action"],
        since=midnight(typed["since"]) if typed["since"] else None,
        until=midnight(typed["until"] + timedelta(days=1)) if typed["until"] else None,
    )


def _sane(day: date | None) -> date | None:
    if day is not None and not date.min + _MARGIN <= day <= date.max - _MARGIN:
        raise forms.ValidationError(lazy("This is no day of our calendar."))
    return day


def _named(request: AccountRequest, entries: "Sequence[AuditEntry]") -> "Sequence[AuditEntry]":
    """The entries, each about a person with that person's address beside it, if still here."""
    emails = dict(audit.people_in_log(request.actor))
    for entry in entries:
        of_somebody = entry.object_type == "user" and entry.object_id != entry.user_id
        entry.whom = emails.get(entry.object_id, "") if of_somebody and entry.object_id else ""  # type: ignore[attr-defined]
    return entries
