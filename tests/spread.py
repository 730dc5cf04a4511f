"""How tests are spread over processes: what shares something costly stays in one of them."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Files made once for all tests of a module; the town that all walks of a module go through;
# processes that are watched by the clock, of which two portals at once would slow each other.
# Whatever takes longest comes first: nobody is to wait for it in the end.
TOGETHER = (
    "tests/faults/test_production.py",
    "tests/faults/",
    "tests/real/",
    "tests/hostile/test_hostile.py",
    "tests/isolation/test_isolation.py",
    "tests/isolation/test_programs.py",
    "tests/isolation/test_kazoo.py",
    "tests/isolation/test_kazoo_accounts.py",
    "tests/isolation/test_signalwire.py",
    "tests/isolation/test_voipnow.py",
    "tests/isolation/test_fax2.py",
    "tests/unit/documents/test_office.py",
    "tests/api/signalwire/test_document.py",
)
# Not together, but long each.
EARLY = (
    "tests/barrage/",
    "tests/api/test_fuzz.py",
    "tests/browser/test_brands.py",
    "tests/browser/test_every_page.py",
    "tests/faxportal/test_serve.py",
)


def turn(nodeid: str) -> int:
    """Return a test's place among all; those of one place keep the order that they have."""
    places = (*TOGETHER[:2], *EARLY, *TOGETHER[2:])
    return next((n for n, place in enumerate(places) if nodeid.startswith(place)), len(places))


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process a test at a time, and whatever belongs together at once.

    The stock ``loadgroup`` goes by marks that it writes into the names of tests, which pytest has
    not let it do since 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Forget what is done: all that is kept is looked through after each test."""
        super().mark_test_complete(node, item_index, duration)
        work = self.assigned_work[node]
        for scope in [scope for scope, tests in work.items() if all(tests.values())]:
            del work[scope]


def scheduler(config: Any, log: Any) -> Spread | None:
    """Return ours for ``--dist load``, which ``-n`` means."""
    if config.getvalue("dist") != "load":
        return None
    config.option.loadscopereorder = False  # the order is ours
    return Spread(config, log)


def put_in_order(items: list[Any]) -> None:
    """Sort the tests by their turns."""
    items.sort(key=lambda item: turn(item.nodeid))
