"""A program that speaks SignalWire's Compatibility API."""

import base64
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from tests.api.speakers.base import Paper, Reply, Speaker, json_of

_WORDS = {
    "quality": "Quality",
    "try_for": "Ttl",
    "webhook": "StatusCallback",
    "keep_documents": "StoreMedia",
    "from": "From",
}


class SignalWire(Speaker):
    """Forms; documents lie at web addresses."""

    name = "signalwire"
    later = True
    says = frozenset({"several documents", "by address", *_WORDS})

    def shown(self) -> dict[str, str]:
        pair = f"{self.tenant.id}:{self.token}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        how.pop("brings", None)
        fields = [("To", to), ("From", how.pop("from", self.tenant.number))]
        fields += [("MediaUrl", each.url) for each in papers]
        fields += [(_WORDS[name], str(value)) for name, value in how.items()]
        return self._form(f"/api/laml/2010-04-01/Accounts/{self.tenant.id}/Faxes", *fields)

    def read(self, fax_id: UUID) -> Reply:
        return self._get(f"Faxes/{fax_id}")

    def list_sent(self) -> Reply:
        return self._get("Faxes")

    def list_received(self) -> Reply:
        return self._get("Faxes")

    def pages(self, fax_id: UUID) -> Reply:
        return self._get(f"{self._media(fax_id)}.pdf")

    def cancel(self, fax_id: UUID) -> Reply:
        return self._form(f"{self._base}/Faxes/{fax_id}", ("Status", "canceled"))

    def strip(self, fax_id: UUID) -> Reply:
        return self._reply(self.ask("DELETE", f"{self._base}/{self._media(fax_id)}"))

    def delete(self, fax_id: UUID) -> Reply:
        return self._reply(self.ask("DELETE", f"{self._base}/Faxes/{fax_id}"))

    def numbers(self) -> Reply:
        return self._get("IncomingPhoneNumbers")

    @property
    def _base(self) -> str:
        return f"/api/laml/2010-04-01/Accounts/{self.whose.id}"

    def _media(self, fax_id: UUID) -> str:
        return f"Faxes/{fax_id}/Media/{uuid5(fax_id, 'media')}"

    def _get(self, path: str) -> Reply:
        return self._reply(self.ask("GET", f"{self._base}/{path}"))

    def _form(self, path: str, *fields: tuple[str, Any]) -> Reply:
        data = urlencode(fields).encode()
        return self._reply(self.ask("POST", path, data, "application/x-www-form-urlencoded"))

    def _reply(self, answer: Any) -> Reply:
        body, content = json_of(answer)
        told = body if isinstance(body, dict) else {}
        made = (told["sid"],) if "sid" in told else ()
        return Reply(answer.status_code, str(told.get("code", "")), made, body, content)
