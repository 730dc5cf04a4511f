"""A list and a fax tell themselves anew: as they came with the page, and only if they changed."""

from datetime import timedelta

from accounts.models import Account
from faxes.models import Fax, Number
from faxes.services import control, labels
from tests.portal.conftest import part

STOP_ASKING = 286
NOT_MODIFIED = 304
BUSY, GOOD = "+12025550101", "+12025550100"


def row_in(response, fax):
    body = part(response, f'id="fax-{fax.pk}"', "</li>")
    return [line.strip() for line in body.splitlines() if line.strip()]


def again(visitor, name, stamp, query=""):
    headers = {"X-Fragment": "1", "If-None-Match": stamp}
    return visitor.client.get(visitor.address(name) + query, headers=headers)


def test_the_list_comes_with_the_page_just_as_it_comes_alone(world, visit, arrived):
    visitor = visit(world.northside)
    page, alone = visitor.get("inbox"), visitor.get("inbox", fragment=True)
    assert row_in(page, arrived) == row_in(alone, arrived)
    assert b"<html" not in alone.content


def test_a_list_is_told_again_only_if_it_is_different(world, visit, send, work):
    fax = send(world.northside, GOOD)
    visitor = visit(world.northside)

    def told():
        return visitor.get("outbox", fragment=True)["ETag"]

    stamp = told()
    same = again(visitor, "outbox", stamp)
    assert (same.status_code, same.content, same["ETag"]) == (NOT_MODIFIED, b"", stamp)
    seen = [stamp]
    work.run_to_end()
    seen.append(told())
    label = labels.create_label(world.northside.admin, name="Referrals", colour="red")
    labels.label_fax(world.northside.admin, fax_id=fax.pk, label_id=label.pk, on=True)
    seen.append(told())
    send(world.lakeside, world.northside.number)
    work.run_to_end()  # its number stands beside the link to the inbox
    seen.append(told())
    assert len(set(seen)) == len(seen)
    arrived = Fax.rows.get(direction="inbound").pk
    control.mark_read(world.northside.admin, fax_id=arrived, read=True)
    assert told() == seen[-2], "as it was before that came"
    assert again(visitor, "outbox", stamp).status_code == 200
    assert again(visitor, "outbox", seen[-2]).status_code == NOT_MODIFIED


def test_others_with_the_same_list_are_told_by_their_own_looks(world, visit, arrived):
    visitor = visit(world.northside)
    stamp = visitor.get("inbox", fragment=True)["ETag"]
    visitor.client.cookies["density"] = "compact"
    assert again(visitor, "inbox", stamp).status_code == 200


def test_an_empty_list_is_told_again_when_the_account_or_its_numbers_are_others(world, visit):
    visitor = visit(world.northside)

    def stamp():
        return visitor.get("inbox", fragment=True)["ETag"]

    before = stamp()
    assert stamp() == before
    Number.rows.filter(account_id=world.northside.id).delete()
    without = stamp()
    assert without != before
    Account.objects.filter(pk=world.northside.id).update(name="Northside")
    assert stamp() != without


def test_the_fax_page_keeps_itself_true_and_stops_when_finished(world, visit, send, work):
    fax = send(world.northside, GOOD)
    visitor = visit(world.northside)
    page = visitor.get("fax", fax=fax.pk)
    status = visitor.get("fax-status", fragment=True, fax=fax.pk)
    assert status.status_code == 200
    for response in (page, status):
        assert 'data-every="1"' in part(response, "<article", ">")
    work.run_to_end()
    status = visitor.get("fax-status", fragment=True, fax=fax.pk)
    assert status.status_code == STOP_ASKING
    assert "data-live" not in part(status, "<article", ">")


def test_a_fax_page_asks_less_often_while_the_fax_waits_for_long(world, visit, send, work):
    fax = send(world.northside, BUSY)
    work.run()
    Fax.rows.filter(pk=fax.pk).update(due_at=fax.created_at + timedelta(hours=2))
    status = visit(world.northside).get("fax-status", fragment=True, fax=fax.pk)
    assert 'data-every="30"' in part(status, "<article", ">")


def test_the_first_page_of_the_inbox_asks_for_arrivals_and_counts_them(world, visit, arrived):
    response = visit(world.northside).get("inbox", fragment=True)
    assert 'data-every="2"' in part(response, '<div id="fax-list"', ">")
    assert "data-elsewhere" in part(response, 'id="unread-count"', ">")
    assert ">1<" in part(response, 'id="unread-count"', "/span>").replace("\n", "").replace(" ", "")


def test_further_pages_of_a_list_stay_as_they_are_unless_a_fax_on_them_moves(
    world, visit, arrived, send, work
):
    older = "?cursor=AZ8AAAAAcACAAAAAAAAAAA"
    assert "data-live" not in visit(world.northside).get("inbox", older).content.decode()
    send(world.northside, GOOD)
    behind_all = "?cursor=_____wAAf_-AAAAAAAAAAA"
    page = visit(world.northside).get("outbox", behind_all).content.decode()
    assert 'data-every="2"' in page
    work.run_to_end()
    page = visit(world.northside).get("outbox", behind_all).content.decode()
    assert "data-live" not in page


def test_pages_that_are_there_are_not_told_again(world, visit, arrived):
    visitor = visit(world.northside)
    told = visitor.get("fax-status", "?leaves=3", fragment=True, fax=arrived.pk)
    assert "<figure" not in told.content.decode()
    told = visitor.get("fax-status", "?leaves=2", fragment=True, fax=arrived.pk)
    assert told.content.decode().count("<figure") == 3
