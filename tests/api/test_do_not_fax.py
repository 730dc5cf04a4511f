"""A number on the do-not-fax list gets no fax, in whatever way somebody tries."""

import pytest

from accounts.scoping import Actor
from faxes.enums import ErrorCode, FaxState, RecipientState
from faxes.errors import InvalidRequest
from faxes.models import BroadcastRecipient, DoNotFax, Fax
from faxes.services.do_not_fax import allow_again, forbid
from faxes.services.submit import forward_fax, resend_fax
from tests.api.speakers import SPEAKERS
from tests.faxes.to_many import asked, begin, hand_over, refused

FAR, NEAR = "+12025550100", "+12025550101"
# What each says, status and code, where a number is on the list.
SAID = {
    "native": (422, "do_not_fax"),
    "kazoo": (400, "validation error"),
    "signalwire": (400, "21610"),
    "fax2": (403, "forbidden"),
    "voipnow": (403, "forbidden"),
}


@pytest.mark.parametrize("api", SPEAKERS)
def test_no_api_sends_to_it(world, speaker, paper, api):
    asks = speaker(api)
    entry = forbid(world.northside.admin, number=FAR)
    reply = asks.send(FAR, paper())
    assert (reply.status, reply.code) == SAID[api], reply
    assert not Fax.rows.exists()
    allow_again(world.northside.admin, entry_id=entry.pk)
    assert asks.send(FAR, paper()).status in {200, 201}


@pytest.mark.parametrize("house", ["harbor", "platform"])
def test_who_provides_forbids_for_those_below_and_for_nobody_else(world, speaker, paper, house):
    asks = speaker("native")
    above = world.northside.account.parent
    above = above if house == "harbor" else above.parent
    forbid(Actor.system(above.pk), number=FAR)
    assert asks.send(FAR, paper()).code == "do_not_fax"
    assert DoNotFax.objects.visible_to(world.northside.admin).count() == 0


def test_a_neighbours_list_forbids_nothing(world, speaker, paper):
    forbid(world.lakeside.admin, number=FAR)
    assert speaker("native").send(FAR, paper()).status == 201


def test_it_gets_no_fax_again_and_none_that_is_sent_on(world, work, send):
    fax = send(world.northside, FAR)
    work.run_to_end()
    forbid(world.northside.admin, number=FAR)
    for again in (
        lambda: resend_fax(world.northside.admin, fax_id=fax.pk),
        lambda: forward_fax(world.northside.admin, fax_id=fax.pk, to=f"{NEAR}, {FAR}"),
    ):
        with pytest.raises(InvalidRequest) as told:
            again()
        assert [(each.field, each.code) for each in told.value.errors] == [
            ("to", ErrorCode.DO_NOT_FAX)
        ]
    assert Fax.rows.filter(account=world.northside.id).count() == 1


def test_a_fax_that_waits_for_its_turn_ends_and_is_not_called(world, work, send):
    fax = send(world.northside, FAR)
    forbid(world.northside.admin, number=FAR)
    work.run_to_end()
    fax.refresh_from_db()
    assert (fax.state, fax.error_code, fax.tries) == (FaxState.FAILED, ErrorCode.DO_NOT_FAX, 0)


def test_a_broadcast_leaves_it_out_and_says_so(world, work):
    forbid(world.northside.admin, number=FAR)
    broadcast = begin(world.northside, [FAR, NEAR])
    out = BroadcastRecipient.rows.get(broadcast=broadcast, number=FAR)
    assert (out.state, out.error_code) == (RecipientState.REFUSED, ErrorCode.DO_NOT_FAX)
    hand_over(work)
    assert [fax.to_number for fax in Fax.rows.all()] == [NEAR]


def test_a_broadcast_leaves_out_who_was_listed_after_it_began(world, work):
    broadcast = begin(world.northside, [FAR, NEAR])
    forbid(world.northside.admin, number=NEAR)
    hand_over(work)
    assert [fax.to_number for fax in Fax.rows.all()] == [FAR]
    out = BroadcastRecipient.rows.get(broadcast=broadcast, number=NEAR)
    assert (out.state, out.error_code) == (RecipientState.REFUSED, ErrorCode.DO_NOT_FAX)


def test_a_broadcast_to_nobody_else_is_refused(world, work):
    forbid(world.northside.admin, number=NEAR)
    told = refused(world.northside.admin, asked([NEAR]))
    assert told == [("recipients", ErrorCode.DO_NOT_FAX)]


def test_programs_keep_the_list(world, program):
    asks = program(world.northside.admin)
    made = asks.post("do-not-fax", {"number": "(202) 555-0100", "reason": "Asked by phone"})
    told = made.json()
    assert (made.status_code, told["number"], told["reason"]) == (201, FAR, "Asked by phone")
    assert made["Location"] == f"/api/v1/do-not-fax/{told['id']}"
    for found in ("", "?q=5550100", "?number=%2B12025550100"):
        assert asks.get(f"do-not-fax{found}").json()["data"] == [told]
    assert asks.get("do-not-fax?q=999").json()["data"] == []
    again = asks.post("do-not-fax", {"number": FAR})
    assert (again.status_code, again.json()["code"]) == (422, "do_not_fax_listed")
    wrong = asks.post("do-not-fax", {"number": "12"})
    assert (wrong.status_code, wrong.json()["param"]) == (422, "number")
    assert asks.ask("DELETE", f"do-not-fax/{told['id']}").status_code == 204
    assert asks.get(f"do-not-fax/{told['id']}").status_code == 404
