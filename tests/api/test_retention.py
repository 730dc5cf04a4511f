"""Programs read and choose how long faxes are kept, and place and lift legal holds."""

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
    assert ("kept_until" in fax, fax["legal_hold"]) == (False, False)
    assert fax["pages_kept_until"] > fax["finished_at"][:10]


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
    refused = ours.ask("DELETE", f"faxes/{sent.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "legal_hold")
    assert ours.ask("DELETE", where).status_code == 204
    assert ours.ask("DELETE", where).status_code == 409
    assert [each["reason"] for each in ours.get("legal-holds?lifted=true").json()["data"]]
    assert ours.get("legal-holds?lifted=false").json()["data"] == []
    assert ours.ask("DELETE", f"faxes/{sent.pk}").status_code == 204
    assert not LegalHold.rows.exists()
