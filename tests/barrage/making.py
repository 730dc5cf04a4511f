"""Hostile requests: each is made from the seed and its number alone."""

import base64
import json
import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import URLPattern, get_resolver

from tests.barrage import words
from tests.hostile.mutate import mutated

_METHODS = ("GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_BETWEEN = "9d1b5e"
_MOST_BYTES = 40_000  # of a document: what is large is slow, and says no more
# What would end all trying, or is no API's.
_LEFT_OUT = re.compile(r"^(?:a/|admin|styleguide|api/v1/(?:account/close|tokens)|static)")
_IN_PORTAL = ("compose/", "contacts/import/", "compose/estimate/", "drafts/", "brand/")


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``sends`` names whose answer tells what was taken."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    sends: str = ""


@dataclass
class Target:
    """Whom it is about: the one who asks, with what there is of theirs, and ids of others."""

    account: str
    token: str
    faxbox: str
    extension: str
    number: str
    cookies: str = ""
    csrf: str = ""
    ids: list[str] = field(default_factory=list)
    documents: dict[str, list[bytes]] = field(default_factory=dict)


def routes() -> list[str]:
    """The addresses of all APIs, as patterns."""

    def walked(patterns: Any, before: str) -> Any:
        for each in patterns:
            here = before + str(each.pattern).lstrip("^")
            if isinstance(each, URLPattern):
                yield here
            else:
                yield from walked(each.url_patterns, here)

    found = {each for each in walked(get_resolver().url_patterns, "") if not _LEFT_OUT.match(each)}
    return sorted(found)


@dataclass(frozen=True)
class Maker:
    """Makes requests for a target."""

    seed: int
    target: Target
    routes: list[str]

    def request(self, number: int) -> Request:
        """The request of this number."""
        chance = random.Random(f"{self.seed}:{number}")
        dice = chance.random()
        if dice < 0.85:  # what brings documents is slow: they are looked at in processes
            return self._anything(chance)
        if dice < 0.88:
            return self._portal(chance)
        makes = (self._native, self._kazoo, self._signalwire, self._fax2, self._voipnow)
        return chance.choice(makes)(chance)

    def document(self, chance: random.Random) -> tuple[str, bytes]:
        """A document that is damaged, more often than not."""
        small = ("text", "text", "png", "tiff")
        kind = chance.choice(small if chance.random() < 0.7 else [*self.target.documents])
        data = chance.choice(self.target.documents[kind])
        if chance.random() < 0.8:
            data = mutated(kind, data, chance)
        return kind, data[:_MOST_BYTES]

    def _anything(self, chance: random.Random) -> Request:
        """Any address of any API, with whatever comes to mind."""
        route = chance.choice(self.routes)
        path = "/" + re.sub(
            r"<[^>]*>|\(\?P<\w+>[^)]*\)|\([^)]*\)",
            lambda _: quote(self._id(chance).encode("utf-8", "replace"), safe=""),
            route,
        ).replace("?$", "").replace("$", "").replace("^", "")  # fmt: skip
        query = [
            (
                chance.choice(words.FIELDS),
                words.text(chance, self.target.ids).encode("utf-8", "replace"),
            )
            for _ in range(chance.choice((0, 0, 1, 3)))
        ]
        told = words.thing(chance, self.target.ids)
        body, kind = self._body(chance, told if chance.random() < 0.5 else {"data": told})
        headers = {**self._shown(chance), "Content-Type": kind}
        path = path[:3000] + (f"?{urlencode(query)}" if query else "")
        method = chance.choice(_METHODS)
        return Request(method, path, headers, b"" if method in {"GET", "HEAD"} else body)

    def _id(self, chance: random.Random) -> str:
        if chance.random() < 0.75:
            return chance.choice(self.target.ids)
        return words.text(chance, self.target.ids)[:200] or "x"

    def _body(self, chance: random.Random, told: Any) -> tuple[bytes, str]:
        match chance.choice((0, 0, 0, 1, 2, 3, 3, 3, 3, 3)):
            case 0:
                pairs = [(str(k), str(v).encode("utf-8", "replace")) for k, v in told.items()]
                return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
            case 1:
                kind, data = self.document(chance)
                parts = [(f'name="documents"; filename="a.{kind}"', data)]
                return self._multipart(chance, "form-data", parts)
            case 2:
                return chance.randbytes(chance.choice((0, 1, 99))), chance.choice(
                    ("application/json", "text/plain", "application/pdf", "x", "multipart/mixed")
                )
            case _:
                return words.written(chance, told), "application/json"

    def _multipart(
        self, chance: random.Random, sort: str, parts: list[tuple[str, bytes]], head: str = ""
    ) -> tuple[bytes, str]:
        lines = b"".join(
            f"--{_BETWEEN}\r\n{head or 'Content-Disposition: form-data; '}{name}\r\n\r\n".encode()
            + data + b"\r\n"
            for name, data in parts
        )  # fmt: skip
        body = lines + f"--{_BETWEEN}--\r\n".encode()
        if chance.random() < 0.3:
            body = mutated("text", body, chance)[: 2 * _MOST_BYTES]
        between = _BETWEEN if chance.random() < 0.95 else chance.choice(("", '"', "x" * 300))
        return body, f"multipart/{sort}; boundary={between}"

    def _shown(self, chance: random.Random) -> dict[str, str]:
        """What proves who asks, in the words of some API, at times wrong."""
        token = self.target.token
        if chance.random() < 0.1:
            token = mutated("text", token.encode(), chance).decode("latin-1")
            token = re.sub(r"[^\x21-\x7e\xa0-\xff]", "_", token)[:2000]
        pair = base64.b64encode(f"{self.target.account}:{token}".encode()).decode()
        return chance.choice(
            [{"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {token}"},
             {"X-Auth-Token": token}, {"Authorization": f"Basic {pair}"},
             {"Cookie": self.target.cookies}, {}]
        )  # fmt: skip

    # --- Right requests, with something wrong -------------------------------------------------

    def _wrong(self, chance: random.Random, right: Any) -> Any:
        return right if chance.random() < 0.2 else words.changed(chance, right, self.target.ids)

    def _native(self, chance: random.Random) -> Request:
        kind, data = self.document(chance)
        paper = {"content_base64": base64.b64encode(data).decode(), "filename": f"a.{kind}"}
        told = {"to": "+12025550100", "documents": [paper], "faxbox": self.target.faxbox}
        told |= {"send_at": "2027-01-01T00:00:00Z"} if chance.random() < 0.8 else {}
        headers = {"Authorization": f"Bearer {self.target.token}"}
        if chance.random() < 0.3:
            parts = [
                ('name="to"', b"+12025550100"),
                (f'name="documents"; filename="a.{kind}"', data),
            ]
            body, form = self._multipart(chance, "form-data", parts)
            return Request(
                "POST", "/api/v1/faxes", {**headers, "Content-Type": form}, body, "native"
            )
        body = words.written(chance, self._wrong(chance, told))
        headers["Content-Type"] = "application/json"
        return Request("POST", "/api/v1/faxes", headers, body, "native")

    def _kazoo(self, chance: random.Random) -> Request:
        kind, data = self.document(chance)
        job = {"to_number": "+12025550100", "faxbox_id": self.target.faxbox.replace("-", "")}
        told = words.written(chance, self._wrong(chance, {"data": job}))
        parts = [("application/json", told), (f"application/{kind}", data)]
        body, form = self._multipart(chance, "mixed", parts, "Content-Type: ")
        path = f"/v2/accounts/{self.target.account.replace('-', '')}/faxes"
        headers = {"X-Auth-Token": self.target.token, "Content-Type": form}
        return Request("PUT", path, headers, body, "kazoo")

    def _signalwire(self, chance: random.Random) -> Request:
        told = {
            "To": "+12025550100",
            "From": self.target.number,
            "MediaUrl": "http://192.0.2.1/a.pdf",
        }
        wrong = self._wrong(chance, told)
        pairs = (
            [(k, str(v).encode("utf-8", "replace")) for k, v in wrong.items()]
            if isinstance(wrong, dict)
            else []
        )
        pair = base64.b64encode(f"{self.target.account}:{self.target.token}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = f"/api/laml/2010-04-01/Accounts/{self.target.account}/Faxes"
        return Request("POST", path, headers, urlencode(pairs).encode(), "signalwire")

    def _fax2(self, chance: random.Random) -> Request:
        headers = {"Authorization": f"Bearer {self.target.token}"}
        if chance.random() < 0.6:
            kind, data = self.document(chance)
            headers["Content-Type"] = f"application/{kind}"
            return Request("POST", "/v1/upload_document", headers, data)
        told = {"dest_number": "+12025550100", "documents[]": self._id(chance)}
        wrong = self._wrong(chance, told)
        pairs = (
            [(k, str(v).encode("utf-8", "replace")) for k, v in wrong.items()]
            if isinstance(wrong, dict)
            else []
        )
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return Request("POST", "/v1/send_fax", headers, urlencode(pairs).encode(), "fax2")

    def _voipnow(self, chance: random.Random) -> Request:
        kind, data = self.document(chance)
        told = json.dumps(self._wrong(chance, {"recipients": ["+12025550100"]}))
        parts = [('name="request"', told.encode("utf-8", "surrogatepass")),
                 (f'name="files"; filename="a.{kind}"', data)]  # fmt: skip
        body, form = self._multipart(chance, "form-data", parts)
        headers = {"Authorization": f"Bearer {self.target.token}", "Content-Type": form}
        path = f"/uapi/faxes/@me/{self.target.extension}"
        return Request("POST", path, headers, body, "voipnow")

    def _portal(self, chance: random.Random) -> Request:
        """A form with files, as a browser sends it."""
        kind, data = self.document(chance)
        name = chance.choice(("documents", "file", "logo", "sheet"))
        pairs: list[tuple[str, bytes]] = [
            ('name="csrfmiddlewaretoken"', self.target.csrf.encode()),
            (
                'name="to"',
                chance.choice((b"+12025550100", words.text(chance, []).encode("utf-8", "replace"))),
            ),
            ('name="faxbox"', self.target.faxbox.encode()),
            (
                f'name="{chance.choice(words.FIELDS)}"',
                words.text(chance, []).encode("utf-8", "replace"),
            ),
            (f'name="{name}"; filename="a.{kind}"', data),
        ]
        body, form = self._multipart(chance, "form-data", pairs)
        path = f"/a/{self.target.account}/{chance.choice(_IN_PORTAL)}"
        headers = {
            "Cookie": self.target.cookies,
            "Content-Type": form,
            "Referer": "http://localhost/",
        }
        return Request("POST", path, headers, body)
