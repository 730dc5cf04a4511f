"""Pages about carriers: of the platform, of a reseller, of a customer that brings its own."""

import re
from decimal import Decimal
from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from accounts.roles import Role
from faxes.carriers.registry import CLASSES
from faxes.enums import Outcome
from faxes.models import Attempt, Carrier, CarrierRoute, Number
from faxes.services import breaker, carrier_settings
from faxes.services.carriers import carriers_for, embedded_carrier
from tests.carriers.example import Paperboy, PaperboyCarrier
from tests.portal.test_numbers import Person, said


@pytest.fixture
def paperboy(world, monkeypatch, settings):
    monkeypatch.setitem(CLASSES, "paperboy", PaperboyCarrier)
    settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
    settings.CARRIER_SECONDS = 1.0
    cache.clear()
    with Paperboy().running() as vendor:
        yield vendor


def typed(vendor, **more):
    told = {f"set_{name}": value for name, value in vendor.settings().items()}
    return {"kind": "paperboy", "name": "Our Paperboy", "channels": "3", **told, **more}


def added(person, vendor, **more):
    answer = person.post("carrier-new", typed(vendor, **more))
    assert answer.status_code == 302, said(answer)
    return Carrier.objects.get(pk=answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def test_a_carrier_is_added_by_the_form_that_its_kind_asks_for_and_tested(world, paperboy):
    harbor = Person(world.harbor)
    assert "Paperboy" in said(harbor.get("carrier-new"))
    form = said(harbor.get("carrier-new", "?kind=paperboy"))
    labels = ["Address of the API", "API key", "Lines", "Send as urgent"]
    assert [form.index(label) for label in labels] == sorted(form.index(each) for each in labels)
    one = added(harbor, paperboy, set_urgent="on")
    assert (one.account_id, one.name, one.channels) == (world.harbor.id, "Our Paperboy", 3)
    assert one.options == {"base_url": f"{paperboy.base}/", "lines": 4, "urgent": True}
    assert one.secrets == {"key": "paperboy-key"}
    assert "paperboy-key" not in one.sealed_secrets
    harbor.post("carrier-test", carrier=one.pk)
    page = said(harbor.get("carrier", carrier=one.pk))
    assert "It works. Signed in as Acme Faxing." in page
    assert "paperboy-key" not in page
    told = list(AuditEntry.objects.filter(account_id=world.harbor.id).values("action", "facts"))
    assert told[-2:] == [
        {"action": "carrier.add",
         "facts": {"kind": "paperboy", "settings": ["base_url", "key", "lines", "urgent"]}},
        {"action": "carrier.test", "facts": {"works": True}},
    ]  # fmt: skip


def test_what_is_wrong_with_a_setting_is_told_beside_it(world, paperboy):
    harbor = Person(world.harbor)
    for wrong, words in {
        "set_base_url": ("", "This field is required"),
        "set_key": ("", "This field is required"),
        "set_lines": ("four", "cannot be right: write a whole number"),
        "name": (" ", "This field is required"),
        "channels": ("0", "greater than or equal to 1"),
    }.items():
        answer = harbor.post("carrier-new", typed(paperboy, **{wrong: words[0]}))
        assert answer.status_code == 422, wrong
        assert words[1] in said(answer), wrong
    for url in ("http://10.0.0.1/", "ftp://x.example/", "http://a b/", "http://x.example:25/"):
        answer = harbor.post("carrier-new", typed(paperboy, set_base_url=url))
        assert "“Address of the API” cannot be right" in said(answer), url
        assert "paperboy-key" not in said(answer), "a secret does not come back"
    assert not Carrier.objects.filter(kind="paperboy").exists()


def test_a_secret_that_is_left_empty_stays_and_a_new_one_is_used(world, paperboy):
    harbor = Person(world.harbor)
    one = added(harbor, paperboy)
    breaker.note_failure(one, "away", retry_after=600)
    harbor.post("carrier", typed(paperboy, name="Renamed", set_key=""), carrier=one.pk)
    one.refresh_from_db()
    assert (one.name, one.secrets["key"]) == ("Renamed", "paperboy-key")
    assert one.shut_until is None, "it is tried at once with what was changed"
    entry = AuditEntry.objects.filter(action="carrier.change").latest("number")
    assert entry.facts == {"settings": [], "channels": 3}
    harbor.post("carrier", typed(paperboy, set_key="another"), carrier=one.pk)
    one.refresh_from_db()
    assert one.secrets["key"] == "another"
    entry = AuditEntry.objects.filter(action="carrier.change").latest("number")
    assert entry.facts == {"settings": ["key"], "channels": 3}
    harbor.post("carrier-test", carrier=one.pk)
    assert "It does not work:" in said(harbor.get("carrier", carrier=one.pk))


def test_each_account_runs_its_own_and_sees_the_names_of_those_above(world, paperboy):
    of_site = added(Person(world.platform), paperboy, name="Of the site")
    assert of_site.account_id is None
    of_harbor = added(Person(world.harbor), paperboy, name="Of Harbor")
    of_northside = added(Person(world.northside), paperboy, name="Of Northside")
    page = said(Person(world.northside).get("carriers"))
    assert "Of Northside" in page
    assert "Of Harbor" in page
    assert "Of the site" in page
    assert str(of_harbor.pk) not in page
    for person, one in (
        (Person(world.harbor), of_site),
        (Person(world.northside), of_harbor),
        (Person(world.harbor), of_northside),
        (Person(world.summit), of_harbor),
        (Person(world.platform), of_harbor),
    ):
        assert person.get("carrier", carrier=one.pk).status_code == 404
        for act in ("carrier-test", "carrier-switch", "carrier-remove", "carrier-numbers"):
            assert person.post(act, {"on": "yes"}, carrier=one.pk).status_code == 404
        assert str(one.pk) not in said(person.get("carriers"))
    assert "Of Harbor" not in said(Person(world.summit).get("carriers"))
    assert Person(world.northside, Role.MEMBER).get("carriers").status_code == 403


def test_out_of_service_and_back_and_removed_if_nothing_names_it(world, paperboy):
    harbor = Person(world.harbor)
    one = added(harbor, paperboy)
    harbor.post("carrier-switch", carrier=one.pk)
    assert "Out of service" in said(harbor.get("carriers"))
    assert one not in carriers_for(world.northside.account)
    harbor.post("carrier-switch", {"on": "yes"}, carrier=one.pk)
    assert one in carriers_for(world.northside.account)
    harbor.post("carrier-numbers", carrier=one.pk)
    assert Number.rows.filter(carrier=one).count() == 2
    harbor.post("carrier-remove", carrier=one.pk)
    assert "Put it out of service instead" in said(harbor.get("carrier", carrier=one.pk))
    Number.rows.filter(carrier=one).delete()
    assert harbor.post("carrier-remove", carrier=one.pk)["Location"].endswith("/carriers/")
    assert not Carrier.objects.filter(pk=one.pk).exists()
    platform = Person(world.platform)
    platform.post("carrier-remove", carrier=embedded_carrier().pk)
    assert Carrier.objects.filter(kind="embedded").exists()


def test_an_account_has_as_many_carriers_and_routes_as_it_may(world, paperboy, monkeypatch):
    monkeypatch.setattr(carrier_settings, "MOST", 1)
    monkeypatch.setattr("faxes.services.carrier_routes.MOST", 1)
    harbor = Person(world.harbor)
    one = added(harbor, paperboy)
    assert "up to 1 carriers" in said(harbor.post("carrier-new", typed(paperboy)))
    form = {"carrier": str(one.pk), "priority": "1", "enabled": "on"}
    assert harbor.post("carrier-routes", form | {"prefix": "+1"}).status_code == 302
    assert "up to 1 routes" in said(harbor.post("carrier-routes", form | {"prefix": "+44"}))


def test_routes_are_added_changed_and_removed(world, paperboy):
    harbor = Person(world.harbor)
    one = added(harbor, paperboy)
    form = {"carrier": str(one.pk), "priority": "5", "cost": "0.0070", "enabled": "on"}
    harbor.post("carrier-routes", form | {"prefix": "+44 (20)"})
    route = CarrierRoute.objects.get()
    assert (route.account_id, route.prefix) == (world.harbor.id, "+4420")
    assert "0.007<" in said(harbor.get("carrier-routes"))
    for wrong, words in (
        ({"prefix": "44"}, "A route begins with + and digits"),
        ({"prefix": "+44 20"}, "There is a route to these numbers"),
        ({"prefix": "+1", "cost": "cheap"}, "“Cost of a page” cannot be right"),
        ({"prefix": "+1", "carrier": str(world.harbor.id)}, "Select a valid choice"),
    ):
        assert words in said(harbor.post("carrier-routes", form | wrong)), wrong
    User.objects.filter(pk=world.harbor.admin.user_id).update(language="de")
    harbor.post("carrier-route", form | {"cost": "0,01", "prefix": "+44 20"}, route=route.pk)
    assert CarrierRoute.objects.get().cost == Decimal("0.01")
    assert 'value="0,01"' in said(harbor.get("carrier-route", route=route.pk))
    User.objects.filter(pk=world.harbor.admin.user_id).update(language="en")
    harbor.post("carrier-route", form | {"prefix": "", "priority": "1"}, route=route.pk)
    assert "All numbers" in said(harbor.get("carrier", carrier=one.pk))
    for stranger in (Person(world.platform), Person(world.northside)):
        assert stranger.get("carrier-route", route=route.pk).status_code == 404
        assert stranger.post("carrier-route-remove", route=route.pk).status_code == 404
    harbor.post("carrier-route-remove", route=route.pk)
    assert not CarrierRoute.objects.exists()


def test_the_list_tells_how_each_carrier_does_at_one_cost(world, paperboy, send, work):
    platform, line = Person(world.platform), embedded_carrier()
    fax = send(world.northside, world.lakeside.number)
    work.run_to_end()
    first = Attempt.rows.get(fax=fax)
    told = said(platform.get("carriers-status", fragment=True))
    assert re.search(r"Came in, 24 hours</dt>\s*<dd>1</dd>", told)
    assert re.search(r"1 . Delivered", told)
    assert "0 %" in told
    with CaptureQueriesContext(connection) as few:
        platform.get("carriers-status", fragment=True)
    asked = len(few)  # the next request empties the log
    Attempt.rows.bulk_create(
        Attempt(
            account_id=fax.account_id, fax=fax, number=2 + place, state="ended", carrier=line,
            outcome=Outcome.UNKNOWN, to_number="+1", started_at=first.started_at,
            ended_at=first.started_at,
        )
        for place in range(3)
    )  # fmt: skip
    for place in range(3):
        added(platform, paperboy, name=f"Paperboy {place}")
    with CaptureQueriesContext(connection) as many:
        told = said(platform.get("carriers-status", fragment=True))
    assert len(many) == asked > 0
    assert "75 %" in told
    breaker.note_failure(
        Carrier.objects.filter(kind="paperboy").earliest("name"), "reset", retry_after=60
    )
    told = said(platform.get("carriers-status", fragment=True))
    assert "Left alone since" in told
    assert "reset" in told


def test_an_account_that_is_erased_leaves_no_carrier_behind(world, paperboy):
    one = added(Person(world.northside), paperboy)
    carrier_settings.remove_all_of(world.northside.account)
    assert not Carrier.objects.filter(pk=one.pk).exists()
    kept = added(Person(world.harbor), paperboy)
    Number.rows.filter(account=world.lakeside.id).update(carrier=kept)
    carrier_settings.remove_all_of(world.harbor.account)
    kept.refresh_from_db()
    assert (kept.enabled, kept.options, kept.sealed_secrets) == (False, {}, "")
