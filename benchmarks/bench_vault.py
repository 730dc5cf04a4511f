"""What sealing costs: documents put and read with it and without, in the same run.

``python benchmarks/bench_vault.py`` prints a table and writes ``var/bench/vault.json``. Each
size is put and read in a folder and in a SeaweedFS that this starts, as the portal does, with and
without sealing by turns, and of 25 rounds the median told, and the median of the processor's time:
whole requests of programs, and the vault alone, to whose puts belong the key that is made and kept,
the note, and on a folder that it is synced. How much more it is, is the median of what each round's
two differ by: what else goes on then concerns both. The goal is for requests: at most 10 % more.
"""

import io
import json
import os
import secrets
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"40 KB": 40_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
ROUNDS = 25
MOST = 10  # percent
CREATED = 201


class Took(NamedTuple):
    """Seconds, by the clock and of this process' processor time."""

    clock: float
    processor: float


def in_turns(one: Callable[[], Any], other: Callable[[], Any]) -> list[tuple[Took, Took]]:
    """What each took, done by turns, and which of them is first changes."""
    rounds = []
    for turn in range(ROUNDS + 1):
        swapped = bool(turn % 2)
        first, second = (other, one) if swapped else (one, other)
        pair = (took(first), took(second))
        if turn:  # the first only warms up
            rounds.append((pair[1], pair[0]) if swapped else pair)
    return rounds


def took(act: Callable[[], Any]) -> Took:
    """Do it."""
    begun, processor = time.perf_counter(), time.process_time()
    act()
    return Took(time.perf_counter() - begun, time.process_time() - processor)


def measured(where: str, storages: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Every size there, put and read."""
    from django.test.utils import override_settings  # noqa: PLC0415 (only here are we a portal)

    with override_settings(STORAGES=storages):
        return [row for name, size in SIZES.items() for row in one_size(where, name, size, folder)]


def one_size(where: str, name: str, size: int, folder: Path) -> list[dict[str, Any]]:
    """One size put and read, with sealing and without, in the vault alone."""
    from uuid import UUID  # noqa: PLC0415

    from faxes import vault  # noqa: PLC0415

    owner, path = UUID(int=1), folder / "document"
    path.write_bytes(secrets.token_bytes(size))
    keys: dict[str, str] = {}

    def put(how: str) -> None:
        keys[how] = vault.put(owner, path).key
        vault.named([keys[how]])

    def read(how: str) -> None:
        with vault.open_checked(keys[how], size=size) as file:
            while file.read(65_536):
                pass

    return [row(f"{where}: {what}, {name}", act) for what, act in (("put", put), ("read", read))]


def asked(where: str, storages: dict[str, Any]) -> list[dict[str, Any]]:
    """Requests of a program, all of them: what people and programs wait for."""
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import override_settings  # noqa: PLC0415

    from accounts import clock  # noqa: PLC0415
    from faxes import vault  # noqa: PLC0415
    from faxes.models import Document, Fax  # noqa: PLC0415
    from tests import papers  # noqa: PLC0415
    from tests.api.speakers import SPEAKERS  # noqa: PLC0415
    from tests.world import make_world  # noqa: PLC0415

    tenant = make_world().northside
    program = SPEAKERS["native"](tenant, tenant.admin, tenant)
    program.client = Client()

    def upload(pages: int, _how: str) -> None:
        told = {"content_base64": b64encode(papers.pdf(pages)).decode(), "filename": "a.pdf"}
        body = json.dumps({"documents": [told]}).encode()
        answer = program.ask("POST", "/api/v1/uploads", body, "application/json")
        if answer.status_code != CREATED:
            raise RuntimeError(answer.content)

    def made(size: int) -> dict[str, str]:
        """A fax with pages of a size, sealed and not."""
        path, ids = Path(os.environ["FAXPORTAL_DATA"]) / "pages", {}
        path.write_bytes(secrets.token_bytes(size))
        for how in ("sealed", "plain"):
            with unsealed() if how == "plain" else nullcontext():
                stored = vault.put(tenant.id, path)
            shape = {"direction": "outbound", "state": "delivered", "to_number": "+12025550100"}
            shape |= {"quality": "fine", "paper": "letter"}
            fax = Fax(account=tenant.account, faxbox=tenant.faxbox, created_at=clock.now(), **shape)
            fax.save(force_insert=True)
            Document(
                account=tenant.account,
                fax=fax,
                role="rendered",
                media_type="image/tiff",
                key=stored.key,
                size=stored.size,
                sha256=stored.sha256,
                pages=1,
            ).save(force_insert=True)
            ids[how] = str(fax.pk)
        return ids

    def download(ids: dict[str, str], how: str) -> None:
        answer = program.ask("GET", f"/api/v1/faxes/{ids[how]}/document.tiff")
        if not sum(map(len, answer.streaming_content)):
            raise RuntimeError(answer)

    with override_settings(STORAGES=storages):
        rows = [
            row(f"{where}: POST of {pages} page(s)", partial(upload, pages)) for pages in (1, 10)
        ]
        for name in ("40 KB", "1 MB"):
            ids = made(SIZES[name])
            rows.append(row(f"{where}: GET of {name}", partial(download, ids)))
    return rows


def row(what: str, act: Callable[[str], None]) -> dict[str, Any]:
    """One line of the table."""

    def plainly() -> None:
        with unsealed():
            act("plain")

    rounds = in_turns(lambda: act("sealed"), plainly)
    sealed, plain = (median(pair[at].clock for pair in rounds) for at in (0, 1))
    busy, busy_plain = (median(pair[at].processor for pair in rounds) for at in (0, 1))
    more = 100 * median(one.clock - other.clock for one, other in rounds) / plain
    return {"what": what, "sealed": sealed, "plain": plain, "more": more,
            "processor": busy, "processor_plain": busy_plain}  # fmt: skip


@contextmanager
def unsealed() -> Iterator[None]:
    """The vault as it would be without sealing, keys included: all else is as ever."""
    from faxes import vault  # noqa: PLC0415
    from faxes.keyring import keys  # noqa: PLC0415

    with (
        patch.object(vault, "Sealed", lambda plain, **_: plain),
        patch.object(vault, "Opened", lambda stored, **_: Plain(stored)),
        patch.object(keys, "keep", lambda *_: None),
        patch.object(keys, "find", lambda *_: b""),
    ):
        yield


class Plain(io.RawIOBase):
    """What a storage opens, as it is, for ``BufferedReader``."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def readable(self) -> bool:  # noqa: D102
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        return int(self._stored.seek(offset, whence))

    def tell(self) -> int:  # noqa: D102
        return int(self._stored.tell())

    def readinto(self, buffer: Any) -> int:  # noqa: D102
        part = self._stored.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:  # noqa: D102
        self._stored.close()
        super().close()


def told(rows: list[dict[str, Any]]) -> str:
    """The table."""
    lines = [
        "| what | with sealing | without | more | processor | without |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each['what']} | {each['sealed'] * 1000:.1f} ms"
        f" | {each['plain'] * 1000:.1f} ms | {each['more']:+.0f} %"
        f" | {each['processor'] * 1000:.1f} ms | {each['processor_plain'] * 1000:.1f} ms |"
        for each in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "faxportal.settings",
            "FAXPORTAL_DATA": data,
            "FAXPORTAL_DEMO": "1",
            "FAXPORTAL_API_RATE": "100000",
            "FAXPORTAL_API_ACCOUNT_RATE": "100000",
        }
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        from tests.seaweed import seaweed  # noqa: PLC0415

        for database in ("default", "keys"):
            call_command("migrate", database=database, verbosity=0)
        call_command("createcachetable", verbosity=0)
        folder = Path(data) / "bench"
        folder.mkdir()
        settings.ALLOWED_HOSTS = ["testserver"]
        rows = asked("folder", settings.STORAGES) + measured("folder", settings.STORAGES, folder)
        store = Path(data) / "seaweed"
        store.mkdir()
        with seaweed(store) as running:
            storages = running.storages(settings.STORAGES)
            rows += asked("SeaweedFS", storages) + measured("SeaweedFS", storages, folder)
    print(told(rows))
    kept = ROOT / "var" / "bench" / "vault.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(rows, indent=2))
    requests = [each for each in rows if "POST" in each["what"] or "GET" in each["what"]]
    within = [each for each in requests if each["more"] <= MOST]
    print(f"{len(within)} of {len(requests)} requests within {MOST} %")


if __name__ == "__main__":
    main()
