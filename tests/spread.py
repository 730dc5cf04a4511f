"""How tests are spread over processes: what shares something costly stays in one of them."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Files made once for all tests of a module; processes that are watched by the clock, of which
# two portals at once would slow each other.
TOGETHER = (
    "tests/faults/",
    "tests/hostile/test_hostile.py",
    "tests/real/",
    "tests/unit/documents/test_office.py",
)


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process a test at a time, and whatever belongs together at once, that first.

    The stock ``loadgroup`` goes by marks that it writes into the names of tests, which pytest has
    not let it do since 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def scheduler(config: Any, log: Any) -> Spread | None:
    """Return ours for ``--dist load``, which ``-n`` means."""
    return Spread(config, log) if config.getvalue("dist") == "load" else None
