"""A short run: no request, mail or upload makes the portal fail, tell too much or lose a fax."""

import os
from pathlib import Path

import pytest

from tests.barrage.making import Maker, Target, routes
from tests.barrage.running import barrage

REQUESTS = int(os.environ.get("BARRAGE_REQUESTS", "200"))


@pytest.mark.real
@pytest.mark.timeout(400)
def test_nothing_that_is_sent_breaks_the_portal(tmp_path: Path):
    told: list[str] = []
    verdict = barrage(
        tmp_path / "data", seed=4711, numbers=range(REQUESTS), threads=3, say=told.append
    )
    assert not verdict.wrong, told[-1]
    assert sum(verdict.statuses.values()) == REQUESTS
    assert verdict.statuses["2xx"] > REQUESTS // 50
    assert verdict.taken


def test_a_request_is_made_of_its_seed_and_number_alone():
    documents = {kind: [b"a letter"] for kind in ("pdf", "text", "png", "tiff")}
    target = Target("a", "t", "f", "0001*210", "+12025550121", ids=["i"], documents=documents)
    first, again = Maker(7, target, routes()), Maker(7, target, routes())
    assert [first.request(n) for n in range(20)] == [again.request(n) for n in range(20)]
    assert first.request(1) != Maker(8, target, routes()).request(1)
