"""Who asks too often is told to wait; tokens that are not right are not tried for ever."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import TooManyRequests
from accounts.models import Credential, RateCount
from accounts.roles import Role
from accounts.scoping import Actor
from accounts.services import rate_limits
from accounts.services.rate_limits import RateLimits
from faxes.services import sweep
from tests.world import World

# Twenty seconds before a minute is over.
NOW = datetime(2026, 5, 1, 12, 0, 40, tzinfo=UTC)
WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN")


@pytest.fixture
def clock(world: World):
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def asks(world: World) -> Actor:
    """An actor with a token of its own, in no other limit's way."""
    token = Credential(account=world.northside.account, prefix="fxp_x", name="x", kind="api_token")
    return Actor(world.northside.id, Role.ADMIN, "a program", "api", credential_id=token.pk)


def told(answer: Any) -> tuple[int, ...]:
    return tuple(int(answer[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def taken_until_refused(process: RateLimits, actor: Actor, most: int = 1000) -> int:
    for count in range(most):
        try:
            process.take(actor)
        except TooManyRequests:
            return count
    return most


def show(token: str, *, address: str = "192.0.2.7") -> Any:
    client = Client(headers={"authorization": f"Bearer {token}"}, REMOTE_ADDR=address)
    return client.get("/api/v1/faxes")


def test_every_answer_tells_how_many_requests_are_left(program, clock, settings):
    settings.API_RATE, settings.API_ACCOUNT_RATE = 40, 100
    asking = program()
    first, second = asking.get("faxes"), asking.get("nowhere")
    unknown = asking.get("faxes?what=1")
    assert (first.status_code, unknown.status_code) == (200, 400)
    assert told(first) == (40, 39, 20)
    assert told(unknown) == (40, 38, 20)
    assert first["RateLimit-Policy"] == '40;w=60;comment="token", 100;w=60;comment="account"'
    assert second.status_code == 404  # an address that is none asks nobody who they are


def test_who_asks_too_often_is_told_when_to_come_back(program, clock, settings):
    settings.API_RATE = 3
    asking = program()
    answers = [asking.get("faxes") for _ in range(5)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.json()["code"], refused["Retry-After"]) == ("too_many_requests", "20")
    assert told(refused) == (3, 0, 20)
    clock.shift(timedelta(seconds=20))
    again = asking.get("faxes")
    assert (again.status_code, told(again)) == (200, (3, 2, 60))


def test_tokens_of_an_account_share_its_limit_and_others_have_their_own(
    program, world, clock, settings
):
    settings.API_RATE, settings.API_ACCOUNT_RATE = 100, 4
    first, second = program(), program()
    other = program(world.lakeside.admin)
    statuses = [each.get("faxes").status_code for each in [first, second] * 3]
    assert statuses == [200] * 4 + [429] * 2
    assert told(other.get("faxes")) == (4, 3, 20)


def test_no_limit_is_no_header(program, settings):
    settings.API_RATE = settings.API_ACCOUNT_RATE = 0
    answer = program().get("faxes")
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("RateLimit")]
    assert not RateCount.objects.exists()


def test_processes_share_a_limit_and_a_new_minute_brings_a_new_one(asks, clock, settings):
    settings.API_RATE = 100
    one, other = RateLimits(), RateLimits()
    shared = [each.take(asks) for each in [one, other] * 10]
    assert all(each is not None for each in shared)
    total = 20 + taken_until_refused(one, asks) + taken_until_refused(other, asks)
    assert total == 100
    clock.shift(timedelta(minutes=1))
    assert taken_until_refused(other, asks) == 100
    assert taken_until_refused(one, asks) == 0


@pytest.mark.parametrize("limit", [1, 7, 19, 20, 21, 59])
def test_no_limit_is_ever_exceeded_nor_left_unused(asks, clock, settings, limit):
    settings.API_RATE, settings.API_ACCOUNT_RATE = limit, 0
    processes = [RateLimits() for _ in range(3)]
    assert sum(taken_until_refused(each, asks) for each in processes) == limit


def test_threads_of_several_processes_never_take_too_much(asks, settings):
    settings.API_RATE, settings.API_ACCOUNT_RATE = 60, 0
    processes, together = [RateLimits(), RateLimits()], Barrier(4)
    took: list[int] = []

    def work(process: RateLimits) -> None:
        together.wait()
        try:
            took.append(taken_until_refused(process, asks))
        finally:
            connection.close()

    with time_machine.travel(NOW, tick=False):
        threads = [Thread(target=work, args=(each,)) for each in processes * 2]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert sum(took) == 60


def test_what_is_told_to_be_left_can_be_had(asks, clock, settings):
    """Whatever other processes take and keep: a figure is never more than was left at the time."""
    settings.API_RATE, settings.API_ACCOUNT_RATE = 60, 0
    processes, used = [RateLimits() for _ in range(3)], 0
    for number in range(100):
        with suppress(TooManyRequests):
            standing = processes[number * 7 % 3].take(asks)
            used += 1
            assert standing is not None
            assert standing.remaining <= 60 - used
    assert used == 60
    with pytest.raises(TooManyRequests) as refused:
        processes[0].take(asks)
    assert refused.value.standing.remaining == 0


def test_a_request_costs_no_commit_but_one_in_twenty(asks, clock, settings):
    settings.API_RATE, settings.API_ACCOUNT_RATE = 600, 1200
    process = RateLimits()
    process.take(asks)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _ in range(29):
            process.take(asks)
    assert not [each for each in asked if each["sql"].startswith(WRITES)]
    with CaptureQueriesContext(connection) as asked:
        process.take(asks)
    assert len([each for each in asked if each["sql"].startswith("UPDATE")]) == 1


def test_who_is_over_the_limit_costs_no_commit(asks, clock, settings):
    settings.API_RATE = 5
    process = RateLimits()
    taken_until_refused(process, asks)
    with CaptureQueriesContext(connection) as asked, pytest.raises(TooManyRequests):
        process.take(asks)
    assert not [each for each in asked if each["sql"].startswith(WRITES)]


def test_counts_of_old_minutes_are_removed(asks, clock, work):
    RateLimits().take(asks)
    sweep.tidy()
    assert RateCount.objects.count() == 2  # still this minute's
    clock.shift(timedelta(minutes=2))
    sweep.tidy()
    assert not RateCount.objects.exists()


def test_a_process_remembers_so_many_and_no_more(asks, clock, monkeypatch):
    monkeypatch.setattr(rate_limits, "_MOST_KNOWN", 10)
    process = RateLimits()
    for number in range(50):
        process.was_right(f"fxp_{number}_x")
        process.guard(f"fxp_{number}_wrong", address=f"198.51.100.{number}")
    assert len(process._shares) <= 10
    assert len(process._right) <= 10


def test_guessing_at_a_token_ends_soon_and_before_anything_is_looked_up(program, clock):
    prefix = program().token.partition(".")[0]
    answers = [show(f"{prefix}_guess{number}").status_code for number in range(7)]
    assert answers == [401] * 5 + [429] * 2
    with CaptureQueriesContext(connection) as asked:
        refused = show(f"{prefix}_another")
    assert not asked.captured_queries
    assert (refused.status_code, refused["Retry-After"]) == (429, "20")
    assert refused.json()["code"] == "too_many_requests"
    clock.shift(timedelta(seconds=20))
    assert show(f"{prefix}_another").status_code == 401


def test_guessing_at_many_tokens_from_one_address_ends_too(world, clock):
    answers = [show(f"fxp_{number:010}_guess").status_code for number in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert show("fxp_else_guess", address="192.0.2.8").status_code == 401
    assert show("fxp_else_guess", address="2001:db8::1").status_code == 401


def test_an_address_has_many_neighbours_in_version_six(world, clock):
    answers = [
        show(f"fxp_{number:010}_guess", address=f"2001:db8::{number:x}").status_code
        for number in range(21)
    ]
    assert answers == [401] * 20 + [429]


def test_a_right_token_is_not_kept_out_by_who_guesses_at_it(program, clock):
    asking = program()
    prefix = asking.token.partition(".")[0]
    assert show(asking.token).status_code == 200
    for number in range(30):
        show(f"{prefix}_guess{number}")
        show(f"fxp_{number:010}_guess")
    assert show(f"{prefix}_guess").status_code == 429
    assert show(asking.token).status_code == 200  # was right here before
    assert show(asking.token, address="198.51.100.9").status_code == 200  # is used elsewhere


def test_two_processes_count_the_same_guesses(world, clock):
    one, other = RateLimits(), RateLimits()
    for number in range(10):
        for process in (one, other):
            process.was_wrong(f"fxp_{number}{id(process)}_x", address="192.0.2.7")
    for process in (one, other):
        with pytest.raises(TooManyRequests):
            process.was_wrong("fxp_last_x", address="192.0.2.7")
        with pytest.raises(TooManyRequests):
            process.guard("fxp_any_x", address="192.0.2.7")


def test_rows_tell_no_address_and_no_token(world, clock):
    token = "fxp_abcdefghij_guess"
    show(token)
    kept = str(list(RateCount.objects.values_list("subject", flat=True)))
    assert RateCount.objects.count() == 2
    assert "192.0.2.7" not in kept
    RateLimits().was_wrong(token, address="192.0.2.7")
    assert RateCount.objects.count() == 2  # and yet the same ones are counted
