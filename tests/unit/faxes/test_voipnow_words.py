"""VoipNow's ids, errors and tokens: what one side writes the other reads."""

import json
from contextlib import suppress
from string import ascii_letters, digits, printable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxes.api.voipnow import ids
from faxes.wire import voipnow as wire

TEXTS = st.text(ascii_letters + digits + "-._|/:?=&", min_size=1)
TARGETS = st.builds(wire.Target, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2))
TAKEN = st.builds(
    wire.TakenFax,
    st.integers(0, 2**128).map(str),
    st.uuids().map(lambda key: key.hex),
    st.lists(TARGETS, max_size=3).map(tuple),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(printable),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)


@given(TAKEN)
def test_a_fax_that_was_taken_comes_back_as_it_was(taken):
    through = json.loads(json.dumps(taken.written()))
    assert wire.TakenFax.read(through) == taken
    assert wire.TakenFax.read([through]) == taken
    assert wire.TakenFax.read({**through, "id": int(taken.id)}) == taken


@given(st.uuids())
def test_an_id_of_the_portal_comes_back_as_it_was_in_either_half(key: UUID):
    number, _, uid = wire.TakenFax.read(ids.told(key)).ref.partition("/")
    assert ids.read(number) == ids.read(uid) == key


@given(st.text(), st.text())
def test_an_error_comes_back_as_it_was(code, message):
    assert wire.Failure.read(wire.Failure(code, message).written()) == wire.Failure(code, message)
    assert wire.Failure.read({"error": code}) == wire.Failure(code)  # of the token endpoint


@given(TEXTS, st.integers(1, 10**6))
def test_a_token_comes_back_as_it_was(token, seconds):
    told = {"access_token": token, "expires_in": seconds, "token_type": "Bearer", "scope": None}
    assert wire.read_token(told) == (token, seconds)
    assert wire.read_token({**told, "expires_in": str(seconds)}) == (token, seconds)


@pytest.mark.parametrize("seconds", [None, 0, -5, "soon", True, []])
def test_a_token_that_does_not_say_how_long_it_lasts_lasts_some_minutes(seconds):
    assert wire.read_token({"access_token": "1.4.abc", "expires_in": seconds}) == ("1.4.abc", 600)


MEMBERS = ["id", "uid", "files", "redirectUri", "redirectHeaders", "access_token", "expires_in"]
FILES = st.lists(st.dictionaries(st.sampled_from(MEMBERS), ANYTHING), max_size=2)


@settings(max_examples=60)
@given(ANYTHING, st.dictionaries(st.sampled_from(MEMBERS), ANYTHING), FILES)
def test_whatever_comes_is_read_or_said_to_be_unreadable(any_one, members, files):
    for told in (any_one, members, {**members, "files": files}):
        with suppress(wire.Unreadable):
            assert wire.TakenFax.read(told).ref
        wire.Failure.read(told)
    try:
        token, seconds = wire.read_token(members)
    except wire.Unreadable:
        return
    assert token
    assert seconds > 0


def test_the_examples_of_the_documents():
    third = {"id": "1", "uid": "5d8e2193e92f2d5e31cff1017724cfe9"}
    taken = wire.TakenFax.read(third)
    assert taken.ref == "1/5d8e2193e92f2d5e31cff1017724cfe9"
    assert taken.written() == third
    target = {"redirectUri": "https://storage.example/a?b", "redirectHeaders": {"x-key": "value"}}
    fifth = {"id": 262, "uid": "ba123e75751d52b84f6527062fd20bd1", "files": [target]}
    taken = wire.TakenFax.read(fifth)
    assert taken.ref == "262/ba123e75751d52b84f6527062fd20bd1"
    assert taken.targets == (wire.Target("https://storage.example/a?b", {"x-key": "value"}),)
    assert json.loads(wire.request_part(["7778888"])) == {"recipients": ["7778888"]}
    told = {"error": {"code": "fx_recipients_invalid", "message": "Value supplied…"}}
    assert wire.Failure.read(told).code == wire.Code.RECIPIENTS
    assert {each.value for each in wire.Code} == {
        "fx_recipients_invalid", "fx_file_invalid", "fx_max_files_reached", "internal_server_error",
    }  # fmt: skip
