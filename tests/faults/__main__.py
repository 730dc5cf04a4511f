"""Strikes a portal in production for a while, and looks at its books.

``python -m tests.faults --minutes 60 --seed 1`` starts PostgreSQL, an object store, Redis, web and
worker processes of its own. Exits with 1 if work did not go on or the books are not in order.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
import django

django.setup()

import argparse  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from tests.faults.production.conduct import ran  # noqa: E402
from tests.faults.production.report import table  # noqa: E402


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=600, help="seconds to come to rest in")
    parser.add_argument("--log", type=Path, help="a file that keeps what the portal logged")
    asked = parser.parse_args()

    def say(words: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)  # noqa: T201 (its answer)

    with ran(**vars(asked), say=say) as run:
        outcome = run.outcome
    print(table(outcome), *outcome.wrong, sep="\n")  # noqa: T201
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
