"""The operator's lists of who is here: accounts, people, money, webhooks, who did what."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.auth.portal import AccountRequest
from accounts.models import (
    Account,
    AuditEntry,
    LedgerEntry,
    Membership,
    User,
    WebhookEndpoint,
    WebhookMessage,
)
from accounts.services import signin, tenants, webhooks
from accounts.tenancy import actor_below
from faxportal.operator.reading import ReadOnly, act_on
from faxportal.operator.site import site


@admin.register(Account, site=site)
class Accounts(ReadOnly):
    """Accounts; they are suspended and resumed as from the pages of those above them."""

    title = lazy("Accounts")
    ids = ("pk", "parent_id")
    begins = "realm"
    search_help_text = lazy("The beginning of a realm, or a whole id: its own or the one above.")
    list_display = ("realm", "name", "kind", "status", "parent", "created_at")
    list_select_related = ("parent",)
    fields = (
        *("id", "realm", "name", "kind", "status", "parent", "time_zone", "country", "language"),
        *("suspended_at", "suspended_for", "closed_at", "erase_at", "created_at"),
    )
    actions = ("suspend", "resume")

    @admin.action(description=lazy("Suspend the chosen accounts, and all below them"))
    def suspend(self, request: AccountRequest, chosen: QuerySet[Account]) -> None:
        """Nobody gets into them, and nothing is sent."""
        act_on(
            request,
            chosen,
            lambda each: tenants.suspend(request.actor, account_id=each.pk),
            lambda n: ngettext("%d account is suspended.", "%d accounts are suspended.", n) % n,
        )

    @admin.action(description=lazy("Resume the chosen accounts"))
    def resume(self, request: AccountRequest, chosen: QuerySet[Account]) -> None:
        """They are used again."""
        act_on(
            request,
            chosen,
            lambda each: tenants.resume(request.actor, account_id=each.pk),
            lambda n: ngettext("%d account is resumed.", "%d accounts are resumed.", n) % n,
        )


@admin.register(User, site=site)
class People(ReadOnly):
    """People, by their address; who lost what their second step is made of is let in again."""

    title = lazy("People")
    ids = ("pk",)
    begins = "email"
    search_help_text = lazy("The beginning of an address, or a whole id.")
    list_display = ("email", "name", "is_active", "last_login", "created_at")
    fields = ("id", "email", "name", "is_active", "language", "last_login", "created_at")
    actions = ("reset_second_step",)

    @admin.action(description=lazy("Remove the second step of the chosen people, who lost it"))
    def reset_second_step(self, request: AccountRequest, chosen: QuerySet[User]) -> None:
        """They sign in with their password alone, and set up another."""
        act_on(
            request,
            chosen,
            lambda each: signin.reset_second_step(each, by=request.actor),
            lambda n: (
                ngettext(
                    "%d person has no second step now.", "%d people have no second step now.", n
                )
                % n
            ),
        )


@admin.register(Membership, site=site)
class Memberships(ReadOnly):
    """Who is what in which account."""

    title = lazy("Who is where")
    ids = ("pk", "account_id", "user_id")
    search_help_text = lazy("The whole id of a person or an account.")
    list_display = ("user", "account", "role", "created_at")
    list_select_related = ("user", "account")
    fields = ("id", "user", "account", "role", "created_at")


@admin.register(LedgerEntry, site=site)
class Ledger(ReadOnly):
    """The books. Amounts are in millionths, as they are kept."""

    title = lazy("Ledger")
    search_help_text = lazy("The whole id of an entry or an account.")
    list_display = ("account", "number", "kind", "amount", "posted_after", "held_after", "at")
    list_select_related = ("account",)
    fields = (
        *("id", "account", "number", "kind", "amount", "posted_after", "held_after"),
        *("fax_id", "month", "by", "at"),
    )


@admin.register(AuditEntry, site=site)
class Audit(ReadOnly):
    """Who did what, in all accounts."""

    title = lazy("Who did what")
    ids = ("pk", "account_id", "object_id")
    search_help_text = lazy("The whole id of an entry, an account, or what was dealt with.")
    list_display = ("at", "actor", "on_behalf", "action", "object_type", "object_id", "account_id")
    fields = (
        *("id", "account_id", "number", "at", "actor", "user_id", "on_behalf", "via", "address"),
        *("action", "object_type", "object_id", "facts", "digest"),
    )


@admin.register(WebhookEndpoint, site=site)
class Webhooks(ReadOnly):
    """Who is told; addresses are not shown, as they may hold what opens something."""

    title = lazy("Webhooks")
    search_help_text = lazy("The whole id of a webhook or an account.")
    list_display = ("id", "account", "kind", "enabled", "disabled_because", "failing_since")
    list_select_related = ("account",)
    fields = (
        *("id", "account", "kind", "event_types", "with_below", "enabled", "disabled_at"),
        *("disabled_because", "failing_since", "sequence", "created_at", "deleted_at"),
    )


@admin.register(WebhookMessage, site=site)
class WebhookMessages(ReadOnly):
    """What they are told of, without its words; failed ones are sent again."""

    title = lazy("Messages of webhooks")
    ids = ("pk", "account_id", "endpoint_id", "object_id")
    search_help_text = lazy("The whole id of a message, a webhook, an account, or a fax.")
    list_display = ("id", "account", "type", "state", "tries", "next_at", "created_at")
    list_select_related = ("account",)
    fields = (
        *("id", "account", "endpoint", "type", "sequence", "object_type", "object_id"),
        *("state", "tries", "next_at", "created_at", "ended_at"),
    )
    actions = ("send_again",)

    @admin.action(description=lazy("Send the chosen messages again"))
    def send_again(self, request: AccountRequest, chosen: QuerySet[WebhookMessage]) -> None:
        """Under the same ids; those that still wait are sent now."""
        act_on(
            request,
            chosen,
            lambda each: webhooks.redeliver(
                actor_below(request.actor, each.account_id), message_id=each.pk
            ),
            lambda n: ngettext("%d message is sent again.", "%d messages are sent again.", n) % n,
        )
