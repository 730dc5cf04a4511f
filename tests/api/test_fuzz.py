"""A short run of the fuzzer: no answer breaks the description, and none is the server's fault."""

import os
from pathlib import Path

import pytest

from tests.api.fuzz import TENANTS, Tally, fuzzed

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))  # of each operation, more or less
pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]


def test_no_answer_breaks_the_description_as_a_customer_or_as_a_reseller(tmp_path: Path):
    tallies = {tenant: Tally() for tenant in TENANTS}
    with fuzzed(tmp_path, examples=EXAMPLES, phases="fuzzing,stateful") as fuzzer:
        for tenant, tally in tallies.items():
            fuzzer.round(tenant, 4711, tally)
    for tenant, tally in tallies.items():
        assert tally.good, f"{tenant}: {tally}"
        assert tally.requests > 150
    assert len(tallies["reseller"].reached) > tallies["reseller"].operations * 0.5
