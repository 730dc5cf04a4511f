"""Objects as they lie in storage: any part opens by itself, and nothing that was changed does."""

import io
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as some

from faxes.keyring import stream
from faxes.keyring.stream import Opened, SealBroken, Sealed

KEY, NAME = secrets.token_bytes(32), "t/a/b"
PIECE = 256 * 1024
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7]


def sealed(plain, key=KEY, name=NAME):
    return io.BufferedReader(Sealed(io.BytesIO(plain), key=key, name=name)).read()


def opened(stored, key=KEY, name=NAME):
    return io.BufferedReader(Opened(io.BytesIO(stored), key=key, name=name))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_again_and_is_as_long_as_was_said(size):
    plain = secrets.token_bytes(size)
    source = Sealed(io.BytesIO(plain), key=KEY, name=NAME)
    stored = io.BufferedReader(source).read()
    assert len(stored) == source.size
    assert opened(stored).read() == plain
    assert size < 16 or plain[:16] not in stored


@pytest.mark.parametrize("size", SIZES)
def test_one_that_is_sent_twice_by_its_storage_is_the_same_both_times(size):
    source = io.BufferedReader(Sealed(io.BytesIO(bytes(size)), key=KEY, name=NAME))
    first = source.read()
    source.seek(0)
    assert source.read() == first
    source.seek(5)
    assert source.read(40) == first[5:45]


@given(some.data())
def test_any_part_is_read_without_the_rest(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_PIECE", 7)
        plain = data.draw(some.binary(max_size=60))
        file = opened(sealed(plain))
        for _time in range(4):
            at = data.draw(some.integers(0, 70))
            length = data.draw(some.integers(0, 70))
            file.seek(at)
            assert file.read(length) == plain[at : at + length]


@given(some.binary(max_size=60), some.data())
def test_a_bit_that_was_turned_and_a_byte_that_is_missing_are_seen(plain, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_PIECE", 7)
        stored = bytearray(sealed(plain))
        at = data.draw(some.integers(0, len(stored) - 1))
        cut = bytes(stored[:at])
        stored[at] ^= 1 << data.draw(some.integers(0, 7))
        for wrong in (bytes(stored), cut):
            with pytest.raises(SealBroken):
                opened(wrong).read()


def test_pieces_cannot_be_moved_left_out_or_put_in(monkeypatch):
    monkeypatch.setattr(stream, "_PIECE", 4)
    stored = sealed(b"aaaabbbbcccc")
    head, pieces = stored[:20], [stored[20 + n * 20 : 40 + n * 20] for n in range(3)]
    for wrong in ([1, 0, 2], [0, 2], [0, 1], [0, 1, 1, 2], [2], []):
        with pytest.raises(SealBroken):
            opened(head + b"".join(pieces[each] for each in wrong)).read()


def test_what_is_of_another_object_or_key_does_not_open():
    stored = sealed(b"a page")
    for key, name in ((KEY, "t/a/c"), (secrets.token_bytes(32), NAME)):
        with pytest.raises(SealBroken):
            opened(stored, key, name).read()
    with pytest.raises(SealBroken):
        opened(b"%PDF-1.7 as it is")


def test_the_same_page_looks_different_each_time_it_is_stored():
    assert sealed(b"a page") != sealed(b"a page")


def test_what_is_damaged_at_its_beginning_is_not_even_opened_and_further_on_is_told(caplog):
    stored = bytearray(sealed(secrets.token_bytes(3 * PIECE)))
    stored[2 * PIECE] ^= 1
    damaged = opened(bytes(stored))
    assert len(damaged.read(PIECE)) == PIECE
    with pytest.raises(SealBroken):
        damaged.read()
    assert f"{NAME} is damaged in its piece 1" in caplog.text
    stored[100] ^= 1
    with pytest.raises(SealBroken):
        opened(bytes(stored))


def test_closing_closes_what_it_is_read_from():
    source = io.BytesIO(sealed(b"a page"))
    Opened(source, key=KEY, name=NAME).close()
    assert source.closed
