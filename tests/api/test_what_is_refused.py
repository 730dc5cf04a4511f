"""What no description tells of is refused before anything else is looked at."""

import pytest

from accounts.roles import Scope
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "faxes?colour=red", "GET, HEAD, POST"),
        ("DELETE", "contacts", "GET, HEAD, POST"),
        ("PATCH", "numbers/assign", "POST"),
        ("OPTIONS", "account", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_described_is_told_with_those_that_are(
    program, world: World, method, path, allowed
):
    for scopes in (tuple(Scope), (Scope.FAXES_READ,)):
        asks = program(world.northside.admin, *scopes)
        answer = asks.ask(method, path, {"name": "x"})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert set(answer["Allow"].split(", ")) == set(allowed.split(", "))


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_forms_are_taken_only_where_there_are_files(program, world: World, media_type):
    asks = program(world.northside.admin)
    form = {"content_type": media_type} if "urlencoded" in media_type else {}
    data = "name=Reception" if form else {"name": "Reception"}
    headers = {"authorization": f"Bearer {asks.token}"}
    for path in ("faxboxes", "contacts", "webhooks", "tokens", "contact-groups"):
        answer = asks.client.post(f"/api/v1/{path}", data, headers=headers, **form)
        assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported"), path


@pytest.mark.parametrize("expand", ["", "attempts,", ",events", "documents,attemptsdocuments"])
def test_what_is_expanded_is_named_between_commas(program, world: World, expand):
    nothing = "019a0000-0000-7000-8000-000000000000"
    answer = program(world.northside.admin).get(f"faxes/{nothing}?expand={expand}")
    assert (answer.status_code, answer.json()["param"]) == (400, "expand")


@pytest.mark.parametrize("path", ["faxes", "contacts", "tokens", "uploads", "broadcasts"])
def test_a_cursor_is_just_as_it_was_told_or_empty(program, world: World, path):
    asks = program(world.northside.admin)
    assert asks.get(f"{path}?cursor=").status_code == 200
    for wrong in ("74", "A" * 21 + "%2B", "A" * 23, "A" * 22 + "=="):
        answer = asks.get(f"{path}?cursor={wrong}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid"), wrong
