"""Documents to send, and where they arrive."""

from collections.abc import Callable
from pathlib import Path

import pytest

from faxes.enums import Quality
from tests.unit.line.pages import letter, write_tiff


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Letters of so many pages, each made once."""
    folder = tmp_path_factory.mktemp("documents")

    def document(pages: int, quality: Quality = Quality.FINE, share_of_page: float = 0.3) -> Path:
        path = folder / f"{pages}-{quality}-{share_of_page}.tiff"
        if not path.exists():
            images = [letter(n, quality, share_of_page=share_of_page) for n in range(pages)]
            write_tiff(path, images, quality)
        return path

    return document


@pytest.fixture
def received(tmp_path: Path) -> Path:
    """Where the called machine writes."""
    return tmp_path / "received.tiff"
