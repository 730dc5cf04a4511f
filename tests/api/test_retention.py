"""Programs read and choose how long faxes are kept, and place and lift legal holds."""

from datetime import timedelta

from accounts import clock
from accounts.models import Account
from accounts.services.retention_bounds import Bounds, set_bounds
from faxes.models import Fax, LegalHold, RetentionRule

CHOSEN = {"inbound": {"pages_days": 30, "record_days": 730}, "outbound": {"pages_days": 7}}


def test_how_long_faxes_are_kept_is_read_chosen_confirmed_and_told_of_a_fax(
    world, work, send, program
):
    sent = send(world.northside, "+12025550100")
    work.run_to_end()
    ours = program(world.northside.admin)
    before = ours.get("retention").json()
    assert before["effective"]["inbound"] == {"pages_days": None, "record_days": None}
    refused = ours.ask("PUT", "retention", CHOSEN)
    assert refused.status_code == 422
    assert refused.json()["code"] == "retention_unconfirmed"
    assert not RetentionRule.rows.exists()
    told = ours.ask("PUT", "retention", {**CHOSEN, "confirm": True}).json()
    assert told["chosen"] == {
        "inbound": {"pages_days": 30, "record_days": 730},
        "outbound": {"pages_days": 7, "record_days": None},
    }
    assert told["next_run"]["strip"] == 0
    wrong = {"inbound": {"pages_days": 30, "record_days": 3}, "confirm": True}
    refused = ours.ask("PUT", "retention", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "retention_order")
    machine = f"faxboxes/{world.northside.faxbox.pk}/retention"
    assert ours.get(machine).json()["own"] is False
    ours.ask("PUT", machine, {"outbound": {"pages_days": 9}})
    assert ours.get(machine).json()["own"] is True
    fax = ours.get(f"faxes/{sent.pk}").json()
    assert (fax["kept_until"], fax["legal_hold"]) == (None, False)
    assert fax["pages_kept_until"] > fax["finished_at"][:10]
    listed = {each["id"]: each for each in ours.get("faxes").json()["data"]}
    assert listed[fax["id"]] == fax, "a list tells until when each is kept"
    assert (
        ours.ask("PUT", machine, {"own": False, "outbound": {"pages_days": 9}}).status_code == 422
    )
    back = ours.ask("PUT", machine, {"own": False, "confirm": True}).json()
    assert (back["own"], back["effective"]) == (False, told["effective"])
    assert "own" in ours.ask("PUT", "retention", {"own": False}).json()["errors"][0]["param"]


def test_a_program_says_yes_to_what_it_was_told_and_to_no_more(world, work, send, program):
    sent = [send(world.northside, "+12025550100") for _ in range(2)]
    work.run_to_end()
    ours = program(world.northside.admin)
    old = clock.now() - timedelta(days=100)
    Fax.rows.filter(pk=sent[0].pk).update(finished_at=old)
    refused = ours.ask("PUT", "retention", CHOSEN).json()
    told = refused["would_remove"]
    assert (told.pop("day") > f"{old:%Y-%m-%d}", told) == (True, {"strip": 1, "delete": 0})
    yes = {**CHOSEN, "confirm": True, "would_remove": told}
    Fax.rows.filter(pk=sent[1].pk).update(finished_at=old)
    again = ours.ask("PUT", "retention", yes)
    assert (again.status_code, again.json()["would_remove"]["strip"]) == (422, 2)
    assert not RetentionRule.rows.exists()
    yes["would_remove"]["strip"] = 2
    assert ours.ask("PUT", "retention", yes).status_code == 200


def test_what_is_wrong_with_days_names_the_parameter_and_the_bound_that_there_is(world, program):
    ours = program(world.northside.admin)
    root = Account.objects.get(pk=world.harbor.id)
    bounds = {"pages_least": 7}, {"pages_most": 100}, {"pages_least": 7, "pages_most": 100}
    said = []
    for each in bounds:
        set_bounds(world.harbor.admin, account=root, bounds=Bounds(**each))
        days = {"inbound": {"pages_days": 3 if "pages_least" in each else 300}, "confirm": True}
        error = ours.ask("PUT", "retention", days).json()["errors"][0]
        assert error["param"] == "inbound.pages_days"
        said.append((error["code"], error["detail"]))
    assert [code for code, _ in said] == ["retention_least", "retention_most", "retention_bounds"]
    assert not any("36500" in detail for _, detail in said)
    wrong = {"outbound": {"pages_days": 30, "record_days": 9}, "confirm": True}
    errors = ours.ask("PUT", "retention", wrong).json()["errors"]
    assert ("retention_order", "outbound.record_days") in {(e["code"], e["param"]) for e in errors}


def test_a_hold_is_placed_told_listed_and_lifted(world, work, send, program):
    sent = send(world.northside, "+12025550100")
    work.run_to_end()
    ours = program(world.northside.admin)
    assert ours.post("legal-holds", {"reason": ""}).status_code == 422
    strangers = Fax.objects.for_account(world.lakeside.id).values_list("pk", flat=True).first()
    strange = {"reason": "x", "fax_id": str(strangers or world.northside.id)}
    assert ours.post("legal-holds", strange).status_code == 404
    both = {"reason": "x", "fax_id": str(sent.pk), "faxbox_id": str(world.northside.faxbox.pk)}
    assert ours.post("legal-holds", both).json()["errors"][0]["param"] == "faxbox_id"
    made = ours.post("legal-holds", {"reason": "Claim 17", "fax_id": str(sent.pk)})
    assert made.status_code == 201
    where = made.headers["Location"].removeprefix("/api/v1/")
    assert ours.get(f"faxes/{sent.pk}").json()["legal_hold"] is True
    held = ours.get("faxes?legal_hold=true").json()["data"]
    assert [each["id"] for each in held] == [str(sent.pk)]
    refused = ours.ask("DELETE", f"faxes/{sent.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "legal_hold")
    assert ours.ask("DELETE", where).status_code == 204
    assert ours.ask("DELETE", where).status_code == 409
    assert [each["reason"] for each in ours.get("legal-holds?lifted=true").json()["data"]]
    assert ours.get("legal-holds?lifted=false").json()["data"] == []
    for neither in ("maybe", "", "1", "True"):
        odd = ours.get(f"legal-holds?lifted={neither}")
        assert (odd.status_code, odd.json()["code"]) == (400, "lifted_invalid")
    assert ours.ask("DELETE", f"faxes/{sent.pk}").status_code == 204
    assert not LegalHold.rows.exists()
