"""Who tells a receiver of webhooks, and a carrier in memory."""

from pathlib import Path
from typing import Any

import pytest

from accounts.services import webhooks
from accounts.services.webhooks import Signed
from tests.faxes.carried import Vendor, carried, fax_pages
from tests.outside import Outside
from tests.world import World


@pytest.fixture
def hook(world: World, receiver: Outside) -> Signed:
    """Northside's webhook, which hears of everything, with its secret."""
    return webhooks.create(world.northside.admin, url=receiver.url("/hook"))


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Vendor:
    """A carrier in memory, whose kind the portal knows and with which nothing has come in yet."""
    settings.CARRIER_SECONDS, settings.CARRIER_PACE = 1.0, 0.01
    made = Vendor(pages=fax_pages(tmp_path))
    carried(monkeypatch, made)
    return made
