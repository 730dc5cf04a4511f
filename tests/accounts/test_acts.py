"""The facts beside an act in the audit log are written as people read them."""

import pytest

from accounts.models import AuditEntry
from accounts.portal.acts import facts_of


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"amount": 250_000_000}, "amount: 250.00"),
        ({"credit_limit": 0, "mode": "prepaid"}, "credit limit: 0.00; mode: prepaid"),
        ({"storage_bytes": 5_000_000_000}, "storage bytes: 5,000,000,000"),
        ({"pages_a_day": None}, "pages a day: none"),
        ({"required": True}, "required: yes"),
        ({"scopes": ["faxes:read", "faxes:write"]}, "scopes: faxes:read, faxes:write"),
        ({"erased_at": "2026-12-21T16:32:42+00:00"}, "erased at: 21 December 2026, 16:32"),
    ],
)
def test_facts_are_words_dates_and_amounts(facts, words):
    assert facts_of(AuditEntry(facts=facts)) == words
