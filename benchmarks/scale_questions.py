"""What is asked of a portal at scale, and of a small one: what people, programs and workers do."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

_FOUND = 200
_MADE = 202


@dataclass
class Question:
    """Something to be timed; ``before`` is done each time, and not timed."""

    what: str
    ask: Callable[[], object]
    before: Callable[[], object] = field(default=lambda: None)


def questions(who: dict[str, Any], document: bytes) -> list[Question]:
    """All of them, of one database that is the default now."""
    from faxes.models import Fax  # noqa: PLC0415 (only here are we a portal)

    account = who["actor"].account_id
    rows = Fax.objects.for_account(account).order_by("-id")
    sent = rows.filter(direction="outbound", state="delivered")
    young = sent.filter(to_number__gt="+12022")[0]  # a number that can be
    middle = rows[rows.count() // 2]
    facts = {"account": account, "young": young, "middle": middle, "document": document, **who}
    return [*_pages(facts), *_lists(facts), *_searches(facts), *_work(facts), *_ends(facts)]


def _get(client: Any, address: str) -> Callable[[], object]:
    def fetch() -> None:
        answer = client.get(address)
        if answer.status_code != _FOUND:
            raise SystemExit(f"{address}: {answer.status_code} {answer.content[:300]!r}")

    return fetch


def _pages(facts: dict[str, Any]) -> list[Question]:
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from faxes import paging  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    client.force_login(facts["user"])
    facts["client"] = client
    young = facts["young"]
    month = f"{young.created_at - timedelta(30):%F}"

    def page(what: str, name: str, query: dict[str, str] | None = None, **more: Any) -> Question:
        address = reverse(name, kwargs={"account": facts["account"], **more})
        return Question(what, _get(client, f"{address}?{urlencode(query)}" if query else address))

    return [
        page("inbox", "inbox"),
        page("outbox", "outbox"),
        page("outbox, from its middle", "outbox", {"cursor": paging.encode(facts["middle"].pk)}),
        page("outbox, not delivered", "outbox", {"status": "failed"}),
        page("outbox, one number", "outbox", {"number": young.to_number}),
        page("outbox, a month ago", "outbox", {"to": month}),
        page("inbox, unread", "inbox", {"unread": "1"}),
        page("a fax", "fax", fax=young.pk),
        page("today", "today"),
        page("usage", "usage"),
        page("contacts", "contacts"),
        page("compose", "compose"),
    ]


def _lists(facts: dict[str, Any]) -> list[Question]:
    from django.test import Client  # noqa: PLC0415

    from faxes import paging  # noqa: PLC0415

    token, account, middle = facts["token"], facts["account"], facts["middle"]
    bearer = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})
    crossbar = Client(headers={"x-auth-token": token, "host": "localhost"})
    pair = base64.b64encode(f"{account}:{token}".encode()).decode()
    laml = Client(headers={"authorization": f"Basic {pair}", "host": "localhost"})
    facts["bearer"] = bearer
    native = {
        "all": "",
        "failed": "status=failed",
        "a number": f"number=%2B{facts['young'].to_number.lstrip('+')}",
        "a faxbox": f"faxbox={middle.faxbox_id}",
        "from its middle": f"cursor={paging.encode(middle.pk)}",
        "oldest first": "sort=created_at",
    }
    at = f"/v2/accounts/{account.hex}/faxes"
    return [
        *(
            Question(f"API, {what}", _get(bearer, f"/api/v1/faxes?{query}"))
            for what, query in native.items()
        ),
        Question("Kazoo, inbox", _get(crossbar, f"{at}/inbox")),
        Question("Kazoo, outbox", _get(crossbar, f"{at}/outbox")),
        Question(
            "SignalWire, faxes", _get(laml, f"/api/laml/2010-04-01/Accounts/{account}/Faxes.json")
        ),
    ]


def _searches(facts: dict[str, Any]) -> list[Question]:
    from django.urls import reverse  # noqa: PLC0415

    from faxes.queries.fax_ids import FaxFilter, first_ids  # noqa: PLC0415
    from faxes.queries.page_words import Sought  # noqa: PLC0415

    outbox = reverse("outbox", kwargs={"account": facts["account"]})
    middle = facts["middle"]
    sent = _sent_before(facts["account"], middle.pk)
    words = {
        "a common word": "referral",
        "two common words": "lab ellis",
        "a rare word": sent.subject.split()[-1],
        "a file": f"letter-{sent.subject.split()[-1]}.pdf",
        "a number": sent.to_number.lstrip("+"),
        "part of a number": sent.to_number[-6:],
        "nothing": "xylophone",
        "two letters": "qz",
    }
    asked = [
        Question(f"search, {what}", _get(facts["client"], f"{outbox}?{urlencode({'q': q})}"))
        for what, q in words.items()
    ]

    def on_pages() -> None:
        from unittest import mock  # noqa: PLC0415

        sought = [Sought("zzqx", (200,))]  # on the pages of one read fax of some
        with mock.patch("faxes.queries.fax_ids.sought", return_value=sought):
            first_ids(facts["actor"], FaxFilter(q="zzqx"), behind=None, size=31)

    return [*asked, Question("search, on pages", on_pages)]


def _sent_before(account: Any, key: Any) -> Any:
    from faxes.models import Fax  # noqa: PLC0415

    rows = Fax.objects.for_account(account).filter(direction="outbound", pk__lt=key)
    return rows.exclude(subject="").order_by("-pk")[0]


def _work(facts: dict[str, Any]) -> list[Question]:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415
    from django_q.models import OrmQ  # noqa: PLC0415

    from accounts import clock  # noqa: PLC0415
    from faxes.models import Fax  # noqa: PLC0415
    from faxes.queries.arrivals import ArrivalFilter, Behind  # noqa: PLC0415
    from faxes.services import arrivals, sweep  # noqa: PLC0415

    account, actor = facts["account"], facts["actor"]
    rows = Fax.objects.across_tenants(why="the benchmark's own")

    def submit() -> None:
        file = SimpleUploadedFile("letter.pdf", facts["document"], "application/pdf")
        told = {"to": "+12025550100", "documents": file}
        answer = facts["bearer"].post("/api/v1/faxes", told)
        if answer.status_code not in {201, _MADE}:
            raise SystemExit(f"submit: {answer.status_code} {answer.content[:300]!r}")

    def due() -> None:
        OrmQ.objects.all().delete()
        now = clock.now()
        waiting = rows.filter(state="queued", origin="api", carrier=None, subject__gt="")
        waiting.update(wake_at=now - timedelta(minutes=1))

    def quiet() -> None:
        OrmQ.objects.all().delete()
        rows.filter(wake_at__isnull=False).update(wake_at=clock.now() + timedelta(days=1))

    def untold() -> None:
        last = rows.filter(account_id=account, state="received").order_by("-pk")[:3]
        rows.filter(pk__in=[each.pk for each in last]).update(received_at=None)

    def arrived() -> None:
        behind = Behind(facts["middle"].created_at, facts["middle"].pk)
        arrivals.list_arrivals(actor, behind=behind, shown=ArrivalFilter(), size=50)

    return [
        Question("submit", submit),
        Question("sweep, a hundred due", sweep.sweep, due),
        Question("sweep, nothing due", sweep.sweep, quiet),
        Question("arrivals, all told", arrived),
        Question("arrivals, three untold", arrived, untold),
    ]


def _ends(facts: dict[str, Any]) -> list[Question]:
    from accounts import clock  # noqa: PLC0415
    from accounts.models import Account  # noqa: PLC0415
    from accounts.services.retention_bounds import Kept  # noqa: PLC0415
    from faxes.models import Fax  # noqa: PLC0415
    from faxes.queries.retention import Rules, forecast  # noqa: PLC0415
    from faxes.services import privacy  # noqa: PLC0415

    account, actor = facts["account"], facts["actor"]
    rows = Fax.objects.for_account(account)

    def forget() -> None:
        ended = rows.filter(finished_at__isnull=False)
        facts["oldest"] = ended.filter(direction="outbound").order_by("pk")[0].pk

    def retained() -> None:
        box = facts["middle"].faxbox_id
        here = rows.filter(faxbox=box, direction="outbound")
        midnight = clock.now() - timedelta(days=30)
        ended = here.filter(finished_at__lt=midnight, stripped_at__isnull=True)
        list(ended.order_by("finished_at", "id").values_list("pk", flat=True)[:100])

    def foreseen() -> None:
        owner = Account.objects.get(pk=account)
        rules = Rules({(None, "outbound"): Kept(365, 366)})
        forecast(owner, rules, clock.now().date() - timedelta(days=1))

    return [
        Question("retention, the next hundred", retained),
        Question("retention, tomorrow's forecast", foreseen),
        Question(
            "deleting a fax", lambda: privacy.delete_fax(actor, fax_id=facts["oldest"]), forget
        ),
    ]
