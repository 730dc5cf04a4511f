"""Traces: what is done for a request hangs together, and nothing of a fax is in them."""

import time
from collections import deque
from uuid import UUID

import pytest
from django.core.checks import run_checks
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from accounts import tracing
from accounts.at_work import at_work
from faxes import jobs, tasks
from faxes.models import Fax
from tests.outside import Handler

# What a fax holds, and who asks; none of it may be in what is sent.
MARKED = ("12025550100", "12025550121", "Zebra results", "zebra.txt", "Quagga", "Northside", "fxp_")


@pytest.fixture
def collector(monkeypatch, settings, receiver):
    """Where traces go, and whether they are all there."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url(""))
    monkeypatch.setattr(tracing, "_provider", tracing._Provider())
    settings.TELEMETRY = True
    yield receiver
    receiver.behave = Handler.answer
    receiver.ended.set()
    tracing._provider.stop()


def spans(collector):
    tracing._provider.flush()
    told = [each.body for each in collector.seen if each.path == "/v1/traces"]
    found = []
    for body in told:
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert [one.key for one in each.resource.attributes if one.key == "service.name"]
            found += [span for scope in each.scope_spans for span in scope.spans]
    return found, b"".join(told)


def facts(span):
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@pytest.fixture
def run_all(work, monkeypatch):
    """Jobs as workers run them: by their door, under the request that they came of."""
    waiting: deque[tuple[str, str, dict[str, str]]] = deque()
    monkeypatch.setattr(
        jobs, "_put", lambda path, ids: waiting.append((path, at_work().get("request", ""), ids))
    )

    def run():
        while waiting or work.carry_calls():
            while waiting:
                path, request, ids = waiting.popleft()
                tasks.run(path, request, **ids)

    return run


def test_all_that_comes_of_a_request_is_one_trace_without_a_word_of_the_fax(
    collector, world, run_all, program
):
    text = {"content_base64": "UXVhZ2dh", "filename": "zebra.txt"}
    body = {"to": "+12025550100", "documents": [text], "subject": "Zebra results"}
    answer = program(world.northside.admin).post("faxes", body)
    assert answer.status_code == 201
    run_all()
    fax = Fax.rows.get()
    assert fax.state == "delivered"
    found, told = spans(collector)
    ours = [each for each in found if each.trace_id == UUID(answer["X-Request-Id"]).bytes]
    names = {each.name for each in ours}
    assert {"POST /api/v1/faxes", "convert", "transmit"} <= names
    for each in ours:
        assert facts(each)["faxportal.request"] == answer["X-Request-Id"]
        if each.name in {"convert", "transmit"}:
            assert facts(each)["faxportal.fax"] == str(fax.pk)
    (asked,) = [each for each in ours if each.name.startswith("POST")]
    assert facts(asked)["http.response.status_code"] == 201
    assert facts(asked)["http.route"] == "/api/v1/faxes"
    assert facts(asked)["faxportal.account"] == str(world.northside.id)
    for word in MARKED:
        assert word.encode() not in told, word


def test_an_address_is_told_by_its_pattern_and_an_error_by_its_type(collector, db):
    Client().get("/check/?q=Zebra")
    with pytest.raises(ValueError, match="Zebra"), tracing.traced("convert", "consumer"):
        raise ValueError("Zebra results")
    found, told = spans(collector)
    assert {each.name for each in found} == {"GET /check/", "convert"}
    (failed,) = [each for each in found if each.name == "convert"]
    assert facts(failed)["error.type"] == "ValueError"
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    assert b"Zebra" not in told


def test_a_collector_that_hangs_holds_nothing_up(collector, db):
    def hangs(handler: Handler) -> None:
        collector.ended.wait(30)

    collector.behave = hangs
    began = time.monotonic()
    for _ in range(50):
        assert Client().get("/health/live").status_code == 200
    assert time.monotonic() - began < 5


def test_where_nobody_wants_traces_none_are_made(settings, monkeypatch, receiver):
    monkeypatch.setattr(tracing, "_make", None)
    assert not settings.TELEMETRY
    with tracing.traced("convert") as told:
        told.tell({"fax": "1"})
    assert told.span is None
    assert not receiver.seen


def test_what_is_wished_for_and_not_installed_is_told(settings, monkeypatch):
    settings.TELEMETRY = True
    assert not [each for each in run_checks() if each.id == "faxportal.E006"]
    monkeypatch.setattr(tracing, "PACKAGE", "opentelemetry_of_nobody.sdk")
    (told,) = [each for each in run_checks() if each.id == "faxportal.E006"]
    assert told.hint is not None
    assert "requirements-telemetry.lock" in told.hint
