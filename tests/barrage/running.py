"""Runs a barrage: a portal, somebody to be, something of others to find, and the end of it."""

import http.client
import json
import random
import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlencode

import psutil

from tests import commands
from tests.api.fuzz_seeds import LETTER, Asker
from tests.barrage.judging import Verdict
from tests.barrage.mails import Mailer
from tests.barrage.making import Maker, Request, Target, routes
from tests.hostile.seeds import seeds
from tests.ports import free_port
from tests.real.running import answers, prepared, running, until

MARKER = "Zebrafinch-7Q2-of-Lakeside"
_MAIL_EVERY = 50  # requests to a mail
_TOLD_EVERY = 2000
_MOST_MEMORY = 600 * 1024 * 1024  # of a process, by what it has for itself
_SECONDS = 120  # longer than the portal gives any document
_LATE_SECONDS = 300
_SETTLE_SECONDS = 600


def barrage(
    data: Path, *, seed: int, numbers: range, threads: int, say: Callable[[str], None]
) -> Verdict:
    """Send the requests of these numbers at a portal of their own."""
    verdict = Verdict(MARKER.encode())
    smtp = free_port()
    settings = {
        "FAXPORTAL_API_RATE": "0", "FAXPORTAL_API_ACCOUNT_RATE": "0",
        "FAXPORTAL_LOG_LEVEL": "ERROR", "FAXPORTAL_SMTP_PORT": str(smtp),
        "FAXPORTAL_MAX_PAGES": "20", "FAXPORTAL_CONVERT_SECONDS": "10",
    }  # fmt: skip
    with running(prepared(data), **settings) as (process, url):
        until(lambda: answers(url, "/health/ready"), 120)
        ours, theirs = _tenants(data, url)
        target = _target(url, ours, theirs)
        maker = Maker(seed, target, routes())
        mailer = Mailer(
            smtp, ours["users"][0]["email"], ours["faxboxes"][0]["email_address"],
            _mails(ours["users"][0]["email"]),
        )  # fmt: skip
        sender = _Sender(url, maker, mailer, verdict, say)
        started = time.monotonic()
        with closing(sender), ThreadPoolExecutor(threads) as pool:
            list(pool.map(sender.send, numbers))
        begun = time.monotonic() - started
        say(f"{len(numbers)} sent in {begun:.0f} s, {len(numbers) / begun:.0f} a second")
        _end(process, url, verdict)
        _settle(data, verdict)
    verdict.afterwards(data, sender.deleted)  # of a portal that has stopped: its books lie still
    say(str(verdict))
    return verdict


class _Sender:
    def __init__(
        self, url: str, maker: Maker, mailer: Mailer, verdict: Verdict, say: Callable[[str], None]
    ) -> None:
        self._host = url.removeprefix("http://")
        self._maker, self._mailer, self._verdict, self._say = maker, mailer, verdict, say
        self._of_thread = local()
        self._lines: list[http.client.HTTPConnection] = []
        self.deleted: set[str] = set()

    def close(self) -> None:
        """End the connections of all threads."""
        for line in self._lines:
            line.close()

    def send(self, number: int) -> None:
        """Send the request of a number, and at times a mail."""
        request = self._maker.request(number)
        try:
            status, told = self._ask(request)
        except (OSError, http.client.HTTPException) as error:
            self._verdict.say(f"{number}: {request.method} {request.path[:200]}: {error!r}")
            return
        if request.method == "DELETE" and status < 300:
            self.deleted |= {
                each.replace("-", "") for each in re.findall(r"[0-9a-f-]{32,36}", request.path)
            }
        self._verdict.judge(number, request, status, told)
        if number % _MAIL_EVERY == 0:
            try:
                taken = self._mailer.send(random.Random(f"{self._maker.seed}:mail:{number}"))
                self._verdict.mails += taken
            except OSError as error:
                self._verdict.say(f"mail {number}: {error!r}")
        if number and number % _TOLD_EVERY == 0:
            self._say(f"{time.strftime('%H:%M:%S')} {number}: {self._verdict}")

    def _ask(self, request: Request) -> tuple[int, bytes]:
        """Ask on this thread's connection; once more, anew, if the server had ended it."""
        for again in (True, False):
            line = getattr(self._of_thread, "line", None)
            if line is None:
                line = self._of_thread.line = http.client.HTTPConnection(
                    self._host, timeout=_SECONDS
                )
                self._lines.append(line)
            try:
                line.request(request.method, request.path, request.body, request.headers)
                answer = line.getresponse()
                head = str(answer.headers).encode("utf-8", "replace")
                return answer.status, head + answer.read(2_000_000)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                if not again:
                    raise
                line.close()
                self._of_thread.line = None
            finally:
                if line.sock is None or not _is_done(line):
                    line.close()
                    self._of_thread.line = None
        raise AssertionError


def _is_done(line: http.client.HTTPConnection) -> bool:
    return getattr(line, "_HTTPConnection__state", "") == "Idle"


def _tenants(data: Path, url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Northside, who asks, and Lakeside, whose things bear a mark."""
    asked = {"FAXPORTAL_DEMO": "1", "FAXPORTAL_PORT": url.rpartition(":")[2]}
    done = commands.manage(commands.bare(data, **asked), "seed_demo", "--json")
    assert not done.returncode, done.stderr
    accounts = {each["name"]: each for each in json.loads(done.stdout)["accounts"]}
    return accounts["Northside Clinic"], accounts["Lakeside Law"]


def _target(url: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Target:
    faxbox = ours["faxboxes"][0]
    target = Target(
        ours["id"], ours["api_token"], faxbox["id"], f"{ours['code']}*{faxbox['extension']}",
        ours["numbers"][0],
        documents={kind: each for kind, each in seeds().items() if kind != "ppt"},
    )  # fmt: skip
    of_them, of_us = Asker(url, theirs["api_token"]), Asker(url, ours["api_token"])
    for asker, name in ((of_them, MARKER), (of_us, "Ours")):
        for n in range(3):
            order = {"to": "+12025550100", "documents": LETTER, "subject": name,
                     "metadata": {"case": name}, "send_at": "2027-06-01T00:00:00Z"}  # fmt: skip
            target.ids.append(asker.make("faxes", order))
            contact = {"number": f"+1202555{n + 10:04}", "name": f"{name} {n}"}
            target.ids.append(asker.make("contacts", contact))
        target.ids.append(asker.make("covers", {"name": name}))
        target.ids.append(asker.make("contact-groups", {"name": name}))
        target.ids.append(asker.make("uploads", {"documents": LETTER}))
    own = [ours["id"], ours["id"].replace("-", ""), faxbox["id"], faxbox["id"].replace("-", ""),
           target.extension, ours["numbers"][0]]  # fmt: skip
    others = [theirs["id"], theirs["id"].replace("-", ""), theirs["faxboxes"][0]["id"]]
    target.ids += [*own, *own, *others, *(each.replace("-", "") for each in target.ids)]
    target.cookies, target.csrf = _signed_in(url, ours["users"][0])
    return target


def _signed_in(url: str, user: dict[str, Any]) -> tuple[str, str]:
    """The cookies of somebody who has signed in, and the value for forms."""
    with closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)) as line:
        line.request("GET", "/login/")
        answer = line.getresponse()
        page = answer.read().decode()
        cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
        assert found
        form = {
            "login": user["email"],
            "password": user["password"],
            "csrfmiddlewaretoken": found[1],
        }
        line.request(
            "POST", "/login/", urlencode(form),
            {"Cookie": "; ".join(cookies), "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        answer = line.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
    csrf = next(each.partition("=")[2] for each in cookies if "csrf" in each)
    return "; ".join(cookies), csrf


def _mails(sender: str) -> list[bytes]:
    head = f"From: {sender}\r\nTo: fax\r\nSubject: A fax\r\nMIME-Version: 1.0\r\n"
    mixed = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        'Hello\r\n--b\r\nContent-Type: application/pdf; name="=?utf-8?q?a=2Epdf?="\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n"
    )
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\nHello, fax!\r\n"
    nested = (
        'Content-Type: multipart/alternative; boundary="c"\r\n\r\n' + "--c\r\nContent-Type: "
        "message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n" * 20 + "--c--\r\n"
    )
    return [(head + each).encode() for each in (mixed, plain, nested)]


def _settle(data: Path, verdict: Verdict) -> None:
    """Wait until what waits has had its turn: a machine may have more to do."""
    deadline = time.monotonic() + _LATE_SECONDS
    while (late := verdict.late(data)) and time.monotonic() < deadline:
        time.sleep(2)
    verdict.wrong += late


def _end(process: "subprocess.Popen[str]", url: str, verdict: Verdict) -> None:
    """The portal is well, and none of its processes has grown without bounds."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while not answers(url, "/health/ready") and time.monotonic() < deadline:
        time.sleep(0.5)
    if not answers(url, "/health/ready"):
        verdict.say("the portal is not well any more")
    if process.poll() is not None:
        verdict.say("the portal has ended")
        return
    for each in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if (held := each.memory_info().rss - each.memory_info().shared) > _MOST_MEMORY:
                verdict.say(f"{' '.join(each.cmdline())[-80:]} holds {held >> 20} MiB")
