"""A program that speaks the portal's own API."""

import base64
import json
from typing import Any
from uuid import UUID

from tests.api.speakers.base import Paper, Reply, Speaker, json_of


class Native(Speaker):
    """JSON, documents along, by address or brought ahead."""

    name = "native"
    says = frozenset(
        {
            "several numbers",
            "several documents",
            "along",
            "by address",
            "ahead",
            "from",
            "cover",
            "quality",
            "retries",
            "send_at",
            "webhook",
            "keep_documents",
        }
    )

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        brings = how.pop("brings", "along")
        if "webhook" in how:
            how["webhook_url"] = how.pop("webhook")
        if "keep_documents" in how:
            how["store_documents"] = how.pop("keep_documents")
        body = {"to": to, "documents": [self._document(each, brings) for each in papers], **how}
        if "from" not in how:
            body["faxbox"] = str(self.tenant.faxbox.pk)
        return self._reply(self._json("POST", "faxes", body))

    def _document(self, paper: Paper, brings: str) -> dict[str, str]:
        if brings == "by address":
            return {"url": paper.url}
        content = base64.b64encode(paper.content).decode()
        inline = {"content_base64": content, "filename": paper.name}
        if brings == "ahead":
            made = self._reply(self._json("POST", "uploads", {"documents": [inline]}))
            return {"upload_id": made.ids[0]}
        return inline

    def read(self, fax_id: UUID) -> Reply:
        return self._get(f"faxes/{fax_id}")

    def list_sent(self) -> Reply:
        return self._get("faxes?direction=outbound")

    def list_received(self) -> Reply:
        return self._get("faxes?direction=inbound")

    def pages(self, fax_id: UUID) -> Reply:
        return self._get(f"faxes/{fax_id}/document.pdf")

    def cancel(self, fax_id: UUID) -> Reply:
        return self._act(fax_id, "cancel")

    def resend(self, fax_id: UUID) -> Reply:
        return self._act(fax_id, "resend")

    def forward(self, fax_id: UUID, to: str) -> Reply:
        return self._act(fax_id, "forward", to=to)

    def strip(self, fax_id: UUID) -> Reply:
        return self._act(fax_id, "strip")

    def delete(self, fax_id: UUID) -> Reply:
        return self._reply(self.ask("DELETE", f"/api/v1/faxes/{fax_id}"))

    def numbers(self) -> Reply:
        return self._get("numbers")

    def fax_machines(self) -> Reply:
        return self._get("faxboxes")

    def accounts_below(self) -> Reply:
        return self._get("accounts")

    def _act(self, fax_id: UUID, act: str, **body: Any) -> Reply:
        return self._reply(self._json("POST", f"faxes/{fax_id}/{act}", body))

    def _get(self, path: str) -> Reply:
        return self._reply(self.ask("GET", f"/api/v1/{path}"))

    def _json(self, method: str, path: str, body: Any) -> Any:
        return self.ask(method, f"/api/v1/{path}", json.dumps(body).encode(), "application/json")

    def _reply(self, answer: Any) -> Reply:
        body, content = json_of(answer)
        told = body if isinstance(body, dict) else {}
        made = [each["id"] for each in told.get("data", []) if isinstance(each, dict)]
        made = made or ([told["id"]] if "id" in told else [])
        return Reply(answer.status_code, told.get("code", ""), tuple(made), body, content)
