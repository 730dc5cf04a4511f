"""A carrier as one writes it: of Paperboy, a vendor that nobody has heard of, and that vendor.

``docs/contributor/add-a-carrier.md`` walks through it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

from faxes.carriers.base import (
    Arrival,
    ArrivalState,
    Capabilities,
    Carrier,
    CarrierInDoubt,
    CarrierNumber,
    CarrierRefused,
    OutgoingFax,
    SendResult,
    SendStatus,
    SentFax,
)
from faxes.carriers.http import Talk, as_object, require_taken
from faxes.carriers.settings import CarrierSettings, OptionKind, option
from faxes.enums import Outcome, Quality
from tests.upstreams.base import Call, Reply, Taken, Upstream, now

OUTCOMES = {"sent": Outcome.DELIVERED, "busy": Outcome.BUSY, "lost": Outcome.TRANSMIT_ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperboySettings(CarrierSettings):
    """Where Paperboy's API is, and the key to it."""

    base_url: str = option("Address of the API", kind=OptionKind.URL)
    key: str = option("API key", kind=OptionKind.SECRET)
    lines: int = option("Lines", kind=OptionKind.NUMBER, default=4)
    urgent: bool = option("Send as urgent", kind=OptionKind.SWITCH, default=False)


class PaperboyCarrier(Carrier):
    """Paperboy, over JSON."""

    kind: ClassVar[str] = "paperboy"
    name: ClassVar[str] = "Paperboy"
    capabilities: ClassVar[Capabilities] = Capabilities(
        idempotent_submit=True,  # the key is the id of the job there
        finds_by_key=True,
        qualities=frozenset({Quality.STANDARD, Quality.FINE}),
        station=False,
        receives=True,
        lists_numbers=True,
        look_every=1.0,
    )
    settings_class: ClassVar[type[CarrierSettings]] = PaperboySettings

    def check(self) -> str:
        """Ask who we are."""
        answer = self._ask("GET", "me", repeat=True)
        if not require_taken(answer):
            raise CarrierInDoubt("the API key is not known")
        return f"Signed in as {as_object(answer)['name']}."

    def submit(self, fax: OutgoingFax) -> str:
        """Put the job under its key: doing it again changes nothing."""
        answer = self._ask(
            "PUT",
            f"jobs/{fax.key}",
            repeat=True,
            params={"to": fax.to_number, "from": fax.from_number, "pages": fax.pages},
            content=fax.document.pdf(),
        )
        if not require_taken(answer):
            raise CarrierRefused(Outcome.DIAL_FAILED, "the number was refused")
        return str(fax.key)

    def find(self, sent: SentFax) -> SendStatus | None:
        """Look the job up by its key."""
        answer = self._ask("GET", f"jobs/{sent.key}", repeat=True)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if not require_taken(answer):
            raise CarrierInDoubt("the job cannot be read")
        job = as_object(answer)
        outcome = OUTCOMES.get(job["state"])
        result = None if outcome is None else SendResult(outcome, job["pages_sent"])
        return SendStatus(str(sent.key), phase="page", pages_done=job["pages_sent"], result=result)

    def received_since(self, mark: datetime | None) -> Iterable[Arrival]:  # noqa: ARG002
        """All that came."""
        for each in as_object(self._ask("GET", "inbox", repeat=True))["faxes"]:
            yield _arrival(each)

    def arrival(self, ref: str) -> Arrival | None:
        """One that came."""
        answer = self._ask("GET", f"inbox/{ref}", repeat=True)
        return _arrival(as_object(answer)) if require_taken(answer) else None

    def fetch(self, ref: str, into: Path) -> None:
        """Its pages."""
        Talk(self._tools, base_url=self._settings.base_url).download(
            f"inbox/{ref}.pdf", into, headers=self._signed()
        )

    def numbers(self) -> Iterable[CarrierNumber]:
        """The numbers that are ours there."""
        for each in as_object(self._ask("GET", "numbers", repeat=True))["numbers"]:
            yield CarrierNumber(each)

    def _ask(self, method: str, path: str, *, repeat: bool, **sent: Any) -> Any:
        talk = Talk(self._tools, base_url=self._settings.base_url)
        return talk.ask(method, path, repeat=repeat, headers=self._signed(), **sent)

    def _signed(self) -> dict[str, str]:
        return {"X-Key": self._settings.key}


def _arrival(told: dict[str, Any]) -> Arrival:
    return Arrival(
        ref=told["id"],
        called=told["to"],
        caller=told["from"],
        state=ArrivalState.RECEIVED,
        at=datetime.fromisoformat(told["at"]),
        pages=told["pages"],
    )


class Paperboy(Upstream):
    """The vendor."""

    kind = "paperboy"
    key = "paperboy-key"
    listed: ClassVar[list[str]] = ["+12025550170", "+12025550171"]

    def settings(self) -> dict[str, Any]:
        return {"base_url": self.base, "key": self.key}

    def hands_over(self, call: Call) -> bool:
        return call.method == "PUT"

    def refusal(self) -> Reply:
        return Reply.of(422, {"error": "no such number"})

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 (a table)
        if call.headers.get("x-key") != self.key:
            return Reply.of(401, {"error": "who are you?"})
        place, _, rest = call.path.strip("/").partition("/")
        match (call.method, place):
            case ("GET", "me"):
                return Reply.of(200, {"name": "Acme Faxing"})
            case ("GET", "numbers"):
                return Reply.of(200, {"numbers": self.listed})
            case ("PUT", "jobs"):
                return self._take(rest, call)
            case ("GET", "jobs"):
                found = next((each for each in self.taken if each.ref == rest), None)
                return Reply.of(404, {}) if found is None else Reply.of(200, _told(found))
            case ("GET", "inbox"):
                return self._inbox(rest)
            case _:
                return Reply.of(404, {})

    def _take(self, ref: str, call: Call) -> Reply:
        if all(each.ref != ref for each in self.taken):
            to, sender, pages = call.query["to"], call.query["from"], int(call.query["pages"])
            self.taken.append(Taken(ref, to, sender, pages, now(), call.body))
        return Reply.of(201, {"id": ref})

    def _inbox(self, rest: str) -> Reply:
        came = [each for each in self.came if each.listed]
        if not rest:
            return Reply.of(200, {"faxes": [_came(each) for each in came]})
        found = next((each for each in came if each.ref == rest.removesuffix(".pdf")), None)
        if found is None:
            return Reply.of(404, {})
        if rest.endswith(".pdf"):
            return Reply(200, found.document, "application/pdf")
        return Reply.of(200, _came(found))


def _told(one: Taken) -> dict[str, Any]:
    states = {"delivered": "sent", "busy": "busy", "transmit_error": "lost"}
    return {"state": states.get(one.state, "waiting"), "pages_sent": one.pages_sent}


def _came(one: Any) -> dict[str, Any]:
    return {
        "id": one.ref, "to": one.called, "from": one.caller, "at": one.at.isoformat(),
        "pages": one.pages,
    }  # fmt: skip
