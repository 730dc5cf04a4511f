"""When the night is, by an account's own clock, also on days on which clocks are changed."""

from datetime import UTC, datetime, time

import pytest

from accounts.models import Account
from accounts.services.sending import is_night, next_night


def berlin(begin=None, end=None):
    return Account(time_zone="Europe/Berlin", night_from=begin, night_until=end)


@pytest.mark.parametrize(
    ("account", "now", "begins"),
    [
        (berlin(), "2026-11-22T12:00Z", "2026-11-22T21:00Z"),
        (berlin(), "2026-07-01T12:00Z", "2026-07-01T20:00Z"),
        (berlin(), "2026-11-22T21:30Z", "2026-11-22T21:30Z"),  # it is night: at once
        (berlin(), "2026-11-23T04:59Z", "2026-11-23T04:59Z"),
        (berlin(), "2026-11-23T05:00Z", "2026-11-23T21:00Z"),
        (berlin(time(1), time(5)), "2026-11-22T12:00Z", "2026-11-23T00:00Z"),
        # the clocks go from two to three: half past two never is
        (berlin(time(2, 30), time(6)), "2026-03-28T20:00Z", "2026-03-29T01:00Z"),
        # nor is a night that is all in that hour
        (berlin(time(2, 15), time(2, 45)), "2026-03-28T20:00Z", "2026-03-30T00:15Z"),
        # they go from three back to two: half past two is twice, and the first counts
        (berlin(time(2, 30), time(6)), "2026-10-24T20:00Z", "2026-10-25T00:30Z"),
        # it is ten past two for the second time: half past two comes again
        (berlin(time(2, 30), time(6)), "2026-10-25T01:10Z", "2026-10-25T01:30Z"),
        (berlin(time(2, 30), time(6)), "2026-10-25T05:00Z", "2026-10-26T01:30Z"),
        # the night was over, and with the clocks it is again
        (berlin(time(1), time(2, 30)), "2026-10-25T00:40Z", "2026-10-25T01:00Z"),
        (berlin(time(1), time(2, 30)), "2026-10-25T01:30Z", "2026-10-26T00:00Z"),
    ],
)
def test_the_next_night(account, now, begins):
    told = next_night(account, datetime.fromisoformat(now))
    assert told == datetime.fromisoformat(begins)
    assert told.astimezone(UTC) >= datetime.fromisoformat(now)
    assert is_night(account, told)
