"""Order among faxes: put away, labelled, noted, given to somebody; and gone with the content."""

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditEntry, Membership
from faxes.enums import Direction, ErrorCode
from faxes.errors import FaxNotFound, MoveNotAllowed, RequestError
from faxes.models import Fax, FaxLabel, FaxNote, Label, SavedView
from faxes.queries.faxes import FaxFilter, list_faxes, unread_count
from faxes.queries.filing import filed_for, notes_for, people_for
from faxes.services import access, filing, labels, views
from faxes.services.access import Use
from faxes.services.privacy import delete_fax, strip_fax
from tests.faxes.test_list_filters import found, make
from tests.stored import planted

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
MARKER = "Zyxqvortimarker"


def label_of(tenant, name="Urgent"):
    return labels.create_label(tenant.admin, name=name, colour="red")


def acts(tenant):
    entries = AuditEntry.objects.filter(account_id=tenant.id).order_by("number")
    return list(entries.values_list("action", flat=True))


def test_what_is_put_away_leaves_the_list_and_its_count_and_comes_back(world):
    actor = world.northside.member
    fax = make(world.northside, direction=IN, state="received")
    assert unread_count(actor) == 1
    filing.archive_fax(actor, fax_id=fax.pk, archived=True)
    assert found(actor, direction=IN, archived=False) == []
    assert found(actor, direction=IN, archived=True) == [fax]
    assert found(actor, direction=IN) == [fax], "a search finds both"
    assert unread_count(actor) == 0
    filing.archive_fax(actor, fax_id=fax.pk, archived=False)
    assert found(actor, direction=IN, archived=False) == [fax]
    assert acts(world.northside)[-2:] == ["fax.archive", "fax.unarchive"]


def test_what_is_under_way_cannot_be_put_away(world):
    fax = make(world.northside, state="queued")
    with pytest.raises(MoveNotAllowed):
        filing.archive_fax(world.northside.member, fax_id=fax.pk, archived=True)


def test_a_fax_is_given_to_people_of_the_account_only(world):
    member = world.northside.member
    fax = make(world.northside)
    filing.assign_fax(member, fax_id=fax.pk, person=member.user_id)
    assert found(member, assigned_to=member.user_id, archived=False) == [fax]
    stranger = world.lakeside.member.user_id
    with pytest.raises(RequestError) as refused:
        filing.assign_fax(member, fax_id=fax.pk, person=stranger)
    assert refused.value.code == ErrorCode.OWNER_NOT_MEMBER
    filing.assign_fax(member, fax_id=fax.pk, person=None)
    assert found(member, assigned_to=member.user_id) == []


def test_labels_are_found_by_and_may_be_many(world):
    admin = world.northside.admin
    urgent, ward = label_of(world.northside), label_of(world.northside, "Ward 3")
    both, one = make(world.northside), make(world.northside)
    make(world.northside)
    labels.set_labels(admin, fax_id=both.pk, label_ids=[urgent.pk, ward.pk])
    labels.label_fax(admin, fax_id=one.pk, label_id=urgent.pk, on=True)
    labels.label_fax(admin, fax_id=one.pk, label_id=urgent.pk, on=True)
    assert found(admin, size=1, label_id=urgent.pk, direction=OUT) == [one, both]
    assert found(admin, label_id=ward.pk) == [both]
    labels.set_labels(admin, fax_id=both.pk, label_ids=[ward.pk])
    assert found(admin, label_id=urgent.pk) == [one]
    labels.delete_label(admin, label_id=urgent.pk)
    assert FaxLabel.rows.count() == 1
    assert Fax.rows.count() == 3


def test_a_label_has_a_name_of_its_own_and_one_of_the_colours(world):
    label_of(world.northside)
    for name, colour, code in (
        ("URGENT ", "red", ErrorCode.LABEL_NAME_TAKEN),
        (" ", "red", ErrorCode.LABEL_NAME_MISSING),
        ("Other", "url(x)", ErrorCode.LABEL_COLOUR_INVALID),
    ):
        with pytest.raises(RequestError) as refused:
            labels.create_label(world.northside.admin, name=name, colour=colour)
        assert refused.value.code == code
    assert Label.rows.count() == 1
    label_of(world.lakeside)


def test_a_label_of_others_is_none(world):
    theirs = label_of(world.lakeside)
    fax = make(world.northside)
    for put in (
        lambda: labels.label_fax(world.northside.admin, fax_id=fax.pk, label_id=theirs.pk, on=True),
        lambda: labels.set_labels(world.northside.admin, fax_id=fax.pk, label_ids=[theirs.pk]),
    ):
        with pytest.raises(RequestError):
            put()
    assert not FaxLabel.rows.exists()


def test_a_note_is_found_by_its_words_and_is_in_no_log(world):
    member = world.northside.member
    fax = make(world.northside)
    make(world.northside)
    filing.add_note(member, fax_id=fax.pk, text=f"  Called {MARKER}.\nAnswers Monday. ")
    assert found(member, q=MARKER.lower()) == [fax]
    assert [note.text for note in notes_for(member, fax.pk)] == [
        f"Called {MARKER}.\nAnswers Monday."
    ]
    assert "fax.note" in acts(world.northside)
    assert MARKER not in str(list(AuditEntry.objects.values_list("facts", "actor")))


@pytest.mark.parametrize(
    ("text", "code"),
    [(" \n", ErrorCode.NOTE_EMPTY), ("x" * 4001, ErrorCode.TEXT_TOO_LONG)],
)
def test_a_note_without_words_or_too_long_is_refused(world, text, code):
    fax = make(world.northside)
    with pytest.raises(RequestError) as refused:
        filing.add_note(world.northside.member, fax_id=fax.pk, text=text)
    assert refused.value.code == code
    assert not FaxNote.rows.exists()


def test_a_note_is_deleted_by_who_wrote_it_and_by_administrators(world):
    fax = make(world.northside)
    admin, member = world.northside.admin, world.northside.member
    hers = filing.add_note(admin, fax_id=fax.pk, text="Hers")
    his = filing.add_note(member, fax_id=fax.pk, text="His")
    with pytest.raises(NotAllowed):
        filing.delete_note(member, fax_id=fax.pk, note_id=hers.pk)
    other = make(world.northside)
    with pytest.raises(FaxNotFound):
        filing.delete_note(admin, fax_id=other.pk, note_id=his.pk)
    filing.delete_note(admin, fax_id=fax.pk, note_id=his.pk)
    filing.delete_note(admin, fax_id=fax.pk, note_id=hers.pk)
    assert not FaxNote.rows.exists()


def test_stripping_takes_the_notes_and_leaves_the_labels(world):
    admin = world.northside.admin
    fax, label = make(world.northside), label_of(world.northside)
    labels.label_fax(admin, fax_id=fax.pk, label_id=label.pk, on=True)
    filing.add_note(admin, fax_id=fax.pk, text=MARKER)
    assert planted(MARKER) > 0, "the finder finds"
    strip_fax(admin, fax_id=fax.pk)
    assert planted(MARKER) == 0
    assert FaxLabel.rows.count() == 1


def test_deleting_takes_notes_and_the_links_to_labels(world):
    admin = world.northside.admin
    fax, label = make(world.northside), label_of(world.northside)
    labels.label_fax(admin, fax_id=fax.pk, label_id=label.pk, on=True)
    filing.add_note(admin, fax_id=fax.pk, text=MARKER)
    delete_fax(admin, fax_id=fax.pk)
    assert planted(MARKER) == 0
    assert not FaxLabel.rows.exists()
    assert Label.rows.count() == 1


def test_who_does_not_see_a_fax_machine_learns_nothing_of_how_its_faxes_are_filed(world):
    admin, member = world.northside.admin, world.northside.member
    fax, label = make(world.northside), label_of(world.northside)
    labels.label_fax(admin, fax_id=fax.pk, label_id=label.pk, on=True)
    filing.add_note(admin, fax_id=fax.pk, text=MARKER)
    box = world.northside.faxbox
    access.set_use(admin, faxbox_id=box.pk, restricted=True, uses={})
    assert found(member, q=MARKER) == found(member, label_id=label.pk) == []
    assert notes_for(member, fax.pk) == []
    assert not filed_for(member, [fax.pk], people=[]).labels
    hers = Membership.objects.get(account_id=member.account_id, user_id=member.user_id)
    access.set_use(admin, faxbox_id=box.pk, restricted=True, uses={hers.pk: Use.SEE})
    assert [note.text for note in notes_for(member, fax.pk)] == [MARKER]
    for change in (
        lambda: filing.add_note(member, fax_id=fax.pk, text="x"),
        lambda: filing.archive_fax(member, fax_id=fax.pk, archived=True),
        lambda: labels.label_fax(member, fax_id=fax.pk, label_id=label.pk, on=False),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_views_are_ones_own_and_go_with_the_membership(world):
    admin, member = world.northside.admin, world.northside.member
    view = views.save_view(member, direction=IN, name=" New  ones ", query="unread=1")
    assert view.name == "New ones"
    views.save_view(member, direction=IN, name="New ones", query="unread=1&q=x")
    assert SavedView.rows.get().query == "unread=1&q=x"
    with pytest.raises(FaxNotFound):
        views.delete_view(admin, view_id=SavedView.rows.get().pk)
    with pytest.raises(RequestError):
        views.save_view(member, direction=IN, name="All", query="")
    Membership.objects.filter(account_id=member.account_id, user_id=member.user_id).delete()
    assert not SavedView.rows.exists()


def test_how_a_page_is_filed_takes_as_many_questions_for_a_hundred_as_for_twenty(
    world, django_assert_num_queries
):
    admin, label = world.northside.admin, label_of(world.northside)
    for count in (20, 80):
        for _ in range(count):
            fax = make(world.northside, assigned_to=admin.user_id)
            FaxLabel.objects.create(account=world.northside.account, fax=fax, label=label)
        with django_assert_num_queries(4):  # the list, its faxes; the people; the labels
            shown = FaxFilter(direction=OUT, archived=False)
            page = list_faxes(admin, shown, size=100)
            ids = [fax.pk for fax in page.faxes]
            filed = filed_for(admin, ids, people=people_for(admin))
        assert len(filed.labels) == len(ids)


def test_ten_labels_are_put_on_and_taken_off_with_as_many_questions_as_one(
    world, django_assert_max_num_queries
):
    admin, fax = world.northside.admin, make(world.northside)
    made = [label_of(world.northside, f"Ward {n}").pk for n in range(10)]
    with django_assert_max_num_queries(15):
        labels.set_labels(admin, fax_id=fax.pk, label_ids=made)
    assert FaxLabel.rows.count() == 10
    with django_assert_max_num_queries(15):
        labels.set_labels(admin, fax_id=fax.pk, label_ids=made[:1])
    assert FaxLabel.rows.count() == 1
