"""Faxes that machines of the site hand over to each other, as clients that know only numbers."""

import pytest

from faxes.services.extensions import full_extension
from faxes.services.faxbox_terms import FaxboxTerms
from faxes.services.faxboxes import create_faxbox


@pytest.fixture
def handed(world, work, send):
    """One for the clinic's machine that has a number."""
    send(world.lakeside, full_extension(world.northside.faxbox))
    work.run()


def test_what_was_handed_over_came_by_the_number_of_its_machine(world, fax2, handed):
    (entry,) = fax2().told("received_faxes")["data"]
    own = world.northside.number.removeprefix("+")
    assert (entry["to"], entry["service_id"]) == (own, own)
    by_number = fax2().told(f"fax_services/{entry['service_id']}/received_faxes")["data"]
    assert by_number == [entry]


def test_one_for_a_machine_without_a_number_came_by_its_extension(world, work, send, fax2, handed):
    box = create_faxbox(world.northside.admin, terms=FaxboxTerms(name="Radiology"))
    send(world.lakeside, full_extension(box))
    work.run()
    told = [each["service_id"] for each in fax2().told("received_faxes")["data"]]
    own = world.northside.number.removeprefix("+")
    assert sorted(told) == sorted([own, full_extension(box)])
    assert len(fax2().told(f"fax_services/{own}/received_faxes")["data"]) == 1
