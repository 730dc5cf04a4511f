"""Damages documents of every type for as long as told, and tells what that did.

``python -m tests.hostile.fuzz --minutes 60 --seed 1 --keep harvest [--types pdf,docx]``
Each type gets the same time. What was new, slow or wrong is kept with the input that did it.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from faxes.documents import pipeline, sandbox
from faxes.documents.limits import Limits
from faxes.documents.pipeline import NamedPath
from faxes.enums import Paper, Quality
from faxes.errors import DocumentError
from tests.hostile.watch import Deaths, Watch, helpers

LIMITS = Limits(
    cpu_seconds=5, wall_seconds=8, memory_bytes=512_000_000, pages=20, output_bytes=20_000_000
)
_MARGIN_SECONDS = 2.0
_SLOW_SECONDS = 4.0


@dataclass
class Tally:
    """What came of the documents of one type."""

    done: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass
class Trial:
    """One document's way through all faces of conversion."""

    outcome: str = ""
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


def try_one(path: Path, folder: Path, name: str = "document", limits: Limits = LIMITS) -> Trial:
    """Send a document through all faces."""
    trial = Trial()
    out = folder / "out.tif"

    def step(what, call, *arguments, **options):
        start = time.monotonic()
        try:
            return call(*arguments, limits=limits, **options)
        except DocumentError as error:
            trial.outcome += f"{what} {error.code.value} "
            trial.faults += _wordless(error)
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            trial.outcome += f"{what} {type(error).__name__} "
            trial.faults.append(f"{what} raised {error!r}")
        finally:
            took = time.monotonic() - start
            trial.slowest = max(trial.slowest, took)
            if took > limits.wall_seconds + _MARGIN_SECONDS:
                trial.faults.append(f"{what} took {took:.1f} seconds")
        return None

    seen = step("inspect", pipeline.inspect, path, name=name)
    if seen is not None:
        made = step(
            "render",
            pipeline.render,
            [NamedPath(path, name)],
            out,
            quality=Quality.FINE,
            paper=Paper.A4,
        )
        if made is not None:
            step("pdf", pipeline.pdf_of, out, folder / "out.pdf")
            step("png", pipeline.png_of, out, 1, 200)
            if len(made.pages) != seen.pages:
                trial.faults.append(f"{seen.pages} pages became {len(made.pages)}")
    for left in folder.iterdir():
        if left.name not in {"out.tif", "out.pdf"} or left.is_symlink():
            trial.faults.append(f"beside the output: {left.name}")
        left.unlink()
    trial.outcome = trial.outcome.strip() or "faxed"
    return trial


def _wordless(error: DocumentError) -> list[str]:
    """Tell what is wrong with an error, which has to name the document, or what is in it."""
    from faxes import wording  # noqa: PLC0415 - needs Django, which main sets up

    try:
        said = wording.sentence(error)
    except (KeyError, ValueError, IndexError) as missing:
        return [f"{error!r} cannot be said: {missing!r}"]
    named = "name" in error.params and error.params["name"] in said
    return [] if named else [f"{error!r} does not name the document"]


class Fuzzer:
    """Takes types in turn, damages a seed, watches, keeps what is new."""

    def __init__(self, kinds: dict[str, list[bytes]], keep: Path, seed: int) -> None:
        from tests.hostile import mutate  # noqa: PLC0415 - as above

        self._mutated = mutate.mutated
        self._kinds = kinds
        self._keep = keep
        self._chance = random.Random(seed)
        self._tallies = {kind: Tally() for kind in kinds}
        self._faults: Counter[str] = Counter()
        self._sizes: dict[int, int] = {}
        keep.mkdir(parents=True, exist_ok=True)

    def run(self, seconds: float) -> None:
        """Go on for so long, then tell."""
        ends = time.monotonic() + seconds
        told = time.monotonic()
        with tempfile.TemporaryDirectory() as name, Deaths() as deaths:
            folder = Path(name)
            (folder / "out").mkdir()
            for box in (sandbox.SANDBOX, sandbox.OFFICE_SANDBOX, sandbox.HTML_SANDBOX):
                box.warm()
            watch = Watch()
            while time.monotonic() < ends:
                self._one(folder, watch, deaths)
                if time.monotonic() - told > 60:
                    told = time.monotonic()
                    self._tell()
        self._tell()

    def _one(self, folder: Path, watch: Watch, deaths: Deaths) -> None:
        kind = min(self._tallies, key=lambda kind: self._tallies[kind].seconds)
        tally = self._tallies[kind]
        data = self._mutated(kind, self._chance.choice(self._kinds[kind]), self._chance)
        path = folder / "document"
        path.write_bytes(data)
        start = time.monotonic()
        trial = try_one(path, folder / "out")
        tally.seconds += time.monotonic() - start
        tally.done += 1
        path.unlink()
        died = deaths.take()
        faults = trial.faults + watch.faults()
        outcome = " + ".join((trial.outcome, *died))
        new = outcome not in tally.outcomes
        tally.outcomes[outcome] += 1
        self._faults.update(f"{kind}: {fault}" for fault in faults)
        if new or faults or trial.slowest > _SLOW_SECONDS:
            self._save(kind, tally.done, data, [outcome, *faults, f"{trial.slowest:.1f} s"])
        for pid, helper in helpers().items():
            self._sizes.setdefault(pid, helper.memory_info().rss)

    def _save(self, kind: str, number: int, data: bytes, notes: list[str]) -> None:
        stem = f"{kind}-{number:06}"
        (self._keep / f"{stem}.bin").write_bytes(data)
        (self._keep / f"{stem}.txt").write_text("\n".join(notes) + "\n")

    def _tell(self) -> None:
        grown = {
            pid: f"{self._sizes.get(pid, 0) >> 20} to {helper.memory_info().rss >> 20} MB"
            for pid, helper in helpers().items()
        }
        report = {
            "helpers": grown,
            "faults": dict(self._faults.most_common()),
            "types": {
                kind: {
                    "done": tally.done,
                    "minutes": round(tally.seconds / 60, 2),
                    "outcomes": dict(tally.outcomes.most_common()),
                }
                for kind, tally in self._tallies.items()
            },
            "documents": sum(tally.done for tally in self._tallies.values()),
        }
        (self._keep / "summary.json").write_text(json.dumps(report, indent=1))
        sys.stdout.write(
            f"{report['documents']} documents, faults {report['faults']}, helpers {grown}\n"
        )
        sys.stdout.flush()


def main() -> None:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--types", default="")
    parser.add_argument("--keep", type=Path, required=True)
    arguments = parser.parse_args()
    own = tempfile.mkdtemp(prefix="fuzz-")  # so that all that is left there is ours
    tempfile.tempdir = own
    import os  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django  # noqa: PLC0415

    django.setup()
    from tests.hostile.seeds import seeds  # noqa: PLC0415 - its makers need Django

    kinds = seeds()
    wanted = [kind for kind in arguments.types.split(",") if kind] or list(kinds)
    Fuzzer({kind: kinds[kind] for kind in wanted}, arguments.keep.resolve(), arguments.seed).run(
        arguments.minutes * 60
    )


if __name__ == "__main__":
    main()
