"""Faxes, media and numbers as this dialect tells them: SignalWire's form, and Twilio's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from faxes.api.common.places import place_of
from faxes.api.signalwire import ids
from faxes.api.signalwire.states import error_of, status_of
from faxes.enums import Direction
from faxes.queries.reckoned import Reckoned
from faxes.wire.times import iso

if TYPE_CHECKING:
    from faxes.models import Document, Number

PDF: Final = "application/pdf"
TIFF: Final = "image/tiff"
_MICRO: Final = 1_000_000
_CENTS: Final = Decimal("0.01")
_VERSION: Final = "v1"
_OF_NUMBERS: Final = "2010-04-01"


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the things of one account; ``account`` is its id as it is told.

    ``site`` is the portal as the request found it. Links are paths, and to Twilio's clients whole
    addresses of their own kind.
    """

    account_id: UUID
    account: str
    site: str
    twilio: bool

    def fax(self, found: Reckoned) -> dict[str, Any]:
        """A fax: all keys are always there."""
        fax, words = found.fax, found.told
        code, text = error_of(fax)
        where = self._fax_at(fax.pk)
        return {
            "account_sid": self.account,
            "api_version": _VERSION,
            "date_created": iso(fax.created_at),
            "date_updated": iso(found.changed_at),
            "direction": fax.direction,
            "from": words.from_number,
            "to": words.to_number,
            "media_url": self._media_url(found),
            "media_sid": self._sid(ids.media_key(fax.pk), ids.MEDIA),
            "num_pages": self._number(fax.pages or None),
            "price": _amount(found.cost),
            "price_unit": found.currency,
            "quality": fax.quality,
            "sid": self._sid(fax.pk, ids.FAX),
            "status": status_of(place_of(fax)),
            "duration": found.seconds,
            "links": {"media": f"{where}/Media"},
            "url": where,
            "error_code": int(code) if code and self.twilio else code,
            "error_message": text,
        }

    def media(self, fax_id: UUID, pages: "Document") -> dict[str, Any]:
        """The one medium of a fax."""
        where = f"{self._fax_at(fax_id)}/Media/{self._sid(ids.media_key(fax_id), ids.MEDIA)}"
        told = {
            "sid": self._sid(ids.media_key(fax_id), ids.MEDIA),
            "date_created": iso(pages.created_at),
            "date_updated": iso(pages.created_at),
            "account_sid": self.account,
            "fax_sid": self._sid(fax_id, ids.FAX),
            "content_type": PDF,
        }
        if self.twilio:
            return {**told, "url": where}
        return {**told, "uri": f"{where}.json", "url": f"{where}.json"}

    def number(self, number: "Number") -> dict[str, Any]:
        """A number that faxes come in by; of what it cannot do, nothing is set."""
        made = _rfc_2822(number.created_at)
        hook = number.webhook_url
        nothing = dict.fromkeys(_NOTHING_OF_NUMBERS)
        return {
            **nothing,
            "sid": self._sid(number.pk, ids.NUMBER),
            "account_sid": self.account,
            "friendly_name": number.faxbox.name if number.faxbox else number.e164,
            "phone_number": number.e164,
            "voice_url": hook or None,
            "voice_method": number.webhook_method.upper(),
            "voice_receive_mode": "fax",
            "capabilities": {"voice": False, "sms": False, "mms": False, "fax": True},
            "date_created": made,
            "date_updated": made,
            "api_version": _OF_NUMBERS,
            "address_requirements": "none",
            "beta": False,
            "origin": "hosted",
            "status": "in-use",
            "uri": f"{ids.account_path(self.account_id)}/IncomingPhoneNumbers/{number.pk}.json",
        }

    def _fax_at(self, fax_id: UUID) -> str:
        if self.twilio:
            return f"{self.site}/v1/Faxes/{self._sid(fax_id, ids.FAX)}"
        return ids.fax_path(self.account_id, fax_id)

    def _media_url(self, found: Reckoned) -> str | None:
        """Where the pages can be fetched, which the vendor tells of received ones only."""
        sent = found.fax.direction == Direction.OUTBOUND
        if found.pages_file is None or (sent and not self.twilio):
            return None
        if self.twilio:
            key = self._sid(ids.media_key(found.fax.pk), ids.MEDIA)
            return f"{self._fax_at(found.fax.pk)}/Media/{key}.pdf"
        return f"{self.site}{ids.media_path(self.account_id, found.fax.pk)}.pdf"

    def _sid(self, key: UUID, kind: str) -> str:
        return ids.sid_of(key, kind if self.twilio else "")

    def _number(self, number: int | None) -> int | str | None:
        return number if number is None or self.twilio else str(number)


# What clients look for in a number, and a fax number has not.
_NOTHING_OF_NUMBERS: Final = (
    "address_sid", "bundle_sid", "emergency_address_sid", "emergency_status", "identity_sid",
    "sms_application_sid", "sms_fallback_method", "sms_fallback_url", "sms_method", "sms_url",
    "status_callback", "status_callback_method", "trunk_sid", "voice_application_sid",
    "voice_caller_id_lookup", "voice_fallback_method", "voice_fallback_url",
)  # fmt: skip


def _amount(micro: int | None) -> str | None:
    """An amount of money, such as 0.0105; None if it is not known."""
    if micro is None:
        return None
    whole = (Decimal(micro) / _MICRO).normalize()
    return f"{whole.quantize(_CENTS) if whole == whole.quantize(_CENTS) else whole:f}"


def _rfc_2822(moment: datetime) -> str:
    """A moment as lists of numbers have it, such as Sat, 21 Nov 2026 07:28:33 +0000."""
    return format_datetime(moment.astimezone(UTC))
