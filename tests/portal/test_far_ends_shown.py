"""The page of a fax tells what its tries asked for, and what is known of the number."""


def test_a_try_that_went_on_and_what_was_learned_are_told(world, work, send, visit):
    fax = send(world.northside, "+12025550104", pages=2)
    work.run_to_end()
    page = visit(world.northside).get("fax", fax=fax.pk).content.decode()
    for told in ("it went on with page 2", "at most 9600 bit/s", "Known since"):
        assert told in page


def test_what_a_carrier_did_not_take_is_told_as_no_try(world, work, send, visit):
    fax = send(world.northside, "+12025550100")
    work.run_jobs()
    fax.attempts.update(state="ended", outcome="internal_error", never_left=True)
    page = visit(world.northside).get("fax", fax=fax.pk).content.decode()
    assert "This counts for no try." in page
