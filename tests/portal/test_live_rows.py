"""A row is the same row, whether it came with the page or a second later."""

from datetime import timedelta

from faxes.models import Fax
from tests.portal.conftest import part

STOP_ASKING = 286
BUSY, GOOD = "+12025550101", "+12025550100"


def row_in(response, fax):
    body = part(response, f'id="fax-{fax.pk}"', "</li>")
    return [line.strip() for line in body.splitlines() if line.strip()]


def test_a_row_comes_with_the_page_just_as_it_comes_alone(world, visit, send):
    fax = send(world.northside, GOOD)
    visitor = visit(world.northside)
    page, alone = visitor.get("outbox"), visitor.get("fax-row", fragment=True, fax=fax.pk)
    assert alone.status_code == 200
    assert row_in(page, fax) == row_in(alone, fax)


def test_the_list_comes_with_the_page_just_as_it_comes_alone(world, visit, arrived):
    visitor = visit(world.northside)
    page, alone = visitor.get("inbox"), visitor.get("inbox", fragment=True)
    assert row_in(page, arrived) == row_in(alone, arrived)
    assert b"<html" not in alone.content


def test_a_row_asks_again_every_second_while_its_fax_is_under_way(world, visit, send):
    fax = send(world.northside, GOOD)
    row = visit(world.northside).get("fax-row", fragment=True, fax=fax.pk)
    assert 'hx-trigger="every 1s"' in row.content.decode()


def test_a_row_asks_less_often_while_its_fax_waits_for_long(world, visit, send, work):
    fax = send(world.northside, BUSY)
    work.run()
    Fax.rows.filter(pk=fax.pk).update(due_at=fax.created_at + timedelta(hours=2))
    row = visit(world.northside).get("fax-row", fragment=True, fax=fax.pk)
    assert 'hx-trigger="every 30s"' in row.content.decode()


def test_a_row_stops_asking_when_its_fax_is_finished(world, visit, send, work):
    fax = send(world.northside, GOOD)
    work.run_to_end()
    row = visit(world.northside).get("fax-row", fragment=True, fax=fax.pk)
    assert row.status_code == STOP_ASKING
    assert "hx-get" not in row.content.decode()
    assert "Delivered" in row.content.decode()


def test_the_fax_page_keeps_itself_true_and_stops_when_finished(world, visit, send, work):
    fax = send(world.northside, GOOD)
    visitor = visit(world.northside)
    page = visitor.get("fax", fax=fax.pk)
    status = visitor.get("fax-status", fragment=True, fax=fax.pk)
    assert status.status_code == 200
    for response in (page, status):
        assert 'hx-trigger="every 1s"' in part(response, "<article", ">")
    work.run_to_end()
    status = visitor.get("fax-status", fragment=True, fax=fax.pk)
    assert status.status_code == STOP_ASKING
    assert "hx-get" not in part(status, "<article", ">")


def test_the_first_page_of_the_inbox_asks_for_arrivals_and_counts_them(world, visit, arrived):
    response = visit(world.northside).get("inbox", fragment=True)
    page = response.content.decode()
    assert 'hx-trigger="every 4s"' in page
    assert 'hx-swap-oob="true"' in part(response, 'id="unread-count"', ">")
    assert ">1<" in part(response, 'id="unread-count"', "/span>").replace("\n", "").replace(" ", "")


def test_further_pages_of_a_list_stay_as_they_are(world, visit, arrived):
    page = visit(world.northside).get("inbox", "?cursor=AZ8AAAAAcACAAAAAAAAAAA").content.decode()
    assert "every 4s" not in page


def test_pages_that_are_there_are_not_told_again(world, visit, arrived):
    visitor = visit(world.northside)
    told = visitor.get("fax-status", "?leaves=3", fragment=True, fax=arrived.pk)
    assert "<figure" not in told.content.decode()
    told = visitor.get("fax-status", "?leaves=2", fragment=True, fax=arrived.pk)
    assert told.content.decode().count("<figure") == 3
