"""A program that speaks the Fax2 API."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.api.speakers.base import Paper, Reply, Speaker, json_of


class Fax2(Speaker):
    """Documents are brought ahead, and sent by their ids."""

    name = "fax2"
    says = frozenset({"several documents", "ahead"})

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        how.pop("brings", None)
        fields = [("dest_number", to)]
        for paper in papers:
            kept = self._reply(
                self.ask("POST", "/v1/upload_document", paper.content, paper.media_type)
            )
            if not kept.ids:
                return kept
            fields.append(("documents[]", kept.ids[0]))
        form = urlencode(fields).encode()
        kind = "application/x-www-form-urlencoded"
        return self._reply(self.ask("POST", "/v1/send_fax", form, kind))

    def read(self, fax_id: UUID) -> Reply:
        return self._get(f"sent_faxes/{fax_id}")

    def list_received(self) -> Reply:
        return self._get("received_faxes")

    def pages(self, fax_id: UUID) -> Reply:
        return self._get(f"received_faxes/{fax_id}/content.pdf")

    def numbers(self) -> Reply:
        return self._get("fax_services")

    def _get(self, path: str) -> Reply:
        return self._reply(self.ask("GET", f"/v1/{path}"))

    def _reply(self, answer: Any) -> Reply:
        body, content = json_of(answer)
        told = body if isinstance(body, dict) else {}
        made = tuple(told[name] for name in ("id", "document_id") if name in told)
        return Reply(answer.status_code, told.get("error", ""), made, body, content)
