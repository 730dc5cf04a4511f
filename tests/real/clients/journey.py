"""What a customer does by a library of Twilio's shape, and what it is told: one journey."""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from tests.real.clients.application import Application

RECEIVES, BUSY, GONE = "+12025550100", "+12025550101", "+12025550108"


def reachable(url: str, base: str) -> str:
    """The same at the host of ``base``: those of brands are in no name service here."""
    parts, root = urlsplit(url), urlsplit(base)
    return parts._replace(netloc=root.netloc).geturl()


def read_task() -> dict[str, Any]:
    """What to do, from standard input: addresses, account, token, key, number, a letter's file."""
    task: dict[str, Any] = json.load(sys.stdin)
    return task | {"letter": Path(task["letter"]).read_bytes()}


def report(done: dict[str, Any]) -> None:
    """Tell the test what became of it."""
    json.dump(done, sys.stdout)


class Journey:
    """One customer's faxes; ``refusal`` is the library's own exception."""

    def __init__(self, client: Any, refusal: type[Any], app: Application, number: str) -> None:
        self.client, self.refusal, self.app, self.number = client, refusal, app, number
        self.faxes = client.fax.faxes

    def refused(self, ask: Callable[[], Any]) -> list[int]:
        """The status and the vendor's code of a refusal."""
        try:
            ask()
        except self.refusal as error:
            return [error.status, error.code]
        raise AssertionError("it was not refused")

    def send(self, to: str = RECEIVES, path: str = "/letter.pdf", **more: Any) -> Any:
        """Hand in a fax."""
        return self.faxes.create(
            to=to,
            from_=more.pop("from_", self.number),
            media_url=self.app.url(path),
            status_callback=self.app.url("/status?from=portal"),
            **more,
        )

    def whole(self, address: str) -> str:
        """An address as it can be asked: SignalWire tells paths, Twilio all of it."""
        return urljoin(str(self.client.fax.base_url), address)

    def reached(self, sid: str, *statuses: str, seconds: float = 40) -> Any:
        """The fax once it has one of these statuses."""
        deadline = time.monotonic() + seconds
        while (fax := self.faxes(sid).fetch()).status not in statuses:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{sid} is {fax.status}, not {statuses}")
            time.sleep(0.25)
        return fax

    def travel(self, stranger: Any, download: Callable[[str], bytes]) -> dict[str, Any]:
        """Everything, in the order in which the waits are short."""
        (own,) = self.client.incoming_phone_numbers.list(phone_number=self.number)
        own.update(voice_url=self.app.url("/inbound"), voice_method="POST")
        busy, gone = self.send(BUSY, ttl=5), self.send(GONE)
        arriving = self.send(self.number)
        letters = [self.send(quality="superfine", store_media=True, ttl=30)]
        letters += [self.send(), self.send()]
        done: dict[str, Any] = {"created": letters[0].status, "api_version": letters[0].api_version}
        done |= self.cancel_and_refusals(stranger, busy.sid)
        for letter in letters:
            self.reached(letter.sid, "delivered")
        done |= self.lists([letter.sid for letter in letters], letters[0].date_created)
        done |= self.reads(letters[0].sid, download)
        done |= self.arrives(arriving.sid, download)
        asks = own.fetch()
        done["number"] = [asks.phone_number, asks.voice_url == self.app.url("/inbound")]
        done["number"] += [own.update(voice_url="").voice_url, asks.capabilities["fax"]]
        self.app.told("/status", "failed")
        done["failed"] = type(self.reached(gone.sid, "failed").num_pages).__name__
        done["told"] = {
            call.told["FaxStatus"]: sorted(call.told)
            for call in self.app.calls
            if call.path == "/status"
        }
        known = {busy.sid, gone.sid, arriving.sid, *(letter.sid for letter in letters)}
        done["told_by_sid"] = {
            call.told["FaxSid"] in known
            for call in self.app.calls
            if call.path == "/status" and call.told["FaxStatus"] != "canceled"
        } == {True}
        done["all_believed"] = all(call.believed for call in self.app.calls)
        return done

    def cancel_and_refusals(self, stranger: Any, busy: str) -> dict[str, Any]:
        """One is canceled in time, one is not; and what else is refused."""
        waits = self.send(path="/slow.pdf")
        canceled = self.faxes(waits.sid).update(status="canceled")
        self.app.let.set()
        self.app.told("/status", "canceled")
        done = {
            "queued": waits.status,
            "canceled": canceled.status,
            "canceled_deleted": self.faxes(waits.sid).delete(),
            "gone": self.refused(self.faxes(waits.sid).fetch),
            "unknown_from": self.refused(lambda: self.send(from_="+12025550199")),
            "wrong_token": self.refused(stranger.fax.faxes(busy).fetch),
        }
        self.reached(busy, "processing", "sending")
        return done | {
            "canceled_late": self.refused(lambda: self.faxes(busy).update(status="canceled")),
            "deleted_early": self.refused(self.faxes(busy).delete),
        }

    def lists(self, sids: list[str], begun: datetime) -> dict[str, Any]:
        """All letters, two a page."""
        before, after = begun - timedelta(seconds=1), datetime.now(begun.tzinfo)
        wanted = {"to": RECEIVES, "from_": self.number, "date_created_after": before}
        page = self.faxes.page(page_size=2, **wanted)
        pages = [[fax.sid for fax in page]]
        while page := page.next_page():
            pages.append([fax.sid for fax in page])
        whole = self.faxes.list(page_size=2, date_created_on_or_before=after, **wanted)
        return {
            "page_sizes": [len(each) for each in pages],
            "paged": sorted(sid for page in pages for sid in page) == sorted(sids),
            "listed": sorted(fax.sid for fax in whole) == sorted(sids),
            "streamed": len(list(self.faxes.stream(limit=3, page_size=2))),
            "before": sum(
                fax.sid in sids for fax in self.faxes.list(date_created_on_or_before=before)
            ),
        }

    def reads(self, sid: str, download: Callable[[str], bytes]) -> dict[str, Any]:
        """A letter that was delivered: what is told of it, its media, and its end."""
        fax = self.faxes(sid).fetch()
        names = ("price", "num_pages", "duration", "date_created", "date_updated", "sid", "url")
        (media,) = self.faxes(sid).media.list()
        found = self.faxes(sid).media(media.sid).fetch()
        done = {
            "types": {name: type(getattr(fax, name)).__name__ for name in names},
            "fax": [fax.direction, fax.to, fax.quality, fax.num_pages, fax.price_unit],
            "costs": fax.price >= 0,
            "account": fax.account_sid,
            "links": sorted(fax.links),
            "is_media": fax.media_sid == media.sid == found.sid,
            "media": [found.content_type, type(found.date_created).__name__],
            "of_fax": found.fax_sid == sid,
            "media_url": fax.media_url is None or download(fax.media_url)[:5].decode(),
            "told_url": download(self.app.told("/status", "delivered").told["MediaUrl"])[
                :5
            ].decode(),
            "paper": download(self.whole(found.url).replace(".json", "") + ".pdf")[:5].decode(),
            "media_deleted": self.faxes(sid).media(media.sid).delete(),
            "media_left": len(self.faxes(sid).media.list()),
            "media_gone": self.refused(self.faxes(sid).media(media.sid).fetch),
        }
        return done | {
            "deleted": self.faxes(sid).delete(),
            "deleted_gone": self.refused(self.faxes(sid).fetch),
        }

    def arrives(self, sent: str, download: Callable[[str], bytes]) -> dict[str, Any]:
        """A fax to the customer itself, as its number's webhook is told of it."""
        self.reached(sent, "delivered")
        asked, told = self.app.told("/inbound", "receiving"), self.app.told("/received", "received")
        sid = told.told["FaxSid"]
        arrived = self.faxes(sid).fetch()
        return {
            "asked": sorted(asked.told),
            "received": sorted(told.told),
            "same_fax": asked.told["FaxSid"] == sid != sent,
            "arrived": [arrived.direction, arrived.status, arrived.to, arrived.num_pages],
            "arrived_paper": download(told.told["MediaUrl"])[:5].decode(),
            "arrived_deleted": self.faxes(sid).delete(),
        }
