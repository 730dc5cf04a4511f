"""What providers see of a tenant's fax records: what it shares, and each look is on record."""

import pytest

from accounts.models import AuditEntry, Shared, Sharing
from accounts.roles import Role
from accounts.services import audit
from accounts.services.sharing import set_sharing, shared_by
from faxes import phone
from faxes.models import Faxbox
from faxes.queries import tenant_faxes
from tests.portal.conftest import Visitor
from tests.signing_in import sign_in

SUBJECT, FILE = "Quixotriesubject", "quixotriefile.pdf"


def looking(world, place="harbor"):
    """Somebody's look at Northside's faxes, from their own account."""
    at = Visitor(getattr(world, place), Role.ADMIN)
    return at.get("tenant-faxes", tenant=world.northside.id)


def share(world, much):
    set_sharing(world.northside.admin, fax_records=much)


@pytest.fixture
def faxes(world, work, send):
    """One out with a subject, one in."""
    send(world.northside, "+12025550100", subject=SUBJECT)
    send(world.lakeside, world.northside.number)
    work.run_to_end()


def told(answer):
    assert answer.status_code == 200
    page = answer.content.decode()
    assert SUBJECT not in page
    assert "Front desk" not in page, "no names"
    assert "/pages/" not in page
    return page


def test_unless_somebody_chose_numbers_are_masked(world, faxes):
    page = told(looking(world))
    assert "+1202•••0100" in page
    assert "+1202•••0121" in page
    assert "+1312•••0122" in page
    for whole in ("5550100", "5550121", "5550122", "555-01"):
        assert whole not in page
    assert page.count("Delivered") == 1


def test_with_full_records_numbers_are_whole(world, faxes):
    share(world, Shared.FULL)
    page = told(looking(world))
    for whole in ("+12025550100", "+12025550121", "+13125550122"):
        assert whole in page


def test_with_none_there_is_nothing_and_no_look(world, faxes):
    share(world, Shared.NONE)
    page = told(looking(world))
    assert "keeps its fax records to itself" in page
    assert "•••" not in page
    assert not AuditEntry.objects.filter(action="sharing.look").exists()


@pytest.mark.parametrize("much", [Shared.MASKED, Shared.FULL])
def test_fax_machines_of_a_few_are_left_out(world, faxes, much):
    share(world, much)
    Faxbox.rows.filter(pk=world.northside.faxbox.pk).update(restricted=True)
    assert "No fax was sent or received yet." in told(looking(world))


def test_each_look_is_in_the_tenants_log_with_who_and_for_whom(world, faxes):
    for place in ("harbor", "harbor", "platform"):
        looking(world, place)
    looks = AuditEntry.objects.filter(account_id=world.northside.id, action="sharing.look")
    harbor, platform = (world.harbor.people["admin"].email, world.platform.people["admin"].email)
    assert [(each.actor, each.on_behalf) for each in looks.order_by("number")] == [
        (harbor, "Harbor Communications"),
        (harbor, "Harbor Communications"),
        (platform, "Fax Platform"),
    ]
    assert looks[0].facts == {"shown": "masked", "records": 2}
    assert audit.verify(world.northside.id) is None


@pytest.mark.parametrize("place", ["summit", "lakeside", "northside"])
def test_others_find_nothing(world, faxes, place):
    assert looking(world, place).status_code == 404


def test_a_long_list_goes_on_page_by_page(world, faxes, monkeypatch):
    listed = tenant_faxes.list_tenant_faxes
    first = listed(world.northside.id, size=1)
    second = listed(world.northside.id, size=1, cursor=first.next_cursor)
    assert (len(first.faxes), len(second.faxes), second.next_cursor) == (1, 1, "")
    assert first.faxes[0].direction != second.faxes[0].direction
    at = Visitor(world.harbor, Role.ADMIN)
    assert at.get("tenant-faxes", "?cursor=rubbish", tenant=world.northside.id).status_code == 404


def test_what_is_not_shown_is_not_even_read(world, faxes, django_assert_max_num_queries):
    with django_assert_max_num_queries(2) as asked:
        tenant_faxes.list_tenant_faxes(world.northside.id)
    for column in ("subject", "message", "remote_station_id"):
        assert all(column not in each["sql"] for each in asked.captured_queries)


def test_administrators_choose_it_on_a_page_and_it_is_on_record(world):
    at = Visitor(world.northside, Role.ADMIN)
    sign_in(at.client, world.northside.people["admin"])
    page = at.get("sharing").content.decode()
    assert "Harbor Communications" in page
    assert at.post("sharing-set", {"fax_records": "none"}).status_code == 302
    assert at.post("sharing-set", {"fax_records": "none"}).status_code == 302
    assert shared_by(world.northside.id) == Shared.NONE
    entries = AuditEntry.objects.filter(account_id=world.northside.id, action="sharing.set")
    assert [each.facts for each in entries] == [{"before": "masked", "after": "none"}]
    assert at.post("sharing-set", {"fax_records": "everything"}).status_code == 422
    assert Sharing.rows.get().fax_records == "none"


def test_the_platform_shares_with_nobody(world):
    assert Visitor(world.platform, Role.ADMIN).get("sharing").status_code == 404


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("+12025550121", "+1202•••0121"),
        ("+4712345678", "+471•••5678"),
        ("+2908999", "+•••8999"),
        ("Quixotrie & Sons", ""),
        ("0121", ""),
        ("", ""),
    ],
)
def test_a_masked_number_tells_no_name_and_lacks_its_middle(written, shown):
    assert phone.masked(written) == shown
