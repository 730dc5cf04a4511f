"""Sends hostile requests, mails and uploads at a portal that is started for it.

``python -m tests.barrage --requests 100000 --seed 1`` (``--only 4711`` shows one of them)
Each is made from the seed and its number alone. Exits with 1 if there was an error of the server's
own, an answer that tells too much, a fax that was lost, or books that are not in order.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
import django

django.setup()

import argparse  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

from tests.barrage.running import barrage  # noqa: E402


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--only", type=int, help="the number of a request, to send it alone")
    asked = parser.parse_args()
    numbers = range(asked.requests) if asked.only is None else range(asked.only, asked.only + 1)
    with tempfile.TemporaryDirectory() as scratch:
        verdict = barrage(
            Path(scratch) / "data", seed=asked.seed, numbers=numbers, threads=asked.threads,
            say=lambda words: print(words, flush=True),  # noqa: T201 (this is its answer)
        )  # fmt: skip
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
