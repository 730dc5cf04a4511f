"""What came of a run, as tables that go into docs/faults.md."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from tests.faults.production.conduct import Outcome


def table(outcome: Outcome) -> str:
    """All of it."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"Seed {outcome.seed}: {outcome.faults} faults in {outcome.seconds / 60:.0f} minutes."
    yield ""
    yield "| fault | times | recovery, median | longest |"
    yield "| --- | ---: | ---: | ---: |"
    times: Counter[str] = Counter()
    seconds: dict[str, list[float]] = defaultdict(list)
    for each in outcome.recovered:
        times.update(each.names)
        for name in each.names:
            seconds[name].append(each.seconds)
    for name in sorted(times):
        yield _row(name, times[name], seconds[name])
    yield _row("all", outcome.faults, [each.seconds for each in outcome.recovered])
    yield ""
    yield "| what | how many |"
    yield "| --- | ---: |"
    for state, number in outcome.faxes.items():
        yield f"| faxes {state} | {number} |"
    yield f"| messages to webhooks | {outcome.messages} |"
    yield f"| objects in the store | {outcome.objects} |"
    for status, number in outcome.statuses.items():
        yield f"| answers {status or 'that did not come'} | {number} |"
    yield f"| seconds until all was at rest | {outcome.rest:.0f} |"
    yield f"| errors in the books | {len(outcome.wrong)} |"


def _row(name: str, times: int, seconds: Sequence[float]) -> str:
    return f"| {name} | {times} | {median(seconds):.1f} s | {max(seconds):.1f} s |"
