"""How an account is set up, as part of its export: fax machines, people, covers, rules."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.db.models import Model

from accounts.models import (
    Account,
    Brand,
    Credential,
    Limits,
    Membership,
    RetentionBounds,
    SignInPolicy,
)
from faxes.models import CoverTemplate, Faxbox, Label, Number, RetentionRule

# What opens something, or is the portal's own business, is not taken along.
_ACCOUNT: Final = (
    "id", "kind", "name", "realm", "status", "time_zone", "country", "paper", "language",
    "created_at", "night_from", "night_until", "approve_pages", "approve_new_numbers",
    "approve_programs", "approve_mail", "approve_by_members",
)  # fmt: skip
_RULES: Final = (
    "require_mfa", "program_passwords", "issuer", "client_id", "domains", "create_members",
    "new_role",
)  # fmt: skip
_LIMITS: Final = (
    "pages_a_day", "pages_a_month", "pages_a_fax", "faxes_at_once", "calls_at_once",
    "storage_bytes",
)  # fmt: skip
_BRAND: Final = (
    "product_name", "accent", "support_email", "support_phone", "support_url", "sender_name",
    "sender_address", "domain",
)  # fmt: skip
_KEPT: Final = ("faxbox_id", "direction", "pages_days", "record_days", "changed_at")
_BOUNDS: Final = (
    "for_below", "pages_least", "pages_most", "record_least", "record_most", "changed_at",
)  # fmt: skip
_FAXBOX: Final = (
    "id", "name", "extension", "station_id", "header", "time_zone", "retries", "restricted",
    "caller_name", "caller_number", "mail_label", "mail_address", "mail_cover", "mail_senders",
    "inbound_emails", "inbound_sms", "outbound_emails", "outbound_sms", "mail_pages",
    "created_at", "deleted_at",
)  # fmt: skip
_NUMBER: Final = ("e164", "faxbox_id", "webhook_url", "created_at")
_PERSON: Final = ("user__name", "user__email", "username", "role", "created_at")
_TOKEN: Final = ("name", "prefix", "created_at", "expires_at", "revoked_at")
_COVER: Final = (
    "id", "name", "layout", "heading", "letterhead", "footnote", "html", "created_at",
    "updated_at",
)  # fmt: skip
_LABEL: Final = ("name", "colour", "created_at")


def settings_json(account: Account) -> Iterator[str]:
    """One object: the account, its rules, and lists of what it has set up."""
    own = account.pk
    told: dict[str, Any] = {
        "account": _facts(account, _ACCOUNT),
        "sign_in_rules": _facts(SignInPolicy.objects.filter(account=own).first(), _RULES),
        "limits": _facts(Limits.objects.for_account(own).first(), _LIMITS),
        "brand": _facts(Brand.objects.for_account(own).first(), _BRAND),
        "retention_rules": _rows(
            RetentionRule.objects.for_account(own).order_by("faxbox", "direction").values(*_KEPT)
        ),
        "retention_bounds": _rows(
            RetentionBounds.objects.for_account(own).order_by("for_below").values(*_BOUNDS)
        ),
        "fax_machines": _rows(Faxbox.objects.for_account(own).order_by("pk").values(*_FAXBOX)),
        "numbers": _rows(Number.objects.for_account(own).order_by("e164").values(*_NUMBER)),
        "people": _rows(
            Membership.objects.filter(account=own).order_by("user__email").values(*_PERSON)
        ),
        "tokens": _rows(
            Credential.objects.filter(account=own).order_by("created_at").values(*_TOKEN)
        ),
        "covers": _rows(CoverTemplate.objects.for_account(own).order_by("pk").values(*_COVER)),
        "labels": _rows(Label.objects.for_account(own).order_by("sorted_as").values(*_LABEL)),
    }
    yield json.dumps(told, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _facts(row: Model | None, names: Iterable[str]) -> dict[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in names}


def _rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name.removeprefix("user__"): value for name, value in row.items()} for row in rows]


def _plain(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
