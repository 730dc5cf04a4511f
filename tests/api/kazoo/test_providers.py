"""What a program of an account above sees and does of faxes below, and what it never does."""

import pytest

from accounts.models import AuditEntry, Shared
from accounts.roles import Scope
from accounts.services import support
from accounts.services.sharing import set_sharing
from faxes.models import Fax, Faxbox, FaxboxAccess
from tests.api.kazoo.conftest import month_id

GOOD = "+12025550100"
SECRETS = ("Mrs Poe", "Dr Jones", "secret subject", "documents.example", "letter.pdf", "case-17")


@pytest.fixture
def below(world, kazoo, work, send):
    """A fax of the clinic's, and what its reseller's program asks with of the clinic."""
    fax = send(
        world.northside, GOOD, from_name="Mrs Poe", to_name="Dr Jones", subject="secret subject",
        echo={"document": {"url": "https://documents.example/a.pdf"}, "case": "case-17"},
    )  # fmt: skip
    send(world.northside, world.lakeside.number)
    work.run_to_end()
    fax.refresh_from_db()
    asker = kazoo(world.harbor.admin)
    clinic = f"/v2/accounts/{world.northside.id.hex}/faxes"
    return fax, lambda method, path, body=None: asker.ask(method, f"{clinic}/{path}", body)


def share(world, what):
    set_sharing(world.northside.admin, fax_records=what)


def test_records_are_seen_as_far_as_the_account_shares_them(world, below):
    fax, ask = below
    for shared, number in ((Shared.MASKED, "+1202•••0100"), (Shared.FULL, GOOD)):
        share(world, shared)
        for path in ("outbox?filter_status=completed", f"outbox/{month_id(fax)}"):
            answer = ask("GET", path)
            told = answer.json()["data"]
            told = told[-1] if isinstance(told, list) else told
            assert (told["to_number"], told["to"]) == (number, number)
            assert told["tx_result"]["success"] is True
            assert not {"from_name", "to_name", "document", "case"} & set(told)
            assert not {"remote_station_id"} & set(told["tx_result"])
            assert not [each for each in SECRETS if each in answer.content.decode()]
            if shared == Shared.MASKED:
                assert "5550100" not in answer.content.decode()
    share(world, Shared.MASKED)
    for guess in (f"filter_to_number=%2B{GOOD[1:]}", "filter_case=case-17", "has_key=case"):
        assert ask("GET", f"outbox?{guess}").json()["data"] == []
    share(world, Shared.NONE)
    assert ask("GET", "outbox").status_code == 403
    assert ask("GET", f"outbox/{month_id(fax)}").status_code == 403


def test_faxes_of_fax_machines_of_certain_people_are_nobodys_above(world, below):
    fax, ask = below
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(restricted=True)
    assert not FaxboxAccess.rows.exists()
    assert ask("GET", "outbox").json()["data"] == []
    assert ask("GET", f"outbox/{month_id(fax)}").status_code == 404


def test_pages_are_opened_only_while_support_access_is_granted(world, below):
    fax, ask = below
    share(world, Shared.FULL)
    path = f"outbox/{month_id(fax)}"
    assert ask("GET", f"{path}/attachment").status_code == 403
    assert ask("DELETE", f"{path}/attachment").status_code == 403
    assert ask("DELETE", path).status_code == 403
    assert ask("PUT", path, {"data": {}, "action": "resubmit"}).status_code == 403
    support.grant(world.northside.admin, hours=1)
    opened = ask("GET", f"{path}/attachment")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    on_record = AuditEntry.objects.filter(account_id=world.northside.id, object_id=fax.pk)
    looks = on_record.filter(action__in=["support.look", "fax.download"])
    assert {each.on_behalf for each in looks} == {world.harbor.account.name}
    assert looks.count() == 2
    assert ask("PUT", path, {"data": {}, "action": "resubmit"}).status_code == 403
    assert Fax.rows.filter(pk=fax.pk, stripped_at=None).exists()


def test_it_sends_for_an_account_below_and_never_for_one_beside_or_above(world, kazoo):
    job = {"to_number": GOOD, "from_number": world.northside.number}
    body = {"data": job | {"document": {"url": "https://documents.example/a.pdf"}}}
    ask = kazoo(world.harbor.admin).ask
    made = ask("PUT", f"/v2/accounts/{world.northside.id.hex}/faxes", body)
    assert made.status_code == 201
    assert made.json()["data"]["to_number"] == GOOD  # what somebody said they are told again
    (line,) = ask("GET", f"/v2/accounts/{world.northside.id.hex}/faxes/outgoing").json()["data"]
    assert line["to"] == "+1202•••0100"
    assert Fax.rows.get().account_id == world.northside.id
    for strange in (world.redwood, world.summit, world.platform):
        assert ask("PUT", f"/v2/accounts/{strange.id.hex}/faxes", body).status_code == 403
        assert ask("GET", f"/v2/accounts/{strange.id.hex}/faxes/outbox").status_code == 403
    clerk = kazoo(world.harbor.admin, Scope.FAXES_READ).ask
    assert clerk("GET", f"/v2/accounts/{world.northside.id.hex}/faxes/outbox").status_code == 403
