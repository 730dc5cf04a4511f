"""The files of a fax for programs: whole, in part, known already, in the form that is accepted."""

import io
import re

import pypdfium2
import pytest
from django.core.files.storage import FileSystemStorage
from PIL import Image

from accounts.models import AuditEntry
from faxes.api.native import live
from faxes.models import Fax
from faxes.services.privacy import strip_fax
from tests import papers

PARTS = ("document", "pages/1", "report", "documents/{source}")


def fetch(asks, path, **headers):
    """The answer, read to its end as servers do."""
    answer = asks.get(path, **headers)
    answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return answer


def body(answer):
    return answer.whole


@pytest.fixture
def arrived(once, world, send, work):
    """A fax of two pages that Northside sent and Lakeside has; the ids of both."""

    def make():
        fax = send(world.northside, world.lakeside.number, pages=2, subject="Results")
        work.run_to_end()
        came = Fax.rows.get(direction="inbound")
        return {"fax": str(fax.pk), "came": str(came.pk)}

    return once("api-fax-files", make)


@pytest.fixture
def asks(world, arrived, program):
    return program(world.northside.admin)


def path_of(asks, arrived, part):
    documents = fetch(asks, f"faxes/{arrived['fax']}/documents").json()["data"]
    source = next(each["id"] for each in documents if each["role"] == "source")
    return f"faxes/{arrived['fax']}/{part.format(source=source)}"


def test_stored_files_are_listed_and_come_as_they_were_brought(asks, arrived):
    told = fetch(asks, f"faxes/{arrived['fax']}/documents").json()
    assert (told["has_more"], [each["role"] for each in told["data"]]) == (
        False,
        ["rendered", "source"],
    )
    source = told["data"][1]
    file = fetch(asks, source["url"].removeprefix("/api/v1/"))
    assert body(file) == papers.pdf(2)
    assert (source["name"], source["size"], source["pages"]) == (
        "letter.pdf",
        len(papers.pdf(2)),
        2,
    )
    assert file["ETag"] == f'"{source["sha256"]}"'
    assert file["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    expanded = fetch(asks, f"faxes/{arrived['fax']}?expand=documents").json()["documents"]
    assert expanded == told["data"]


def test_the_pages_come_in_the_form_that_is_accepted_or_that_the_address_names(asks, arrived):
    path = f"faxes/{arrived['fax']}/document"
    for at, accept, form in (
        (path, "", "application/pdf"),
        (path, "*/*", "application/pdf"),
        (path, "image/*", "image/tiff"),
        (path, "application/pdf;q=0.5, image/tiff", "image/tiff"),
        (f"{path}.pdf", "image/tiff", "application/pdf"),
        (f"{path}.tiff", "*/*", "image/tiff"),
    ):
        answer = fetch(asks, at, accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, form)
        assert answer.has_header("Vary") == (at == path) or "Accept" not in answer["Vary"]
        content = body(answer)
        if form == "application/pdf":
            assert len(pypdfium2.PdfDocument(content)) == 2
        else:
            with Image.open(io.BytesIO(content)) as tiff:
                assert getattr(tiff, "n_frames", 1) == 2
    refused = fetch(asks, path, accept="text/html")
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")


def test_pages_are_listed_and_drawn(asks, arrived):
    told = fetch(asks, f"faxes/{arrived['fax']}/pages").json()["data"]
    assert [each["number"] for each in told] == [1, 2]
    drawn = fetch(asks, told[1]["url"].removeprefix("/api/v1/") + ".png?width=96")
    with Image.open(io.BytesIO(body(drawn))) as picture:
        assert (picture.format, picture.width) == ("PNG", 96)
    for page in ("0", "3", str(10**40), "-1", "x"):
        assert fetch(asks, f"faxes/{arrived['fax']}/pages/{page}").status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_a_file_is_safe_to_be_led_to_and_its_name_holds_no_number(asks, arrived, part):
    answer = fetch(asks, path_of(asks, arrived, part))
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert "555" not in answer["Content-Disposition"].replace(arrived["fax"], "")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(body(answer)) == int(answer["Content-Length"])


@pytest.mark.parametrize("part", PARTS[:2])
def test_what_is_known_already_is_not_sent_nor_put_on_record_again(asks, arrived, part):
    path = path_of(asks, arrived, part)
    tag = fetch(asks, path)["ETag"]
    assert re.fullmatch('"[0-9a-f]{32,64}"', tag)
    before = AuditEntry.objects.count()
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = fetch(asks, path, if_none_match=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert AuditEntry.objects.count() == before
    assert fetch(asks, path, if_none_match='"other"').status_code == 200
    assert fetch(asks, path, if_match=tag).status_code == 200
    for other in ('"other"', f"W/{tag}"):
        refused = fetch(asks, path, if_match=other)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize("part", PARTS[:2])
def test_the_same_file_has_the_same_bytes_each_time(asks, arrived, part):
    path = path_of(asks, arrived, part)
    first, second = fetch(asks, path), fetch(asks, path)
    assert (first["ETag"], body(first)) == (second["ETag"], body(second))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("Bytes=5-5", 5, 6),
        ("bytes=10-999999999999", 10, None),
        ("bytes=-999999999999", 0, None),
    ],
)
def test_a_part_is_told_as_a_part(asks, arrived, asked, first, last):
    path = f"faxes/{arrived['fax']}/document.tiff"
    whole = body(fetch(asks, path))
    answer = fetch(asks, path, range=asked)
    part = body(answer)
    assert (answer.status_code, part) == (206, whole[first:last])
    begin = first % len(whole) if first < 0 else first
    end = begin + len(part) - 1
    assert answer["Content-Range"] == f"bytes {begin}-{end}/{len(whole)}"
    assert answer["Content-Length"] == str(len(part))


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "bytes=9-3", "bytes=", "bytes=a-b", "pages=1-2", "bytes=--5", "0-5"],
)
def test_what_is_not_one_part_is_the_whole(asks, arrived, asked):
    path = f"faxes/{arrived['fax']}/document.tiff"
    answer = fetch(asks, path, range=asked)
    assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
    assert body(answer) == body(fetch(asks, path))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=99999999-999999999"])
def test_a_part_behind_the_end_is_refused_with_how_long_the_file_is(asks, arrived, asked):
    path = f"faxes/{arrived['fax']}/document.tiff"
    size = len(body(fetch(asks, path)))
    refused = fetch(asks, path, range=asked)
    assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{size}")
    assert refused.json()["code"] == "range_not_satisfiable"


def test_a_part_of_another_file_is_the_whole(asks, arrived):
    path = f"faxes/{arrived['fax']}/document.tiff"
    tag = fetch(asks, path)["ETag"]
    for named, status in (
        (tag, 206),
        ('"other"', 200),
        (f"W/{tag}", 200),
        ("Sat, 21 Nov 2026 18:00:00 GMT", 200),
    ):
        assert fetch(asks, path, range="bytes=0-9", if_range=named).status_code == status


def test_head_tells_all_but_the_bytes(asks, arrived):
    path = f"faxes/{arrived['fax']}/document"
    whole, head = fetch(asks, path), asks.ask("HEAD", path, range="bytes=0-9")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Disposition"):
        assert head[name] == whole[name]


def test_files_are_closed_also_if_nobody_reads_them(asks, arrived, monkeypatch):
    opened = []
    really = FileSystemStorage.open

    def noted(self, *args, **kwargs):
        opened.append(really(self, *args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(FileSystemStorage, "open", noted)
    path = f"faxes/{arrived['fax']}/document.tiff"
    asks.get(path).close()
    asks.get(path, range="bytes=99999999-")
    asks.ask("HEAD", path).close()
    assert len(opened) == 3
    assert all(file.closed for file in opened)


def test_who_fetches_in_parts_is_put_on_record_as_one_download(asks, arrived):
    path = f"faxes/{arrived['fax']}/document.tiff"
    for first in range(0, 500, 100):
        body(fetch(asks, path, range=f"bytes={first}-{first + 99}"))
    downloads = AuditEntry.objects.filter(action="fax.download", object_id=arrived["fax"])
    assert downloads.count() == 1


def test_strangers_and_the_stripped_have_no_files_and_no_tags(world, program, asks, arrived):
    paths = [path_of(asks, arrived, part) for part in PARTS]
    tags = [fetch(asks, path)["ETag"] for path in paths]
    stranger = program(world.lakeside.admin)
    nowhere = "00000000-0000-7000-8000-000000000000"
    for path, tag in zip(paths, tags, strict=True):
        absent = fetch(stranger, path.replace(arrived["fax"], nowhere), if_none_match=tag)
        refused = fetch(stranger, path, if_none_match=tag)
        assert (refused.status_code, absent.status_code) == (404, 404)
        assert refused.json() | {"request_id": ""} == absent.json() | {"request_id": ""}
    for part in ("documents", "pages", "events", "attempts"):
        assert fetch(stranger, f"faxes/{arrived['fax']}/{part}").status_code == 404
    strip_fax(world.northside.admin, fax_id=arrived["fax"])
    for path in (paths[0], paths[1], paths[3]):
        assert fetch(asks, path, if_none_match="*").status_code == 404
    assert fetch(asks, f"faxes/{arrived['fax']}/pages").json()["data"] == []
    assert fetch(asks, paths[2]).status_code == 200


def test_an_arrival_has_its_pages_its_tries_are_none_and_its_events_are_told(
    world, arrived, program
):
    asks = program(world.lakeside.admin)
    path = f"faxes/{arrived['came']}"
    assert [each["role"] for each in fetch(asks, f"{path}/documents").json()["data"]] == [
        "received"
    ]
    assert len(pypdfium2.PdfDocument(body(fetch(asks, f"{path}/document.pdf")))) == 2
    told = fetch(asks, f"{path}/events").json()["data"]
    assert [each["to"] for each in told] == ["receiving", "received"]
    assert fetch(asks, f"{path}/attempts").json()["data"] == []


def test_what_happened_is_told_in_order(asks, arrived):
    events = fetch(asks, f"faxes/{arrived['fax']}/events").json()["data"]
    assert [each["to"] for each in events] == ["preparing", "queued", "sending", "delivered"]
    (attempt,) = fetch(asks, f"faxes/{arrived['fax']}/attempts").json()["data"]
    assert (attempt["outcome"], attempt["pages_sent"], attempt["ecm"]) == ("delivered", 2, True)
    assert events[3]["attempt_id"] == attempt["id"]
    assert fetch(asks, f"faxes/{arrived['fax']}/events?stream=maybe").json()["param"] == "stream"


def test_a_stream_keeps_its_connection_open_ends_in_time_and_gives_its_place_back(
    asks, send, world, monkeypatch
):
    for name, seconds in (("_LOOK_EVERY", 0.01), ("_BEAT_EVERY", 0.05), ("SECONDS", 0.2)):
        monkeypatch.setattr(live, name, seconds)
    fax = send(world.northside, "+12025550100")
    path = f"faxes/{fax.pk}/events?stream=1"
    held = [asks.get(path) for _ in range(live.AT_ONCE)]
    refused = asks.get(path)
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    for each in held:
        each.close()
    told = fetch(asks, path).whole.decode()
    assert told.startswith("retry: 2000\n\nid: ")
    assert "event: fax.preparing" in told
    assert told.endswith(": still here\n\n")
    assert asks.ask("HEAD", path)["Content-Type"] == live.MEDIA_TYPE


def test_a_stream_ends_with_the_fax_also_with_one_that_is_deleted(
    asks, arrived, send, world, monkeypatch
):
    monkeypatch.setattr(live, "_LOOK_EVERY", 0.01)
    path = f"faxes/{arrived['fax']}/events?stream=1"
    told = fetch(asks, path).whole.decode()
    assert told.endswith('event: end\ndata: {"status": "delivered", "outcome": "delivered"}\n\n')
    last = re.findall("id: (.*)", told)[-1]
    assert asks.get(path, last_event_id=last).status_code == 204
    assert "fax.preparing" in fetch(asks, path, last_event_id="no id").whole.decode()

    going = asks.get(f"faxes/{send(world.northside, '+12025550100').pk}/events?stream=1")
    lines = iter(going.streaming_content)
    assert next(lines).startswith(b"retry")
    assert b"event: fax.preparing" in next(lines)
    Fax.rows.filter(state="preparing").update(pages_done=1, pages=3)
    page = b'event: page\ndata: {"status": "preparing", "pages_done": 1, "pages": 3}\n\n'
    assert next(lines) == page
    Fax.rows.filter(state="preparing").delete()
    assert list(lines) == []
    going.close()


@pytest.mark.parametrize("part", PARTS[:2])
def test_without_the_sites_key_files_are_said_to_be_unavailable(asks, arrived, settings, part):
    settings.SITE_KEYS = ["another key of the site" * 2]
    answer = fetch(asks, f"faxes/{arrived['fax']}/{part}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
