"""The operator's admin: what it asks the database, how it finds, what its acts do."""

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.ids import new_id
from accounts.models import AuditEntry, User
from faxes.models import Carrier, Fax
from faxportal.operator import reading
from tests.isolation.operator import LISTS
from tests.signing_in import sign_in


@pytest.fixture
def operator(world):
    """Whoever runs the site, signed in."""
    person = world.platform.people["admin"]
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    client = Client()
    sign_in(client, person)
    return client


def at(name, **query):
    return reverse(f"operator:{name}_changelist", query=query)


def rows_in(answer):
    return answer.context["cl"].result_count


def queries_of(operator, name):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert operator.get(at(name)).status_code == 200
    return [each["sql"] for each in asked.captured_queries]


def many(faxes):
    """As many again, and again: each of the fields that lists show is another's by then."""
    for fax in list(faxes):
        for _ in range(5):
            fax.pk, fax.carrier_ref, fax.batch_id = new_id(), None, new_id()
            fax.save(force_insert=True)


def test_lists_ask_the_same_however_many_rows_there_are(world, operator, send):
    send(world.northside, "+12025550100")
    send(world.lakeside, "+12025550100")
    operator.get(at("faxes_fax"))
    few = {name: len(queries_of(operator, name)) for name in LISTS}
    many(Fax.rows.all())
    for number in range(5):
        User.objects.create_user(f"{number}@more.example")
        Carrier.objects.create(kind="embedded", name=str(number))
    assert {name: len(queries_of(operator, name)) for name in LISTS} == few
    assert max(few.values()) <= 14


def test_nothing_is_counted_beyond_what_can_be_paged_through(world, operator, send, monkeypatch):
    send(world.northside, "+12025550100")
    many(Fax.rows.all())
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    counts = [sql for sql in queries_of(operator, "faxes_fax") if "COUNT(" in sql]
    assert len(counts) == 1
    assert "LIMIT 3" in counts[0]
    assert rows_in(operator.get(at("faxes_fax"))) == 3


def test_a_row_is_found_by_its_id_by_its_accounts_and_by_how_its_name_begins(world, operator, send):
    fax = send(world.northside, "+12025550100")
    send(world.lakeside, "+12025550100")
    for words in (fax.pk, world.northside.account.pk, f" {fax.batch_id} "):
        assert rows_in(operator.get(at("faxes_fax", q=words))) == 1
    for words in (new_id(), "+12025550100", "Northside", "'; --"):
        assert rows_in(operator.get(at("faxes_fax", q=words))) == 0
    realm = world.northside.account.realm
    found = operator.get(at("accounts_account", q=realm[:6].upper()))
    assert [each.realm for each in found.context["cl"].result_list] == [realm]
    email = world.northside.people["admin"].email
    assert rows_in(operator.get(at("accounts_user", q=email))) == 1


def test_who_lost_their_second_step_is_let_in_again_and_it_is_on_record(world, operator):
    person = world.northside.people["member"]
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    chosen = {"action": "reset_second_step", "_selected_action": [person.pk], "index": "0"}
    answer = operator.post(at("accounts_user"), chosen, follow=True)
    assert "1 person has no second step now." in answer.content.decode()
    assert not Authenticator.objects.filter(user=person).exists()
    entry = AuditEntry.objects.get(object_id=person.pk, action="second_step.reset")
    assert entry.actor == world.platform.people["admin"].email
    assert entry.account_id == world.northside.account.pk


def test_a_carrier_of_the_site_is_switched_and_one_of_an_account_is_not(world, operator):
    own = Carrier.objects.create(kind="embedded", name="own", account=world.northside.account)
    of_site = Carrier.objects.create(kind="embedded", name="of the site")
    chosen = {"action": "take_out", "_selected_action": [own.pk, of_site.pk], "index": "0"}
    answer = operator.post(at("faxes_carrier"), chosen, follow=True)
    assert answer.status_code == 200
    assert "1 carrier was switched." in answer.content.decode()
    own.refresh_from_db()
    of_site.refresh_from_db()
    assert (own.enabled, of_site.enabled) == (True, False)
    assert AuditEntry.objects.filter(
        account_id=world.platform.account.pk, action="carrier.out_of_service"
    ).exists()


def test_an_act_asks_once_more_who_it_is(world, operator):
    session = operator.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    tenant = world.northside.account
    chosen = {"action": "suspend", "_selected_action": [tenant.pk], "index": "0"}
    answer = operator.post(at("accounts_account"), chosen)
    assert answer.status_code == 302
    assert "/second-step/confirm/" in answer["Location"] or "/reauthenticate/" in answer["Location"]
    tenant.refresh_from_db()
    assert tenant.status == "active"
