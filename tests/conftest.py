"""What everyone needs: the cast, the work, sending."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Status
from faxes.models import Fax
from faxes.services.submit import FaxRequest, submit_fax
from tests import papers
from tests.work import Work
from tests.world import Tenant, World, make_world


@pytest.fixture
def world(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[World]:
    """The demonstration's accounts in a database that really commits, and an empty storage."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "documents", "base_url": None},
        },
    }
    yield make_world()
    Account.objects.update(status=Status.CLOSED)  # the ledger lets nobody else's entries go


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
