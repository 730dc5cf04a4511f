"""What the portal is made of: known weaknesses of it, a list of it, secrets in its history.

``python -m tests.supply advisories`` fails for what has a known weakness; where the advisories are
out of reach it says so, and that is all. ``… sbom`` writes var/sbom.json, ``… history`` looks for
secrets in every version of every file.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("deploy/requirements.lock", "deploy/requirements-dev.lock")
_PROGRAMS = Path(sys.executable).parent
_SECONDS = 120
# Forms of secrets that are given out; each is one by its looks alone.
SECRETS = {
    "a private key": rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}",
    "a key of AWS": rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a token of GitHub": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,})\b",
    "a token of GitLab": rb"\bglpat-[\w-]{20,}",
    "a token of Slack": rb"\bxox[abprs]-[\w-]{10,}",
    "a key of Google": rb"\bAIza[\w-]{35}\b",
    "a key of Stripe": rb"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "a token of npm or PyPI": rb"\b(?:npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,})",
    "a token of this portal": rb"\bfxp_(?!demo)[a-z0-9]{10}_[A-Za-z0-9_-]{43}\b",
    "an address with a password": rb"\b(?:https?|postgres(?:ql)?|smtps?|redis)://[\w.-]+:"
    rb"(?!\$|\{|%|<|\*)[^\s/@:'\"{}<>]{12,}@(?!host|example|[\w.-]*\.(?:example|test|invalid))",
}
_SECRET = re.compile(b"|".join(b"(%s)" % each for each in SECRETS.values()))
_EXAMPLES = (b"AKIAIOSFODNN7EXAMPLE", b"EXAMPLE", b"0123456789")


def found_in(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Secrets in a text: what each looks like, and its first characters."""
    kinds = [*SECRETS]
    for found in _SECRET.finditer(content):
        if not any(each in found[0] for each in _EXAMPLES):
            yield kinds[(found.lastindex or 1) - 1], found[0][:24]


def is_shallow() -> bool:
    """Whether there is no history to look through."""
    told = _git("rev-parse", "--is-shallow-repository")
    return told is None or told.strip() != b"false"


def history() -> list[str]:
    """The secrets in all versions of all files, by where they are."""
    listed = _git("rev-list", "--objects", "--all", "--filter=object:type=blob") or b""
    names = dict(each.partition(b" ")[::2] for each in listed.splitlines())
    told = []
    with tempfile.TemporaryFile() as asked:
        asked.write(b"\n".join(names) + b"\n")
        asked.seek(0)
        command = ["git", "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(command, cwd=ROOT, stdin=asked, stdout=subprocess.PIPE) as cat:
            assert cat.stdout is not None
            while head := cat.stdout.readline():
                key, kind, size = head.split()
                content = cat.stdout.read(int(size) + 1)
                if kind == b"blob":
                    where = f"{names.get(key, b'').decode()} ({key[:10].decode()})"
                    told += [f"{where}: {what}: {each!r}…" for what, each in found_in(content)]
    return told


def verdict(reports: Iterable[Any]) -> tuple[list[str], int]:
    """What is weak, and of how many packages that is known, from pip-audit's reports."""
    weak, known = set(), set()
    for each in (each for report in reports for each in report.get("dependencies", ())):
        if "skip_reason" in each:
            continue
        known.add(each["name"])
        for one in each["vulns"]:
            mended = ", ".join(one.get("fix_versions", ())) or "nothing yet"
            weak.add(f"{each['name']} {each['version']}: {one['id']}, mended by {mended}")
    return sorted(weak), len(known)


def advisories() -> int:
    """Ask for known weaknesses of what the locks name."""
    reports, why = [], ""
    for lock in LOCKS:
        report, why = _audited(lock)
        if report is not None:
            reports.append(report)
    weak, known = verdict(reports)
    if weak:
        _say("Known weaknesses:", *weak)
    elif known:
        _say(f"No known weakness in {known} packages.")
    else:
        _say(f"NOT LOOKED AT: no advisories about packages can be reached from here. {why}".strip())
    return 1 if weak else 0


def _audited(lock: str) -> tuple[Any, str]:
    command = [
        str(_PROGRAMS / "pip-audit"), "-r", lock, "--disable-pip", "--require-hashes",
        "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=_SECONDS, check=False)
        return json.loads(done.stdout), ""
    except subprocess.TimeoutExpired:
        return None, "It took too long."
    except ValueError:  # it tells of the network by a traceback
        return None, done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]


def sbom() -> bytes:
    """What the portal consists of, as CycloneDX: the same for the same lock."""
    command = [
        str(_PROGRAMS / "cyclonedx-py"), "requirements", LOCKS[0], "--pyproject", "pyproject.toml",
        "--output-reproducible", "--short-PURLs", "--of", "JSON",
    ]  # fmt: skip
    made = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=_SECONDS, check=True)
    told = json.loads(made.stdout)
    for each in told["components"]:
        del each["description"]  # the lock's lines
        # where this machine has its packages from says nothing about them
        each["externalReferences"] = [
            one for one in each.get("externalReferences", ()) if one["type"] != "distribution"
        ]
        if not each["externalReferences"]:
            del each["externalReferences"]
    return json.dumps(told, indent=2, sort_keys=True).encode() + b"\n"


def _git(*arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> int:
    """Do what was asked for."""
    if sys.argv[1:] == ["advisories"]:
        return advisories()
    if sys.argv[1:] == ["sbom"]:
        path = Path(os.environ.get("FAXPORTAL_DATA") or ROOT / "var") / "sbom.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sbom())
        _say(f"{path}")
        return 0
    if sys.argv[1:] == ["history"]:
        if is_shallow():
            _say("NOT LOOKED AT: the whole history is not here.")
            return 0
        told = history()
        _say(*(told or ["No secrets in the history."]))
        return 1 if told else 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
