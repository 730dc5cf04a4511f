"""The operator's lists of what goes over the lines: that it went, when and how; nothing it said."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.auth.portal import AccountRequest
from faxes.models import (
    ArrivalMark,
    Attempt,
    Carrier,
    CarrierRoute,
    Event,
    Fax,
    Faxbox,
    InboundMail,
    Number,
)
from faxes.services import carrier_settings
from faxportal.operator.reading import ReadOnly, act_on, hidden
from faxportal.operator.site import site

_OF_FAX = lazy("The whole id of a fax or an account.")


@admin.register(Carrier, site=site)
class Carriers(ReadOnly):
    """Carriers of the site and of accounts, without their settings and secrets."""

    title = lazy("Carriers")
    search_help_text = lazy("The whole id of a carrier or an account.")
    list_display = ("name", "kind", "account", "enabled", "channels", "failures", "synced_at")
    list_select_related = ("account",)
    fields = (
        *("id", "name", "kind", "account", "enabled", "channels", "failures", "created_at"),
        *("received_until", "sync_at", "sync_lease_until", "synced_at", "widened_at", "numbers_at"),
    )
    actions = ("take_out", "put_back")

    @admin.action(description=lazy("Put the chosen carriers of the site out of service"))
    def take_out(self, request: AccountRequest, chosen: QuerySet[Carrier]) -> None:
        """Nothing is handed to them; what they took is followed to its end."""
        self._serve(request, chosen, in_service=False)

    @admin.action(description=lazy("Put the chosen carriers of the site back into service"))
    def put_back(self, request: AccountRequest, chosen: QuerySet[Carrier]) -> None:
        """They are handed faxes again."""
        self._serve(request, chosen, in_service=True)

    def _serve(
        self, request: AccountRequest, chosen: QuerySet[Carrier], *, in_service: bool
    ) -> None:
        act_on(
            request,
            chosen,
            lambda each: carrier_settings.set_in_service(
                request.actor, carrier_id=each.pk, in_service=in_service
            ),
            lambda n: ngettext("%d carrier was switched.", "%d carriers were switched.", n) % n,
        )


@admin.register(CarrierRoute, site=site)
class Routes(ReadOnly):
    """Which carrier takes which numbers."""

    title = lazy("Routes")
    ids = ("pk", "account_id", "carrier_id")
    search_help_text = lazy("The whole id of a route, a carrier or an account.")
    list_display = ("prefix", "carrier", "account", "priority", "cost", "enabled")
    list_select_related = ("carrier", "account")
    fields = ("id", "prefix", "carrier", "account", "priority", "cost", "enabled")


@admin.register(Number, site=site)
class Numbers(ReadOnly):
    """Numbers, and whose they are."""

    title = lazy("Numbers")
    ids = ("pk", "account_id")
    begins = "e164"
    search_help_text = lazy("The beginning of a number with its +, or a whole id.")
    list_display = ("e164", "account", "faxbox", "carrier", "created_at")
    list_select_related = ("account", "faxbox", "carrier")
    fields = ("id", "e164", "account", "faxbox", "carrier", "listed_at", "held_since", "created_at")


@admin.register(Faxbox, site=site)
class Faxboxes(ReadOnly):
    """Fax machines."""

    title = lazy("Fax machines")
    search_help_text = lazy("The whole id of a fax machine or an account.")
    list_display = ("name", "account", "extension", "mail_label", "created_at", "deleted_at")
    list_select_related = ("account",)
    fields = (
        *("id", "name", "account", "extension", "time_zone", "retries", "restricted"),
        *("mail_label", "mail_pages", "created_at", "updated_at", "deleted_at"),
    )


@admin.register(Fax, site=site)
class Faxes(ReadOnly):
    """Faxes of accounts that let those above them see theirs, with numbers in part."""

    title = lazy("Faxes")
    of_faxes = True
    ids = ("pk", "account_id", "batch_id")
    search_help_text = lazy("The whole id of a fax, a submission or an account.")
    list_display = (
        *("id", "account", "direction", "state", "outcome", "error_code"),
        *("from_part", "to_part", "pages", "tries", "created_at"),
    )
    list_select_related = ("account",)
    fields = (
        *("id", "account", "faxbox", "direction", "state", "outcome", "error_code"),
        *("from_part", "to_part", "quality", "paper", "pages", "pages_done", "tries"),
        *("false_starts", "origin", "carrier", "batch_id", "copied_from", "broadcast_id"),
        *("created_at", "send_at", "due_at", "try_until", "wake_at", "lease_until"),
        *("finished_at", "received_at", "stripped_at"),
    )
    readonly_fields = ("from_part", "to_part")

    @admin.display(description=lazy("from"))
    def from_part(self, fax: Fax) -> str:
        """Where it comes from, in part."""
        return hidden(fax.from_number)

    @admin.display(description=lazy("to"))
    def to_part(self, fax: Fax) -> str:
        """Where it goes, in part."""
        return hidden(fax.to_number)


@admin.register(Attempt, site=site)
class Attempts(ReadOnly):
    """Tries at transmission."""

    title = lazy("Tries")
    of_faxes = True
    ids = ("pk", "account_id", "fax_id", "key")
    search_help_text = _OF_FAX
    list_display = (
        *("id", "account", "number", "state", "outcome", "carrier", "pages_sent", "bit_rate"),
        *("started_at", "ended_at"),
    )
    list_select_related = ("account", "carrier")
    fields = (
        *("id", "account", "fax", "number", "state", "outcome", "key", "carrier", "phase"),
        *("first_page", "pages_sent", "line_seconds", "bit_rate", "ecm", "compression"),
        *("resolution", "bad_rows", "ecm_retries", "completion_code", "carrier_tries"),
        *("started_at", "unheard_at", "ended_at"),
    )


@admin.register(Event, site=site)
class Events(ReadOnly):
    """How faxes moved."""

    title = lazy("Timelines")
    of_faxes = True
    ids = ("pk", "account_id", "fax_id")
    search_help_text = _OF_FAX
    list_display = ("at", "account", "fax_id", "from_state", "to_state", "because")
    list_select_related = ("account",)
    fields = ("id", "account", "fax", "at", "from_state", "to_state", "because", "attempt")


@admin.register(InboundMail, site=site)
class Mails(ReadOnly):
    """Mails that were to become faxes: what became of them."""

    title = lazy("Mails")
    of_faxes = True
    ids = ("pk", "account_id", "fax_id")
    search_help_text = _OF_FAX
    list_display = ("id", "account", "state", "domain", "size", "tries", "next_at", "created_at")
    list_select_related = ("account",)
    fields = (
        *("id", "account", "faxbox", "state", "domain", "content_type", "size", "fax_id"),
        *("tries", "next_at", "lease_until", "created_at", "ended_at"),
    )


@admin.register(ArrivalMark, site=site)
class Marks(ReadOnly):
    """Up to when arrivals of an account are told in lists."""

    title = lazy("Lists of arrivals")
    ids = ("account_id",)
    search_help_text = lazy("The whole id of an account.")
    list_display = ("account", "newest")
    list_select_related = ("account",)
    fields = ("account", "newest")
