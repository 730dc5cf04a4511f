"""What Prometheus reads: the rows as they are, at a bounded cost, for the operator's networks."""

import json
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts import clock, tallies
from faxes.models import Carrier
from faxportal import metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FAR = "+12025550100"


@pytest.fixture(autouse=True)
def anew():
    metrics.forget()
    yield
    metrics.forget()


@pytest.fixture
def allowed(settings):
    settings.METRICS_ALLOW = (ip_network("127.0.0.0/8"),)


def samples():
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (each.name, *each.labels.values()): each.value
        for family in families
        for each in family.samples
    }


def named(expression):
    return set(re.findall(r"faxportal_\w+", expression))


def test_what_waits_is_counted_as_the_rows_have_it(world, work, send, allowed):
    assert samples()["faxportal_faxes_open", "preparing"] == 0
    send(world.northside, FAR, subject="Marker")
    metrics.forget()
    there = samples()
    assert there["faxportal_faxes_open", "preparing"] == 1
    assert "Marker" not in str(there)
    assert world.northside.account.pk.hex not in str(there)


def test_the_cost_is_the_same_for_many_as_for_one_and_paid_every_few_seconds(
    world, work, send, allowed, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        send(world.northside, FAR)
    with django_assert_max_num_queries(10):
        samples()
    with django_assert_num_queries(0):
        samples()


def test_a_carrier_that_was_never_read_ages_from_its_first_day(world, allowed):
    Carrier.objects.filter(account=None).update(
        synced_at=None, sync_at=clock.now(), created_at=clock.now() - timedelta(hours=1)
    )
    ages = {
        each: age for each, age in samples().items() if each[0].endswith("carrier_sync_age_seconds")
    }
    assert ages
    assert min(ages.values()) >= 3600


def test_it_is_there_for_named_networks_only(db, settings):
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_ALLOW = (ip_network("192.0.2.0/24"),)
    assert Client().get("/metrics").status_code == 404


def test_a_process_is_asked_by_whatever_address_it_has(db, settings):
    settings.ALLOWED_HOSTS = ["fax.example.com"]
    settings.METRICS_ALLOW = (ip_network("127.0.0.0/8"),)
    assert Client().get("/metrics", headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert Client().get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400
    settings.METRICS_ALLOW = (ip_network("192.0.2.0/24"),)
    assert Client().get("/metrics", headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_dashboard_and_alerts_name_only_what_is_told(world, allowed, monkeypatch, tmp_path):
    counted = tallies.Tallies(tmp_path / "tallies")
    for kind in tallies.KINDS.values():
        counted.add(kind, kind.labels, 1.0)
    monkeypatch.setattr(tallies, "tallies", lambda: counted)
    there = named(Client().get("/metrics").content.decode())
    board = json.loads((DEPLOY / "grafana" / "faxportal.json").read_text())
    asked = {each["expr"] for panel in board["panels"] for each in panel["targets"]}
    rules = (DEPLOY / "prometheus" / "faxportal.rules.yml").read_text()
    asked |= set(re.findall(r"expr: (.+)", rules))
    assert len(asked) > 12
    assert set.union(*map(named, asked)) <= there
