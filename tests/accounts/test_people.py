"""People: asked to join, given roles, taken out; and who uses which fax machine."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts import clock
from accounts.errors import AlreadyMember, LastAdmin, NotAllowed, NotThere, TooManyInvitations
from accounts.models import AuditEntry, CredentialKind, Invitation, Membership, User
from accounts.roles import Role, Scope
from accounts.services import audit, invitations, people
from accounts.services.tokens import TokenRequest, authenticate_token, create_token
from faxes.enums import Direction
from faxes.errors import FaxNotFound, InvalidRequest
from faxes.models import Fax
from faxes.queries.access import require_work_in
from faxes.queries.faxes import FaxFilter, detail_for, faxboxes_for, list_faxes, unread_count
from faxes.services import control, privacy
from faxes.services.access import Use, set_use
from faxes.services.submit import FaxRequest, resend_fax, submit_fax
from tests import papers
from tests.signing_in import sign_in
from tests.world import World

NEW = "nurse@elsewhere.example"
PASSWORD = "seven purple rivers run"


def link():
    found = re.search(r"https?://[^/]+(/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def text(response):
    return " ".join(response.content.decode().split())


def invite(world, email=NEW, role=Role.MEMBER):
    return invitations.invite(world.northside.admin, email=email, role=role)[0]


def test_somebody_new_joins_by_the_link_with_a_name_and_a_password(world: World):
    invite(world)
    assert mail.outbox[0].to == [NEW]
    assert "Northside Clinic" in mail.outbox[0].subject
    client = Client()
    assert "Choose a password" in text(client.get(link()))
    weak = client.post(link(), {"name": "Ann Lee", "password": "password1234"})
    assert weak.status_code == 422
    done = client.post(link(), {"name": "Ann Lee", "password": PASSWORD}, follow=True)
    assert done.redirect_chain[-1][0] == f"/a/{world.northside.id}/inbox/"
    assert "Welcome to Northside Clinic" in text(done)
    joined = Membership.objects.get(user__email=NEW)
    assert (joined.account, joined.role) == (world.northside.account, "member")
    assert Client().get(link()).status_code == 410, "the link works once"
    acts = [e.action for e in AuditEntry.objects.order_by("number")]
    assert acts == ["team.invite", "team.join", "sign_in"]
    assert audit.verify(world.northside.id) is None


def test_somebody_who_signs_in_here_already_joins_by_one_press(world: World):
    invite(world, email=world.lakeside.people["member"].email.upper(), role=Role.VIEWER)
    client = Client()
    assert "Sign in as" in text(client.get(link()))
    sign_in(client, world.lakeside.people["member"])
    assert client.post(link()).status_code == 302
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200
    assert client.get(f"/a/{world.lakeside.id}/inbox/").status_code == 200


def test_an_invitation_is_of_use_to_nobody_else(world: World):
    invite(world)
    client = Client()
    sign_in(client, world.redwood.people["admin"])
    assert "It is for" in text(client.post(link()))
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 404


@pytest.mark.parametrize("what", ["withdrawn", "too old", "sent again", "closed"])
def test_a_link_that_is_over_opens_nothing(world: World, what):
    invitation = invite(world)
    old = link()
    if what == "withdrawn":
        invitations.withdraw(world.northside.admin, invitation_id=invitation.pk)
    elif what == "closed":
        world.northside.account.status = "closed"
        world.northside.account.save()
    else:
        Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    if what == "sent again":
        invitations.resend(world.northside.admin, invitation_id=invitation.pk)
        assert Client().get(link()).status_code == 200
    client = Client()
    for response in (client.get(old), client.post(old, {"name": "A", "password": PASSWORD})):
        assert response.status_code == 410
    assert not User.objects.filter(email=NEW).exists()


def test_the_links_secret_is_nowhere_in_the_database(world: World):
    invite(world)
    secret = link().split("/")[2]
    assert secret not in str(list(Invitation.objects.values()))


def test_members_are_not_invited_again_and_nobody_sends_masses(world: World):
    with pytest.raises(AlreadyMember):
        invite(world, email=world.northside.people["viewer"].email.upper())
    for number in range(100):
        invite(world, email=f"p{number}@elsewhere.example")
    with pytest.raises(TooManyInvitations):
        invite(world)


def test_administrators_hear_of_whom_their_provider_invites(world: World):
    invitations.invite_below(
        world.harbor.admin, account_id=world.northside.id, email=NEW, role=Role.ADMIN
    )
    to_invited, told = mail.outbox
    assert to_invited.to == [NEW]
    assert told.to == ["admin@northside.example"]
    assert NEW in told.body
    assert world.harbor.account.name in told.subject
    assert "/invitations/" not in told.body, "the link is the invited person's"
    assert f"/a/{world.northside.id}/team/" in told.body


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_administrators_see_and_change_the_team(world: World, role):
    actor, viewer = world.northside.actor(role), world.northside.people["viewer"]
    for act in (
        lambda: people.team_of(actor),
        lambda: people.change_role(actor, user_id=viewer.pk, role=Role.ADMIN),
        lambda: people.remove(actor, user_id=viewer.pk),
        lambda: invitations.invite(actor, email=NEW, role=Role.ADMIN),
        lambda: set_use(actor, faxbox_id=world.northside.faxbox.pk, restricted=False, uses={}),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_stranger_is_not_in_the_team(world: World):
    for act in (people.remove, lambda a, **k: people.change_role(a, role=Role.ADMIN, **k)):
        with pytest.raises(NotThere):
            act(world.northside.admin, user_id=world.lakeside.people["viewer"].pk)


def test_the_last_administrator_stays(world: World):
    admin = world.northside.people["admin"]
    with pytest.raises(LastAdmin):
        people.remove(world.northside.admin, user_id=admin.pk)
    with pytest.raises(LastAdmin):
        people.change_role(world.northside.admin, user_id=admin.pk, role=Role.MEMBER)
    people.change_role(
        world.northside.admin, user_id=world.northside.people["member"].pk, role=Role.ADMIN
    )
    people.remove(world.northside.admin, user_id=admin.pk)


def test_two_administrators_who_demote_each_other_leave_one(world: World):
    both = [world.northside.people[role] for role in ("admin", "member")]
    people.change_role(world.northside.admin, user_id=both[1].pk, role=Role.ADMIN)
    told = []

    def demote(user):
        try:
            people.change_role(world.northside.admin, user_id=user.pk, role=Role.VIEWER)
        except LastAdmin:
            told.append("last")
        connection.close()

    threads = [threading.Thread(target=demote, args=(user,)) for user in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["last"]
    assert Membership.objects.filter(account=world.northside.account, role="admin").count() == 1


def test_removal_ends_access_tokens_and_sessions_at_once(world: World):
    member = world.northside.people["member"]
    people.change_role(world.northside.admin, user_id=member.pk, role=Role.ADMIN)
    request = TokenRequest(name="x", kind=CredentialKind.API_TOKEN, scopes=(Scope.FAXES_READ,))
    actor = world.northside.member
    token = create_token(
        replace(actor, role=Role.ADMIN),
        request=request,
    ).token
    client = Client()
    client.post("/login/", {"login": member.email, "password": world.password})
    page = f"/a/{world.northside.id}/inbox/"
    assert client.get(page).status_code == 200
    people.remove(world.northside.admin, user_id=member.pk)
    assert authenticate_token(token, address="") is None
    assert client.get(page)["Location"].startswith("/login/"), "no account is left: signed out"


def test_who_is_of_another_account_too_stays_signed_in_there(world: World):
    member = world.northside.people["member"]
    member.memberships.create(account=world.lakeside.account, role="viewer")
    client = Client()
    client.post("/login/", {"login": member.email, "password": world.password})
    people.remove(world.northside.admin, user_id=member.pk)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 404
    assert client.get(f"/a/{world.lakeside.id}/inbox/").status_code == 200


# --- Who uses which fax machine -----------------------------------------------------------------
def use(world, *, restricted=True, **by_role):
    memberships = {
        each.role: each.pk for each in Membership.objects.filter(account=world.northside.account)
    }
    set_use(
        world.northside.admin,
        faxbox_id=world.northside.faxbox.pk,
        restricted=restricted,
        uses={memberships[role]: each for role, each in by_role.items()},
    )


@pytest.fixture
def both_ways(world, work, send):
    """A fax that was sent, and one that came in."""
    send(world.northside, "+12025550100")
    send(world.lakeside, world.northside.number)
    work.run_to_end()
    return list(Fax.objects.for_account(world.northside.id).order_by("direction"))


def seen_by(actor):
    return [len(list_faxes(actor, FaxFilter(direction)).faxes) for direction in Direction] + [
        len(faxboxes_for(actor)),
        unread_count(actor),
    ]


def test_a_fax_machine_of_a_few_is_not_there_for_the_others(world: World, both_ways):
    everything, nothing = [1, 1, 1, 1], [0, 0, 0, 0]
    assert seen_by(world.northside.viewer) == everything
    use(world, member=Use.SEND)
    assert seen_by(world.northside.admin) == everything
    assert seen_by(world.northside.member) == everything
    assert seen_by(world.northside.viewer) == nothing
    for fax in both_ways:
        with pytest.raises(FaxNotFound):
            detail_for(world.northside.viewer, fax.pk)
    client = Client()
    sign_in(client, world.northside.people["viewer"])
    root = f"/a/{world.northside.id}/faxes/{both_ways[0].pk}/"
    for page in ("", "document.pdf", "document.tiff", "pages/1.png", "report.pdf", "row/"):
        assert client.get(root + page).status_code == 404, page
    use(world, restricted=False)
    assert seen_by(world.northside.viewer) == everything


def test_who_only_sees_does_not_send_strip_delete_or_cancel(world: World, both_ways, send):
    use(world, member=Use.SEE)
    member = world.northside.member
    outbound = next(fax for fax in both_ways if fax.direction == Direction.OUTBOUND)
    assert detail_for(member, outbound.pk).fax == outbound
    for act in (
        lambda: resend_fax(member, fax_id=outbound.pk),
        lambda: privacy.strip_fax(member, fax_id=outbound.pk),
        lambda: privacy.delete_fax(member, fax_id=outbound.pk),
        lambda: control.cancel_fax(member, fax_id=outbound.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    wanted = FaxRequest(to="+12025550100", documents=[papers.incoming(papers.pdf())])
    with pytest.raises(InvalidRequest):
        submit_fax(member, request=wanted, origin="test")
    use(world, member=Use.SEND)
    assert submit_fax(member, request=wanted, origin="test")


def test_nobody_but_those_few_sends_from_it(world: World):
    use(world)
    member = world.northside.member
    for faxbox in ("", str(world.northside.faxbox.pk)):
        documents = [papers.incoming(papers.pdf())]
        wanted = FaxRequest(to="+12025550100", documents=documents, faxbox=faxbox)
        with pytest.raises(InvalidRequest):
            submit_fax(member, request=wanted, origin="test")
    with pytest.raises(NotAllowed):
        require_work_in(member, faxbox_id=world.northside.faxbox.pk)


def test_a_token_sees_no_more_than_its_maker(world: World, both_ways):
    people.change_role(
        world.northside.admin, user_id=world.northside.people["viewer"].pk, role=Role.ADMIN
    )
    made = create_token(
        replace(world.northside.viewer, role=Role.ADMIN),
        request=TokenRequest(name="x", kind=CredentialKind.API_TOKEN, scopes=(Scope.FAXES_READ,)),
    )
    people.change_role(
        world.northside.admin, user_id=world.northside.people["viewer"].pk, role=Role.VIEWER
    )
    use(world)
    actor = authenticate_token(made.token, address="")
    assert actor
    assert seen_by(actor) == [0, 0, 0, 0]


def test_looking_and_downloading_are_on_record(world: World, both_ways):
    client = Client()
    sign_in(client, world.northside.people["viewer"])
    root = f"/a/{world.northside.id}/faxes/{both_ways[0].pk}/"
    AuditEntry.objects.all().delete()
    for page in ("", "pages/1.png?width=100", "pages/1.png", "", "document.pdf", "report.pdf"):
        response = client.get(root + page)
        assert response.status_code == 200
        response.close()
    acts = [entry.action for entry in AuditEntry.objects.order_by("number")]
    assert acts == ["fax.view", "fax.download", "fax.report"]
