"""A program that speaks Kazoo's API."""

import json
from typing import Any
from uuid import UUID

from faxes.models import Fax
from tests.api.speakers.base import Paper, Reply, Speaker, json_of, multipart


class Kazoo(Speaker):
    """A job as JSON with its document beside it, or where that lies."""

    name = "kazoo"
    says = frozenset({"along", "by address", "from", "retries"})

    def shown(self) -> dict[str, str]:
        return {"x-auth-token": self.token}

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        brings = how.pop("brings", "along")
        job: dict[str, Any] = {"to_number": to, **how}
        if "from" in how:
            job["from_number"] = job.pop("from")
        else:
            job["faxbox_id"] = self.tenant.faxbox.pk.hex
        path = f"/v2/accounts/{self.tenant.id.hex}/faxes"
        if brings == "by address":
            job["document"] = {"url": papers[0].url}
            return self._reply(self._json("PUT", path, {"data": job}))
        body, media_type = multipart(
            "mixed",
            ("Content-Type: application/json", json.dumps({"data": job}).encode()),
            (f"Content-Type: {papers[0].media_type}", papers[0].content),
        )
        return self._reply(self.ask("PUT", path, body, media_type))

    def read(self, fax_id: UUID) -> Reply:
        return self._get(self._job(fax_id))

    def list_sent(self) -> Reply:
        return self._get(f"{self._base}/faxes/outbox")

    def list_received(self) -> Reply:
        return self._get(f"{self._base}/faxes/inbox")

    def pages(self, fax_id: UUID) -> Reply:
        return self._get(f"{self._job(fax_id)}/attachment")

    def resend(self, fax_id: UUID) -> Reply:
        return self._act(fax_id, "resubmit")

    def forward(self, fax_id: UUID, to: str) -> Reply:
        return self._act(fax_id, "forward", to_number=to)

    def delete(self, fax_id: UUID) -> Reply:
        return self._reply(self.ask("DELETE", self._job(fax_id)))

    def numbers(self) -> Reply:
        return self._get(f"{self._base}/phone_numbers")

    def fax_machines(self) -> Reply:
        return self._get(f"{self._base}/faxboxes")

    def accounts_below(self) -> Reply:
        return self._get(f"{self._base}/children")

    @property
    def _base(self) -> str:
        return f"/v2/accounts/{self.whose.id.hex}"

    def _job(self, fax_id: UUID) -> str:
        fax = Fax.rows.filter(pk=fax_id).first()
        month = f"{fax.created_at:%Y%m}" if fax else "202611"
        folder = "inbox" if fax and fax.direction == "inbound" else "outbox"
        return f"{self._base}/faxes/{folder}/{month}-{fax_id.hex}"

    def _act(self, fax_id: UUID, action: str, **data: Any) -> Reply:
        return self._reply(self._json("PUT", self._job(fax_id), {"action": action, "data": data}))

    def _get(self, path: str) -> Reply:
        return self._reply(self.ask("GET", path))

    def _json(self, method: str, path: str, body: Any) -> Any:
        return self.ask(method, path, json.dumps(body).encode(), "application/json")

    def _reply(self, answer: Any) -> Reply:
        body, content = json_of(answer)
        told = body if isinstance(body, dict) else {}
        data = told.get("data")
        made = (data["id"],) if isinstance(data, dict) and "id" in data else ()
        code = told.get("message", "") if told.get("status") == "error" else ""
        return Reply(answer.status_code, code, made, body, content)
