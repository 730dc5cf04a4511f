"""Portals of the tests' own, made as copies of one template, and seen dead at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.portal import Portal, copy_of, make_template, reap_orphans


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration's accounts."""
    return make_template(tmp_path_factory.mktemp("template") / "data")


@pytest.fixture(scope="module")
def portals(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Portal]]:
    """Makes portals: ``portals(FAXPORTAL_WORKERS="1")``."""
    made: list[Portal] = []

    def make(**env: str) -> Portal:
        made.append(copy_of(template, tmp_path_factory.mktemp("portal") / "data", **env))
        return made[-1]

    yield make
    for portal in made:
        portal.close()
    reap_orphans(yes=False)  # whatever else this process will test has its own ways


@pytest.fixture
def portal(portals: Callable[..., Portal]) -> Iterator[Portal]:
    """A portal for one test."""
    portal = portals()
    yield portal
    portal.close()
