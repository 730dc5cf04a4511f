"""What a log tells, and what it never does: who works on what, and nothing of what it holds."""

import asyncio
import json
import logging
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import at_work
from faxes import jobs, tasks
from faxes.mail.gateway import Handler
from faxes.mail.line import Gate
from faxes.models import Attempt
from faxportal import logs, requests
from faxportal.reports import PlainReporter
from faxportal.settings import LOGGING

FAX = "018f4c2e-1111-7222-8333-944455566677"


def line(message, *arguments, form="line", masked=True, level=logging.WARNING, trouble=None):
    record = logging.LogRecord("who", level, __file__, 1, message, arguments, trouble)
    record.created, record.msecs = 1.0, 0.0  # a time with no digits to be looked for
    formatter = {"line": logs.LineFormatter, "json": logs.JsonLines}[form]
    return formatter(masked=masked).format(record)


def raised(message, kind=ValueError):
    def fail():
        raise kind(message)

    try:
        fail()
    except kind:
        return sys.exc_info()


@pytest.mark.parametrize("form", ["line", "json"])
@pytest.mark.parametrize(
    "written",
    [
        "+12025550123", "2025550123", "(202) 555-0123", "202.555.0123", "+44 20 7946 0123",
        "0044 20 7946 0123", "%2B12025550123", "tel:+12025550123", "<2025550123@fax.example>",
        "555-0123", "+1\u00a0202\u2011555\u20110123",
        "\u0662\u0660\u0662\u0665\u0665\u0665\u06600123",
        "fax12025550123",
    ],
)  # fmt: skip
def test_of_a_number_only_its_end_is_told_however_it_is_written(form, written):
    told = line("to %s: %s", written, "x", form=form, trouble=raised(f"bad number {written}"))
    assert written not in told
    assert told.count("***0123") >= 2
    assert "555" not in told.replace("\\u", "")


def test_an_operator_may_have_numbers_whole():
    assert "+12025550123" in line("to %s", "+12025550123", masked=False)


@pytest.mark.parametrize(
    "kept", [FAX, "2026-11-22 17:22:31", "192.168.100.200", "3.1415926535", "in 123456 ms"]
)
def test_what_is_no_number_is_told(kept):
    assert kept in line("it was %s", kept)


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer fxp_abcdef.s3cretvalue", "Authorization: Basic dXNlcjpwYXNz", "fxp_demoharbor1",
        "https://user:hush1234@host/x", "/get?token=hush1234&a=b", "password='hush 1234'",
        "secret: hush1234", "dGhpc0lzQVNlY3JldDEyMzQ1", "0cc175b9c0f1b6a831c399e269772661",
    ],
)  # fmt: skip
def test_a_secret_is_not_told(secret):
    told = line("asked with %s", secret, trouble=raised(f"refused {secret}"))
    hush = re.search(r"hush.?1234|s3cret\w+|dXNl\w+|demoharbor1|IzQVN\w+|c0f1b6\w+", secret)
    assert secret not in told
    assert hush is None or hush[0] not in told


@pytest.mark.parametrize("form", ["line", "json"])
@pytest.mark.parametrize(
    "trick",
    ["\r", "\n", "\x1b[2J", "\x00", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ud800"],
)
def test_nobody_writes_a_line_of_their_own(form, trick):
    forged = f"x{trick}2026-11-22 10:00:00,000 ERROR root: forged"
    told = line("file %s", forged, form=form, trouble=raised(forged))
    assert trick not in told.replace("\n    ", "  ")
    told.encode()
    assert not re.search(r"^2026-11-22 10", told, re.MULTILINE)
    if form == "json":
        assert len(told.splitlines()) == 1
        assert json.loads(told)["level"] == "WARNING"


def test_a_very_long_message_is_cut_and_a_traceback_keeps_both_its_ends():
    told = line("got %s", "a " * 50_000, trouble=raised("b " * 50_000 + "the end"))
    assert len(told) < 30_000
    assert "… and 92004 characters" in told
    assert "Traceback (most recent call last)" in told
    assert told.rstrip().endswith("the end")


def test_a_line_says_what_was_at_work_and_json_has_it_by_name():
    with at_work.working_on(request="r-1", fax=FAX, carrier=None):
        at_work.note(account="a-1")
        assert line("done").endswith(f"who: done [request=r-1 account=a-1 fax={FAX}]")
        told = json.loads(line("done", form="json"))
        assert (told["request"], told["account"], told["fax"]) == ("r-1", "a-1", FAX)
        assert "carrier" not in told
    assert at_work.at_work() == {}


def test_every_logger_also_of_others_has_the_one_handler():
    assert [*LOGGING["handlers"]] == ["console"]
    for name in ("django", "django.server", "_granian"):
        assert LOGGING["loggers"][name]["handlers"] == []
    assert LOGGING["loggers"]["granian.access"]["propagate"] is False


@pytest.mark.parametrize(
    ("proxies", "via", "given", "kept"),
    [
        (0, "192.0.2.1", "abcdef-123456", False),
        (1, None, "abcdef-123456", False),
        (1, "192.0.2.1", "abcdef-123456", True),
        (1, "192.0.2.1", "short", False),
        (1, "192.0.2.1", "abcdef 123456", False),
        (1, "192.0.2.1", "abcdef\r\n123456", False),
        (1, "192.0.2.1", "a" * 65, False),
    ],
)
def test_only_a_proxy_of_ours_names_a_request(settings, proxies, via, given, kept):
    settings.TRUSTED_PROXIES = proxies
    meta = {} if via is None else {"HTTP_X_FORWARDED_FOR": via}
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID=given, **meta)
    assert (requests.id_of(request) == given) is kept


@pytest.mark.django_db
def test_an_answer_tells_the_id_that_the_log_has(client, caplog, settings, monkeypatch):
    settings.LOG_REQUESTS = True
    told = []
    handler = logging.Handler()
    handler.setFormatter(logs.JsonLines(masked=True))
    monkeypatch.setattr(handler, "emit", lambda each: told.append(json.loads(handler.format(each))))
    logging.getLogger().addHandler(handler)
    try:
        with caplog.at_level(logging.INFO):
            answer = client.get("/share/Zk3verysecrettoken9Q/x")
            page = client.get("/login/?next=/a/secret-thing")
    finally:
        logging.getLogger().removeHandler(handler)
    assert {each["request"] for each in told} == {answer["X-Request-ID"], page["X-Request-ID"]}
    assert "verysecret" not in str(told)
    assert "secret-thing" not in str(told)
    assert any(each["message"].startswith("GET /login/ 200 in") for each in told)


@pytest.mark.django_db
def test_the_api_tells_the_same_id_in_header_and_body(client):
    answer = client.get("/api/v1/faxes")
    assert answer.json()["request_id"] == answer["X-Request-ID"]


def test_a_job_has_the_id_of_the_request_that_it_came_of(monkeypatch):
    put, seen = [], []
    monkeypatch.setattr(jobs, "async_task", lambda *job, **ids: put.append((job, ids)))
    monkeypatch.setattr(tasks, "export", lambda **_: seen.append(dict(at_work.at_work())))
    with at_work.working_on(request="r-7"):
        jobs._put(jobs.JOBS["export"], {"export": FAX})
    (((door, *job), ids),) = put
    assert door == "faxes.tasks.run"
    options = ids.pop("q_options")
    assert options.pop("broker").queues == ("chores",)
    assert options == {"save": False}
    tasks.run(*job, **ids)
    assert seen == [{"request": "r-7"}]


def test_what_is_kept_of_a_job_that_failed_tells_nothing_that_it_held(monkeypatch, caplog):
    def fail(**_):
        secret = "+12025550123"
        raise RuntimeError(f"the letter to {secret}")

    monkeypatch.setattr(tasks, "follow", fail)
    with pytest.raises(tasks.JobFailed) as failed:
        tasks.run("faxes.tasks.follow", "r-8", key=FAX)
    assert str(failed.value) == "faxes.tasks.follow: RuntimeError"
    assert failed.value.__context__ is None
    assert "the job follow failed" in caplog.text


@pytest.mark.django_db
def test_a_try_is_logged_by_fax_account_and_carrier(world, send, work, monkeypatch):
    seen = []
    really = Attempt.rows.filter

    def noted(*args, **kwargs):
        seen.append(dict(at_work.at_work()))
        return really(*args, **kwargs)

    fax = send(world.northside, "+12025550100")
    monkeypatch.setattr(
        "faxes.services.transmit.is_open", lambda attempt: bool(noted(pk=attempt.pk))
    )
    with at_work.working_on(request="r-9"):
        work.run_to_end()
    (told,) = [each for each in seen if each]
    attempt = fax.attempts.get()
    assert told["account"] == str(world.northside.id)
    assert told["fax"] == str(fax.pk)
    assert (told["attempt"], told["carrier"]) == (str(attempt.key), str(attempt.carrier_id))


def test_a_report_of_an_error_has_no_variables_no_form_and_no_address():
    request = RequestFactory().post(
        "/share/Zk3verysecret/?pin=hush-1", {"password": "hush-2"}, HTTP_COOKIE="s=hush-3",
        HTTP_AUTHORIZATION="Bearer hush-4",
    )  # fmt: skip
    trouble = raised("no box for " + "+1202555" + "0123", LookupError)
    reporter = PlainReporter(request, *trouble)
    for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "LookupError" in report
        assert "***0123" in report
        assert not re.search(r"hush-[1234]|verysecret|2025550123", report)


@pytest.mark.parametrize(
    ("status", "level"),
    [(404, "INFO"), (405, "INFO"), (422, "INFO"), (401, "WARNING"), (403, "WARNING"),
     (429, "WARNING"), (500, "ERROR")],
)  # fmt: skip
def test_what_is_refused_as_it_should_be_is_no_warning_but_who_may_not_is(caplog, status, level):
    logger = logging.getLogger("django.request")
    with caplog.at_level(logging.INFO):
        given = logging.ERROR if status >= 500 else logging.WARNING
        logger.log(given, "refused", extra={"status_code": status})
    assert [each.levelname for each in caplog.records] == [level]


def test_what_ends_a_process_or_a_thread_stands_in_the_log(caplog, monkeypatch):
    for module in (sys, threading):
        monkeypatch.setattr(module, "excepthook", module.excepthook)
    logs.tell_what_nobody_caught()
    trouble = raised("hush 2025550123", LookupError)
    sys.excepthook(*trouble)
    thread = threading.Thread(name="of-calls")
    threading.excepthook(threading.ExceptHookArgs((*trouble, thread)))
    first, second = caplog.records
    assert (first.levelname, first.exc_info[0]) == ("CRITICAL", LookupError)
    assert "the thread of-calls" in second.getMessage()


@pytest.mark.django_db
def test_the_page_about_an_error_tells_nothing(monkeypatch, world):
    client = Client(raise_request_exception=False)
    client.force_login(world.northside.people["admin"])

    def fail(*_, **__):
        raise RuntimeError("hush +12025550123")

    monkeypatch.setattr("accounts.auth.portal.actor_in", fail)
    answer = client.get(reverse("inbox", args=[world.northside.id]))
    assert answer.status_code == 500
    assert b"hush" not in answer.content
    assert answer["X-Request-ID"]


def test_threads_of_the_mail_gateway_know_whose_session_it_is():
    async def session():
        handler = Handler(gate=Gate(most=1, most_each=1, most_bytes=1, unlimited=bool))
        at_work.begin(request="m-1")
        told = await handler._work(lambda: dict(at_work.at_work()))
        handler.close()
        return told

    with ThreadPoolExecutor(1) as pool:  # a loop of its own: there may be one here
        assert pool.submit(asyncio.run, session()).result() == {"request": "m-1"}
    assert at_work.at_work() == {}
