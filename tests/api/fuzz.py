"""Asks a portal for all that its description allows and for all that it forbids, by schemathesis.

``python -m tests.api.fuzz --requests 20000 --seed 1``
Rounds are run, each with a seed and a portal of its own that is given things to ask for, as a
customer and then as a reseller, until there were as many requests. Exits with 1 if there was an
answer that the description does not tell of, or that the server itself is to blame for.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.api.fuzz_seeds import Asker, Seeds, cursors, customer, reseller
from tests.real.running import ROOT, answers, prepared, running, until

TENANTS: dict[str, tuple[str, Callable[[Asker], Seeds]]] = {
    "customer": ("fxp_demonorthside.demonorthsidedemonstration", customer),
    "reseller": ("fxp_demoharbor.demoharbordemonstration", reseller),
}
PHASES = "examples,coverage,fuzzing,stateful"
# What no description can say: a fax's state, money, numbers that are none, what else is there.
_REFUSALS = ["402", "403", "404", "409", "410", "411", "413", "422", "429", "503"]
_CHECKS = {
    "positive_data_acceptance": ["2xx", "304", *_REFUSALS],
    "negative_data_rejection": ["400", "401", "405", "406", "412", "415", *_REFUSALS],
    "missing_required_header": ["400", *_REFUSALS],
    "not_a_server_error": ["2xx", "3xx", "4xx", "503"],
}
# Parameters that have to be right beyond what can be described: most of the time they are.
_RIGHT = {
    **{f"path.{name}": name for name in (
        "account", "broadcast", "group", "contact", "cover", "faxbox", "fax", "number", "token",
        "upload", "message", "webhook", "page", "entry",
    )},
    "query.faxbox": "faxbox", "query.batch": "batch", "query.broadcast": "broadcast",
    "query.group": "group", "query.account": "account", "query.parent": "parent",
    "body.faxbox": "faxbox", "body.faxbox_id": "faxbox", "body.group": "group",
    "body.cover": "cover", "body.contact_ids[*]": "contact", "body.number_ids[*]": "free",
    "body.account_id": "account", "body.parent_id": "parent", "body.to": "e164",
    "body.from": "e164", "body.documents[*].upload_id": "upload", "body.number": "e164",
    "body.recipients[*]": "e164", "body.recipients[*].number": "e164", "body.send_at": "later",
    "body.number_id": "free", "body.url": "hook", "body.time_zone": "time_zone",
    "body.country": "country", "body.networks[*]": "network", "body.station_id": "e164",
    "body.documents[*].content_base64": "letter", "query.number": "e164",
    "body.webhook_url": "hook", "body.redirect_uris[*]": "hook",
}  # fmt: skip
_OFTEN = 0.8
_REMOVE = (
    'include-method = "DELETE"\nexclude-operation-id = "remove_group_contact"',
    "include-path-regex = '.*/(strip|close)$'",
)
_STEPS = 8  # runs of several steps, for each example of an operation


@dataclass
class Tally:
    """What came of a tenant's requests."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    operations: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    unfinished: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        return not (self.failures or self.broken or self.unfinished) and self.requests > 0

    def __str__(self) -> str:
        """The counts in some lines."""
        counts = ", ".join(f"{status}: {n}" for status, n in sorted(self.statuses.items()))
        reached = f"{len(self.reached)} of {self.operations} operations answered with success"
        wrong = f"{sum(self.failures.values())} failures, {len(self.broken)} server errors"
        lines = [
            f"{self.requests} requests, {wrong}, {self.unfinished} rounds unfinished; {reached}",
            f"  {counts}",
            *(f"  {kind}: {n}" for kind, n in self.failures.items()),
            *(f"  {each[:2000]}" for each in self.broken),
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Fuzzer:
    """Runs rounds against one portal; ``keep`` is the folder of their reports."""

    url: str
    keep: Path
    examples: int
    phases: str = PHASES

    def round(self, tenant: str, seed: int, tally: Tally) -> None:
        """One run over all operations as a tenant, with new things of it to ask for."""
        token, made = TENANTS[tenant]
        asker = Asker(self.url, token)
        for _ in range(16):  # each process of the server learns that the token is right
            own = asker.ask("GET", "account")
        folder = self.keep / f"{tenant}-{seed}"
        folder.mkdir(parents=True)
        described = asker.description()
        config = folder / "schemathesis.toml"
        nul = not seed % 2  # such texts are refused, which is not described: every other round
        told = _config(made(asker), _lists(asker, described), nul=nul)
        told += f"[phases.stateful.generation]\nmax-examples = {_STEPS * self.examples}\n"
        config.write_text(told, encoding="utf-8")
        excluded = ["--exclude-checks", "positive_data_acceptance"] if nul else []
        done = self._run(folder, config, seed, token, own["token_id"], *excluded)
        _count(folder, tally, unfinished=done.returncode not in {0, 1})
        tally.operations = sum(len(methods) for methods in described["paths"].values())

    def _run(
        self, folder: Path, config: Path, seed: int, token: str, own: str, *more: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config),
            "run", f"{self.url}/api/schema/?format=json", "--checks", "all",
            "--continue-on-failure", "--max-examples", str(self.examples), "--phases", self.phases,
            "--seed", str(seed), "--header", f"Authorization: Bearer {token}", "--no-color",
            "--request-timeout", "60", "--report", "json",
            "--report-json-path", str(folder / "report.json"), *more,
        ]  # fmt: skip
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "FUZZ_TALLY": str(folder / "tally.json"),
            "FUZZ_OWN_TOKEN": own,
        }
        with (folder / "log.txt").open("wb") as log:
            return subprocess.run(command, cwd=folder, env=env, stdout=log, stderr=log, check=False)


@contextmanager
def fuzzed(keep: Path, examples: int, phases: str = PHASES) -> Iterator[Fuzzer]:
    """A portal to ask, without limits of rate."""
    settings = {
        "FAXPORTAL_API_RATE": "0",
        "FAXPORTAL_API_ACCOUNT_RATE": "0",
        "FAXPORTAL_FETCH_ALLOW": "127.0.0.0/8",
        "FAXPORTAL_LOG_LEVEL": "ERROR",
    }
    with running(prepared(keep / "data"), **settings) as (_, url):
        until(lambda: answers(url, "/health/ready"), 120)
        yield Fuzzer(url, keep, examples, phases)


def _lists(asker: Asker, described: Mapping[str, Any]) -> dict[str, list[str]]:
    """Where lists go on, by the path of each."""
    paths = [
        path
        for path, methods in described["paths"].items()
        if any(each["name"] == "cursor" for each in methods.get("get", {}).get("parameters", ()))
    ]
    return dict(cursors(asker, paths))


def _config(seeds: Seeds, lists: Mapping[str, list[str]], *, nul: bool) -> str:
    """The configuration: what may be answered, and which ids there are (TOML, written as JSON)."""
    lines = [
        'hooks = "tests.api.fuzz_hooks"',
        "max-stream-events = 3",
        f"generation = {{ allow-x00 = {str(nul).lower()}, with-security-parameters = false }}",
    ]
    for check, statuses in _CHECKS.items():
        lines += [f"[checks.{check}]", f"expected-statuses = {json.dumps(statuses)}"]
    lines.append("[dictionaries]")
    for kind, ids in (("kept", seeds.kept), ("spare", seeds.spare)):
        lines += [
            f"{kind}_{name} = {{ values = {json.dumps(each)} }}" for name, each in ids.items()
        ]
    for n, values in enumerate(lists.values()):
        lines.append(f"cursors_{n} = {{ values = {json.dumps(values)} }}")
    lines += ["[parameters]", *_bound("kept", seeds.kept)]
    for by in _REMOVE:
        lines += ["[[operations]]", by, "[operations.parameters]", *_bound("spare", seeds.spare)]
    for n, path in enumerate(lists):
        lines += ["[[operations]]", f'include-path = "{path}"', 'include-method = "GET"',
                  "[operations.parameters]",
                  f'"query.cursor" = {{ dictionary = "cursors_{n}" }}']  # fmt: skip
    return "\n".join([*lines, _EXCEPTIONS.replace("SENT", json.dumps(seeds.kept["sent"]))])


_EXCEPTIONS = """
[[operations]]  # a month or days, and both days or none: that is no matter of one parameter
include-operation-id = "get_usage"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404"]
[[operations]]  # one that has ended: streams of others stay open for a while
include-operation-id = "list_fax_events"
[operations.parameters]
"path.fax" = { dictionary = "kept_sent" }
[[operations]]
include-operation-id = "get_fax_document"
[operations.parameters]
"path.fax" = { dictionary = "kept_sent", probability = 0.8 }
"path.document" = { dictionary = "kept_document", probability = 0.8 }
[[operations]]
include-operation-id = "cancel_fax"
[operations.parameters]
"path.fax" = { dictionary = "kept_waiting", probability = 0.8 }
[[operations]]  # what other faxes go to stays allowed
include-operation-id = "add_do_not_fax"
[operations.parameters]
"body.number" = { dictionary = "kept_unwanted", probability = 1.0 }
[[operations]]
include-operation-id = "top_up_account"
[operations.parameters]
"path.account" = { dictionary = "kept_billed", probability = 0.8 }
"""


def _bound(kind: str, ids: Mapping[str, list[str]]) -> list[str]:
    return [
        f'"{where}" = {{ dictionary = "{kind}_{name}", probability = {_OFTEN} }}'
        for where, name in _RIGHT.items()
        if name in ids
    ]


def _count(folder: Path, tally: Tally, *, unfinished: bool) -> None:
    report, told = folder / "report.json", folder / "tally.json"
    if unfinished or not (report.exists() and told.exists()):
        tally.unfinished += 1
        return
    counted = json.loads(told.read_text(encoding="utf-8"))
    tally.requests += sum(counted["statuses"].values())
    tally.statuses.update(counted["statuses"])
    tally.reached.update(counted["reached"])
    tally.broken += counted["broken"]
    found = json.loads(report.read_text(encoding="utf-8"))
    for each in found["failures"]:
        tally.failures[f"{each['title']} at {', '.join(each['operations'])}"] += each["count"]
    tally.unfinished += bool(found["errors"])


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    """Run rounds until there were enough requests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=40, help="of each operation, in a round")
    parser.add_argument("--keep", type=Path, help="where reports go")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        keep = asked.keep or Path(scratch)
        tallies = {tenant: Tally() for tenant in TENANTS}
        seed = asked.seed
        while sum(each.requests for each in tallies.values()) < asked.requests:
            # a portal for each round: resellers suspend customers, and take their numbers back
            with fuzzed(keep / str(seed), asked.examples) as fuzzer:
                for tenant, tally in tallies.items():
                    fuzzer.round(tenant, seed, tally)
                    _say(f"{tenant}, seed {seed}: {tally}")
            seed += 1
            if not all(each.requests for each in tallies.values()):
                break
    total = sum(each.requests for each in tallies.values())
    _say(f"{total} requests in all")
    return 0 if all(each.good for each in tallies.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
