"""A carrier as one adds it, of which the portal's code knows nothing, sends and receives."""

from datetime import timedelta

import pytest

from faxes.carriers.base import CarrierUnavailable
from faxes.enums import Outcome
from faxes.models import Attempt, Fax, Number
from tests.carriers.doors import opened
from tests.carriers.test_carrier_pages import added, paperboy  # noqa: F401 (a fixture)
from tests.portal.test_numbers import Person
from tests.upstreams.base import Fault


def test_a_fax_goes_out_by_it_once_through_all_its_faults(world, work, send, paperboy):  # noqa: F811
    one = added(Person(world.harbor), paperboy)
    Number.rows.filter(e164=world.northside.number).update(carrier=one)
    paperboy.faults += [Fault.CLOSES_BEFORE, Fault.CLOSES_AFTER_ACCEPT]
    fax = send(world.northside, "+12025550199", pages=2)
    for _ in range(40):
        work.pass_time(timedelta(minutes=1))
        for taken in paperboy.taken:
            paperboy.finish(taken.ref)
        fax.refresh_from_db()
        if fax.finished_at:
            break
    assert (fax.state, fax.outcome, fax.pages_done) == ("delivered", Outcome.DELIVERED, 2)
    assert [each.pages for each in paperboy.taken] == [2]
    assert paperboy.taken[0].document.startswith(b"%PDF")
    last = Attempt.rows.filter(fax=fax).latest("number")
    page = Person(world.northside).get("fax", fax=fax.pk).content.decode()
    assert last.carrier == one
    assert "Our Paperboy" in page
    assert Fax.rows.filter(pk=fax.pk, carrier__isnull=True).exists()


def test_it_says_in_words_what_is_wrong_with_its_settings(paperboy):  # noqa: F811
    assert opened(paperboy).check() == "Signed in as Acme Faxing."
    with pytest.raises(CarrierUnavailable, match="401"):
        opened(paperboy, key="wrong").check()
