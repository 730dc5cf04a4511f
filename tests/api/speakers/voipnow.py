"""A program that speaks VoipNow's UnifiedAPI."""

import json
from typing import Any

from accounts.services.codes import code_of
from tests.api.speakers.base import Paper, Reply, Speaker, json_of, multipart


class VoipNow(Speaker):
    """A form with files and numbers, for an extension."""

    name = "voipnow"
    says = frozenset({"several numbers", "several documents", "along", "from"})

    def send(self, to: str | list[str], *papers: Paper, **how: Any) -> Reply:
        how.pop("brings", None)
        how.pop("from", None)  # the extension says so
        recipients = to if isinstance(to, list) else [to]
        files = [
            (f'Content-Disposition: form-data; name="files"; filename="{each.name}"', each.content)
            for each in papers
        ]
        body, media_type = multipart(
            "form-data",
            (
                'Content-Disposition: form-data; name="request"',
                json.dumps({"recipients": recipients}).encode(),
            ),
            *files,
        )
        extension = f"{code_of(self.whose.id)}*{self.whose.faxbox.extension}"
        return self._reply(self.ask("POST", f"/uapi/faxes/@me/{extension}", body, media_type))

    def _reply(self, answer: Any) -> Reply:
        body, content = json_of(answer)
        error = body.get("error", {}) if isinstance(body, dict) else {}
        each = body if isinstance(body, list) else [body]
        made = tuple(one["uid"] for one in each if isinstance(one, dict) and "uid" in one)
        return Reply(answer.status_code, error.get("code", ""), made, body, content)
