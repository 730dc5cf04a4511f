"""What everyone needs: the cast, the work, sending."""

import gc
import os
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate  # noqa: TID251 - to silence it
from hypothesis import settings as hypothesis

from accounts import clock
from accounts.models import Account, Status
from accounts.services.domains import forget_hosts
from accounts.services.rate_limits import IN_THIS_PROCESS
from faxes.models import Fax
from faxes.services.submit import FaxRequest, submit_fax
from faxportal.catalogs import compile_all
from tests import papers, postgresql, spread
from tests.migrated import put_migrated
from tests.outside import Outside, outside
from tests.scenes import Scene
from tests.servers import Production, production
from tests.work import Work
from tests.world import Tenant, World, make_world

# How long one example takes says more of the machine than of the product.
# The same examples each time, lest a change be blamed for what chance has found; others are asked
# for by ``HYPOTHESIS_PROFILE=chance``.
hypothesis.register_profile("portal", deadline=None, derandomize=True)
hypothesis.register_profile("chance", deadline=None)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "portal"))


def pytest_configure() -> None:
    compile_all()  # a translation changed since the last time speaks, too


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> spread.Spread | None:
    return spread.scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    spread.put_in_order(items)


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of tests stay to the end: the collector need not look at them


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Migrations take long: the database that the tests begin with has been through them."""
    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        put_migrated(Path(database["TEST"]["NAME"]))
    else:
        postgresql.put_migrated(database)
        postgresql.empty_quickly()
        postgresql.close_with_threads()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether the database may be there already."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Emptying the database after a test makes no permissions anew, which nothing here asks for."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture(scope="session")
def scenes() -> dict[str, Scene]:
    """What was made once in this process, by name."""
    return {}


@pytest.fixture(scope="session")
def servers() -> Iterator[Production]:
    """PostgreSQL and Redis, for portals that a test starts as processes."""
    with production() as told:
        yield told


@pytest.fixture(autouse=True)
def deletion_list(settings: Any, tmp_path: Path) -> None:
    """A list of deletions of the test's own: the database knows nothing of another's."""
    settings.DELETION_LIST = tmp_path / "deletions"


@pytest.fixture(autouse=True)
def names_in_redis(settings: Any) -> None:
    """What a test leaves there is known to no other."""
    settings.REDIS_PREFIX = f"test-{uuid4().hex}"


@pytest.fixture
def documents(settings: Any, tmp_path: Path) -> Path:
    """The folder of a storage of the test's own."""
    folder = tmp_path / "documents"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        },
    }
    return folder


@pytest.fixture
def once(
    scenes: dict[str, Scene], documents: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[], Any]], Any]:
    """``once("name", make)`` has made what ``make`` makes, and gives what it told."""

    def have(name: str, make: Callable[[], Any]) -> Any:
        if name in scenes:
            return scenes[name].put_back(documents)
        kept = tmp_path_factory.mktemp("scene") / "documents"
        told = make()
        scenes[name] = Scene.keep(told, documents, kept)
        return told

    return have


@pytest.fixture
def world(
    transactional_db: None, documents: Path, once: Callable[[str, Callable[[], Any]], Any]
) -> Iterator[World]:
    """The demonstration's accounts in a database that really commits, and a storage of its own."""
    made = once("world", make_world)
    forget_hosts()  # what the test before learned of them is gone with its database
    IN_THIS_PROCESS.forget()
    yield made
    Account.objects.update(status=Status.CLOSED)  # the ledger lets nobody else's entries go


@pytest.fixture
def still(world: World) -> Iterator[None]:
    """No minute begins, with which the use of a token and slices of limits are counted anew."""
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture
def receiver(settings: Any) -> Iterator[Outside]:
    """A web server of somebody else's, that may be asked although it is on this machine."""
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    with outside() as told:
        yield told


@pytest.fixture
def work(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Jobs, calls and the sweep, done when the test says so."""
    doing = Work(monkeypatch)
    yield doing
    doing.stop_travelling()


@pytest.fixture
def send(work: Work) -> Callable[..., Fax]:
    """Submit a small fax: ``send(tenant, "+1…")``; the work is not done yet."""

    def submit(tenant: Tenant, to: str, *, pages: int = 1, **request: object) -> Fax:
        document = papers.incoming(papers.pdf(pages))
        wanted = FaxRequest(to=to, **{"documents": [document], **request})  # type: ignore[arg-type]
        return submit_fax(tenant.admin, request=wanted, origin="test")[0]

    return submit
