"""Changes of one document at the same moment, by programs that know nothing of each other."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tests.api.kazoo.conftest import Asker
from tests.world import World

AT_ONCE = 4


@pytest.mark.parametrize("what", ["", "faxboxes", "users", "webhooks"])
def test_of_changes_in_part_at_the_same_moment_none_is_lost(
    world: World, kazoo: Callable[..., Asker], what: str
):
    asker = kazoo()
    where = {
        "": asker.base,
        "faxboxes": f"faxboxes/{world.northside.faxbox.pk.hex}",
        "users": f"users/{world.northside.people['member'].pk.hex}",
    }.get(what)
    if where is None:
        hook = {"name": "h", "uri": "https://hooks.example/", "hook": "notifications"}
        where = f"webhooks/{asker.data('PUT', 'webhooks', {'data': hook}, status=201)['id']}"
    together = threading.Barrier(AT_ONCE)

    def change(name: str) -> None:
        together.wait(timeout=10)
        asker.data("PATCH", where, {"data": {name: {"told": "again"}}})
        connection.close()

    names = [f"part_{number}" for number in range(AT_ONCE)]
    threads = [threading.Thread(target=change, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) <= asker.data("GET", where).keys()
