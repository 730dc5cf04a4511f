"""What sealing costs: documents put and read with it and without, in the same run.

``python benchmarks/bench_vault.py`` prints a table and writes ``var/bench/vault.json``. Each
size is put and read in a folder and in a SeaweedFS that this starts, as the portal does, with and
without sealing by turns, and the median told. "Uploads" are all of it: a key is made and kept, the object
is noted, sealed, written, and on a folder synced. The goal: at most 10 % more time.
"""

import io
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"40 KB": 40_000, "1 MB": 1_000_000, "10 MB": 10_000_000}
ROUNDS = 15
MOST = 10  # percent


def in_turns(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """The median seconds of each, done by turns, so that what else is going on hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS + 1):
        for act, seconds in zip((one, other), times, strict=True):
            begun = time.perf_counter()
            act()
            if turn:  # the first only warms up
                seconds.append(time.perf_counter() - begun)
    return median(times[0]), median(times[1])


def measured(where: str, storages: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Every size there, put and read."""
    from django.test.utils import override_settings  # noqa: PLC0415 (only here are we a portal)

    with override_settings(STORAGES=storages):
        return [row for name, size in SIZES.items() for row in one_size(where, name, size, folder)]


def one_size(where: str, name: str, size: int, folder: Path) -> list[dict[str, Any]]:
    """One size put and read, with sealing and without."""
    from uuid import UUID  # noqa: PLC0415

    from faxes import vault  # noqa: PLC0415

    owner, path = UUID(int=1), folder / "document"
    path.write_bytes(secrets.token_bytes(size))
    sealed = {"key": "", "size": 0}
    plain = {"key": ""}

    def put() -> None:
        stored = vault.put(owner, path)
        vault.named([stored.key])
        sealed.update(key=stored.key, size=stored.size)

    def put_plainly() -> None:
        with unsealed():
            plain["key"] = vault.put(owner, path).key
            vault.named([plain["key"]])

    def read() -> None:
        with vault.open_checked(str(sealed["key"]), size=size) as file:
            drain(file)

    def read_plainly() -> None:
        with unsealed(), vault.open_checked(plain["key"], size=size) as file:
            drain(file)

    rows = []
    for what, acts in {"upload": (put, put_plainly), "download": (read, read_plainly)}.items():
        with_it, without = in_turns(*acts)
        more = 100 * (with_it - without) / without
        rows.append(
            {
                "where": where,
                "what": f"{what}, {name}",
                "sealed": with_it,
                "plain": without,
                "more": more,
            }
        )
    return rows


def drain(file: Any) -> None:
    """Read it as answers do."""
    while file.read(65_536):
        pass


class unsealed:  # noqa: N801 (used like a function)
    """The vault as it would be without sealing, keys included: all else is as ever."""

    def __enter__(self) -> None:
        from faxes import vault  # noqa: PLC0415

        self._kept = vault.Sealed, vault.Opened, vault.keys.make, vault.keys.find
        vault.Sealed = lambda plain, **_: plain  # type: ignore[assignment,misc]
        vault.Opened = lambda stored, **_: Plain(stored)  # type: ignore[assignment,misc]
        vault.keys.make = lambda *_: b""
        vault.keys.find = lambda *_: b""

    def __exit__(self, *_: object) -> None:
        from faxes import vault  # noqa: PLC0415

        vault.Sealed, vault.Opened, vault.keys.make, vault.keys.find = self._kept  # type: ignore[misc]


class Plain(io.RawIOBase):
    """What a storage opens, as it is, for ``BufferedReader``."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._stored.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stored.tell())

    def readinto(self, buffer: Any) -> int:
        part = self._stored.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._stored.close()
        super().close()


def told(rows: list[dict[str, Any]]) -> str:
    """The table."""
    lines = ["| where, what | with sealing | without | more |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {row['where']}: {row['what']} | {row['sealed'] * 1000:.1f} ms"
        f" | {row['plain'] * 1000:.1f} ms | {row['more']:+.0f} % |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"FAXPORTAL_DATA": data, "DJANGO_SETTINGS_MODULE": "faxportal.settings"}
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        from tests.seaweed import seaweed  # noqa: PLC0415

        for database in ("default", "keys"):
            call_command("migrate", database=database, verbosity=0)
        folder = Path(data) / "bench"
        folder.mkdir()
        rows = measured("folder", settings.STORAGES, folder)
        store = Path(data) / "seaweed"
        store.mkdir()
        with seaweed(store) as running:
            rows += measured("SeaweedFS", running.storages(settings.STORAGES), folder)
    print(told(rows))
    kept = ROOT / "var" / "bench" / "vault.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(rows, indent=2))
    over = [row for row in rows if row["more"] > MOST]
    print(f"{len(rows) - len(over)} of {len(rows)} within {MOST} %")


if __name__ == "__main__":
    main()
