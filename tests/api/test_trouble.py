"""A program is told to come again while something is away, and nothing is done by halves."""

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from faxes.documents.outcome import NoRoom
from faxes.models import Fax

LETTER = [{"content_base64": "SGVsbG8sIGZheCE=", "filename": "hello.txt"}]
BODY = {"to": "+12025550100", "documents": LETTER}


TROUBLE = [OSError("away"), OperationalError("gone"), NoRoom("the disk is full")]


@pytest.mark.parametrize("error", TROUBLE, ids=str)
def test_a_program_that_comes_again_under_its_key_is_served(
    world, work, program, monkeypatch, error
):
    del work
    asks = program(world.northside.admin)

    def save(*_args, **_named):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "save", save)
        answer = asks.post("faxes", BODY, idempotency_key="one")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]
    assert asks.post("faxes", BODY, idempotency_key="one").status_code == 201
    assert Fax.rows.count() == 1
