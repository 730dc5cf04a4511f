"""A request that comes twice with its key does its work once, whatever happened to the first."""

import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError, connection

from accounts import clock, patience
from accounts.models import IdempotencyKey, IdempotencyObject
from accounts.services import idempotency
from faxes.api.native import faxes as resource
from faxes.models import Fax, LegalHold
from faxes.services import numbers, sweep
from faxes.services.privacy import delete_fax, strip_fax
from faxes.services.submit import submit_fax

BODY = {
    "to": "+12025550100",
    "documents": [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}],
    "subject": "Results",
}
TWO = {**BODY, "to": ["+12025550100", "+12025550107"]}
BEHIND_THE_LEASE = timedelta(minutes=4)


class Died(BaseException):
    """What no handler catches, as the death of a process."""


@pytest.fixture
def asks(world, work, program):
    return program(world.northside.admin)


def send(asks, body=BODY, key="letter-4711", path="faxes"):
    return asks.post(path, body, idempotency_key=key)


@contextmanager
def dying(monkeypatch, name, *, after):
    """The process dies when it calls this, before its work or after."""
    really = getattr(resource, name)

    def dies(*args, **kwargs):
        if after:
            really(*args, **kwargs)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(resource, name, dies)
        yield


@contextmanager
def later(time):
    with time_machine.travel(clock.now() + time, tick=True):
        yield


def test_the_same_request_is_answered_alike_also_when_the_fax_moved_on(asks, work):
    first = send(asks)
    work.run_to_end()
    again = send(asks)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again["Location"]) == (first.content, first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert again.json()["status"] == "preparing"
    assert asks.get(again["Location"].removeprefix("/api/v1/")).json()["status"] == "delivered"
    assert Fax.rows.count() == 1


def test_members_in_another_order_are_the_same_request(asks):
    first = send(asks)
    assert send(asks, dict(reversed(BODY.items()))).json() == first.json()


@pytest.mark.parametrize("other", [{**BODY, "subject": "Others"}, TWO, {}])
def test_another_request_with_a_used_key_is_refused(asks, other):
    first = send(asks).json()
    refused = send(asks, other)
    assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")
    assert refused.json()["param"] == "Idempotency-Key"
    elsewhere = send(asks, {}, path=f"faxes/{first['id']}/cancel")
    assert elsewhere.json()["code"] == "key_reused"
    assert Fax.rows.get().state == "preparing"


def test_a_request_that_was_refused_leaves_its_key_free(asks):
    for wrong in ({**BODY, "to": "12"}, {**BODY, "colour": "blue"}, {**BODY, "to": 5}):
        assert send(asks, wrong).status_code == 422
        assert not IdempotencyKey.rows.exists()
    assert send(asks).status_code == 201


@contextmanager
def gone_behind_the_work():
    """The database, from when the key of a request is to be written again."""

    def fails(execute, sql, params, many, context):
        if sql.startswith(("UPDATE", "DELETE")) and '"accounts_idempotencykey"' in sql:
            raise OperationalError("terminating connection due to administrator command")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fails):
        yield


def test_a_database_that_goes_behind_the_work_changes_no_answer(asks):
    with gone_behind_the_work():
        first = send(asks)
        refused = send(asks, {**BODY, "to": "12"}, key="letter-4712")
    assert (first.status_code, refused.status_code) == (201, 422)
    with later(BEHIND_THE_LEASE):
        again = send(asks)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        refused = send(asks, {**BODY, "to": "12"}, key="letter-4712")
    assert refused.json()["code"] == "number_invalid"
    assert Fax.rows.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"])
def test_a_key_that_is_none_is_refused(asks, key):
    refused = send(asks, key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert refused.json()["param"] == "Idempotency-Key"
    assert not Fax.rows.exists()


def test_one_that_died_before_its_work_is_done_anew(asks, monkeypatch):
    with dying(monkeypatch, "submit_fax", after=False), pytest.raises(Died):
        send(asks)
    monkeypatch.setattr(idempotency, "_WAIT", 0.1)
    busy = send(asks)
    assert (busy.status_code, busy.json()["code"]) == (409, "key_under_way")
    assert busy["Retry-After"] == "1"
    with later(BEHIND_THE_LEASE):
        assert send(asks).status_code == 201
    assert Fax.rows.count() == 1


def test_where_others_wait_already_a_twin_waits_but_briefly(asks, monkeypatch):
    with dying(monkeypatch, "submit_fax", after=False), pytest.raises(Died):
        send(asks)
    monkeypatch.setattr(idempotency, "_WAIT_BRIEFLY", 0.1)
    begun = time.monotonic()
    with ExitStack() as others:
        for _ in range(patience.AT_ONCE):
            others.enter_context(patience.PLACES)
        assert send(asks).json()["code"] == "key_under_way"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("body", [BODY, TWO])
def test_of_one_that_died_after_its_work_the_same_faxes_are_told(asks, monkeypatch, body):
    with dying(monkeypatch, "submit_fax", after=True), pytest.raises(Died):
        send(asks, body)
    made = list(Fax.rows.order_by("pk").values_list("pk", flat=True))
    with later(BEHIND_THE_LEASE):
        told, again = send(asks, body), send(asks, body)
    found = told.json()["data"] if body is TWO else [told.json()]
    assert [each["id"] for each in found] == [str(each) for each in made]
    assert (told.status_code, told.content) == (201, again.content)
    assert told["Location"] == again["Location"]
    assert Fax.rows.count() == len(made)


@pytest.mark.parametrize("act", ["forward", "resend"])
def test_a_copy_is_made_once_too(asks, work, monkeypatch, act):
    first = send(asks).json()["id"]
    work.run_to_end()
    path, body = f"faxes/{first}/{act}", {"to": "+12025550107"} if act == "forward" else {}
    with dying(monkeypatch, f"{act}_fax", after=True), pytest.raises(Died):
        send(asks, body, "copy", path)
    copy = Fax.rows.exclude(pk=first).get()
    with later(BEHIND_THE_LEASE):
        assert send(asks, body, "copy", path).json()["id"] == str(copy.pk)
    assert Fax.rows.count() == 2


def test_of_work_on_many_things_a_repeat_hears_that_it_was_done(world, program, monkeypatch):
    asks, really = program(world.harbor.admin), numbers.import_numbers
    body, key = {"numbers": ["+16175550142"]}, {"idempotency_key": "one"}

    def dies(*args, **kwargs):
        really(*args, **kwargs)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(numbers, "import_numbers", dies)
        with pytest.raises(Died):
            asks.post("numbers/import", body, **key)
    with later(BEHIND_THE_LEASE):
        again = asks.post("numbers/import", body, **key)
    assert (again.status_code, again.json()["code"]) == (409, "answer_lost")


def test_who_lost_the_lease_cannot_commit(asks, monkeypatch):
    really, told = submit_fax, list[Any]()

    def slowly(*args, **kwargs):
        monkeypatch.setattr(resource, "submit_fax", really)
        with later(BEHIND_THE_LEASE):  # while this one sleeps, the client asks once more
            told.append(send(asks))
        return really(*args, **kwargs)

    monkeypatch.setattr(resource, "submit_fax", slowly)
    late = send(asks)
    assert (told[0].status_code, late.status_code) == (201, 409)
    assert late.json()["code"] == "key_under_way"
    assert str(Fax.rows.get().pk) == told[0].json()["id"]
    assert send(asks).json() == told[0].json()


def test_of_a_deleted_fax_nothing_is_told_once_more(world, asks, work):
    made = send(asks).json()["id"]
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=made)
    assert not IdempotencyKey.rows.exclude(answer="").exists()
    for _ in range(2):
        gone = send(asks)
        assert (gone.status_code, gone.json()["code"]) == (410, "answer_erased")
    assert not Fax.rows.exists()


def test_of_a_deleted_fax_nothing_is_told_either_if_its_request_had_died(
    world, asks, work, monkeypatch
):
    with dying(monkeypatch, "submit_fax", after=True), pytest.raises(Died):
        send(asks)
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=Fax.rows.get().pk)
    assert send(asks).status_code == 410
    assert not Fax.rows.exists()


def test_of_a_stripped_fax_what_is_left_is_told(world, asks, work):
    made = send(asks)
    work.run_to_end()
    strip_fax(world.northside.admin, fax_id=made.json()["id"])
    told = send(asks)
    assert (told.status_code, told["Location"]) == (201, made["Location"])
    assert (told.json()["id"], told.json()["subject"]) == (made.json()["id"], "")
    assert told.json()["status"] == "delivered"
    assert Fax.rows.count() == 1


def test_of_a_legal_hold_that_one_is_told_and_no_newer_one(world, asks, work, monkeypatch):
    fax = send(asks).json()["id"]
    work.run_to_end()
    hold = {"reason": "Claim 17", "fax_id": fax}

    def place():
        return send(asks, hold, key="hold", path="legal-holds")

    with monkeypatch.context() as patched:
        patched.setattr("faxes.api.native.retention._made", Mock(side_effect=Died))
        with pytest.raises(Died):
            place()
    newer = asks.post("legal-holds", {"reason": "A colleague's"}).json()["id"]
    with later(BEHIND_THE_LEASE):
        told = place()
        assert (told.status_code, told.json()["reason"]) == (201, "Claim 17")
        assert LegalHold.rows.count() == 2
        for each in (told.json()["id"], newer):
            assert asks.ask("DELETE", f"legal-holds/{each}").status_code == 204
        delete_fax(world.northside.admin, fax_id=fax)
        asks.post("legal-holds", {"reason": "Everything"})
        gone = place()
    assert (gone.status_code, gone.json()["code"]) == (410, "answer_erased")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("webhooks", {"url": "https://hooks.example.com/fax"}),
        ("covers", {"name": "Records", "layout": "plain"}),
        ("contacts", {"name": "Dr. Jones", "number": "+12025550100"}),
    ],
)
def test_of_other_things_that_are_gone_nothing_is_told_either(asks, path, body):
    key = {"Idempotency-Key": "one"}
    made = asks.post(path, body, **key).json()["id"]
    assert asks.ask("DELETE", f"{path}/{made}").status_code == 204
    gone = asks.post(path, body, **key)
    assert (gone.status_code, gone.json()["code"]) == (410, "answer_erased")


def test_of_a_token_that_was_ended_the_secret_is_told_no_more(asks):
    key, body = {"Idempotency-Key": "one"}, {"name": "a script", "scopes": ["faxes:read"]}
    made = asks.post("tokens", body, **key).json()
    assert asks.post("tokens", body, **key).json() == made
    assert asks.ask("DELETE", f"tokens/{made['id']}").status_code == 204
    told = asks.post("tokens", body, **key)
    assert (told.status_code, told.json()["id"]) == (201, made["id"])
    assert made["token"] not in told.content.decode()


def test_of_several_those_that_are_left_are_told_as_a_list(world, asks, work):
    first, second = (each["id"] for each in send(asks, TWO).json()["data"])
    work.run_to_end()
    delete_fax(world.northside.admin, fax_id=first)
    assert [each["id"] for each in send(asks, TWO).json()["data"]] == [second]


def test_an_answer_about_a_fax_that_goes_at_this_moment_is_not_kept(world, asks, work, monkeypatch):
    really = idempotency.keep

    def keep(claimed, **told):
        work.run_to_end()
        delete_fax(world.northside.admin, fax_id=Fax.rows.get().pk)
        really(claimed, **told)

    monkeypatch.setattr(idempotency, "keep", keep)
    assert send(asks).status_code == 201
    assert not IdempotencyKey.rows.exclude(answer="").exists()
    assert send(asks).status_code == 410


def test_keys_of_other_tokens_are_others(world, asks, program):
    mine = send(asks)
    same_account = send(program(world.northside.admin))
    stranger = send(program(world.lakeside.admin))
    told = {each.json()["id"] for each in (mine, same_account, stranger)}
    assert len(told) == 3
    assert Fax.rows.count() == 3


def test_a_key_cannot_be_read_back_and_is_gone_after_its_day(asks, work):
    first = send(asks, key="secret-key")
    row = IdempotencyKey.rows.get()
    assert "secret-key" not in str(vars(row))
    assert "Results" not in row.answer
    with later(timedelta(hours=23)):
        assert send(asks, key="secret-key").json() == first.json()
    with later(timedelta(hours=25)):
        assert send(asks, key="secret-key").json()["id"] != first.json()["id"]
        assert IdempotencyKey.rows.count() == 1
    with later(timedelta(hours=50)):
        sweep.tidy()
    assert not IdempotencyKey.rows.exists()
    assert not IdempotencyObject.rows.exists()


def test_twins_at_once_make_one_fax(asks):
    told = []

    def ask():
        try:
            told.append(send(asks))
        finally:
            connection.close()

    twins = [Thread(target=ask) for _ in range(6)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert {each.status_code for each in told} == {201}
    assert len({each.content for each in told}) == 1
    assert Fax.rows.count() == 1
