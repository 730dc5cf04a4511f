"""What a hostile file is, and what those that point elsewhere point to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Lures:
    """Where hostile files point: addresses that are watched, a file that must not be shown."""

    web: str = "http://127.0.0.1:9/"
    web6: str = "http://[::1]:9/"
    named: str = "http://canary.example/"
    secret: Path = Path("/etc/passwd")

    @property
    def addresses(self) -> tuple[str, ...]:
        """All of them, as a document would write them."""
        share = self.web.removeprefix("http:").replace("/", "\\")
        return (self.web, self.web6, self.named, self.secret.as_uri(), "file:///etc/passwd", share)


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and what somebody hopes for who sends it.

    ``reaches_out`` where it points to something outside itself.
    """

    name: str
    reason: str
    make: Callable[[Lures], bytes]
    reaches_out: bool = False

    def __str__(self) -> str:
        return self.name


def made(name: str, reason: str, make: Callable[[], bytes] | bytes) -> Hostile:
    """Return a file that is the same wherever it is."""
    return Hostile(name, reason, lambda _: make if isinstance(make, bytes) else make())
