"""Programs ask with tokens: no more than their makers may, no longer, and only from where."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.errors import CredentialGone, NetworkInvalid, NotAllowed, NotThere, ScopeNotAllowed
from accounts.models import AuditEntry, Credential, CredentialKind, Membership
from accounts.roles import Action, Role, Scope, actions_of
from accounts.services.credentials import credential_for
from accounts.services.networks import within
from accounts.services.tokens import (
    TokenRequest,
    authenticate_token,
    create_token,
    revoke_token,
    tokens_for,
)
from accounts.tenancy import require
from tests.world import World

HERE = "192.0.2.1"


def make(actor, *scopes: Scope, **more):
    request = TokenRequest(
        name="Billing",
        kind=CredentialKind.API_TOKEN,
        scopes=scopes or (Scope.FAXES_READ,),
        **more,
    )
    return create_token(actor, request=request)


def test_a_token_allows_what_its_scopes_say(world: World):
    actor = authenticate_token(make(world.northside.admin).token, address=HERE)
    assert actor
    assert (actor.account_id, actor.address, actor.via) == (world.northside.id, HERE, "api")
    require(actor, Action.FAX_VIEW)
    for action in set(Action) - actions_of([Scope.FAXES_READ]):
        with pytest.raises(NotAllowed):
            require(actor, action)


def test_every_action_is_in_some_scope_and_a_strange_word_is_in_none():
    assert actions_of(Scope) == frozenset(Action)
    assert actions_of(["faxes:*", "", "FAXES:READ"]) == frozenset()


def test_a_token_never_outranks_its_maker(world: World):
    token = make(world.northside.admin, Scope.FAXES_READ, Scope.FAXES_DELETE).token
    maker = Membership.objects.filter(user=world.northside.people["admin"])
    maker.update(role=Role.VIEWER)
    actor = authenticate_token(token, address=HERE)
    assert actor
    assert actor.may(Action.FAX_VIEW)
    assert not actor.may(Action.FAX_DELETE)


def test_a_token_ends_with_its_maker(world: World):
    token = make(world.northside.admin).token
    user = world.northside.people["admin"]
    user.is_active = False
    user.save()
    assert authenticate_token(token, address=HERE) is None
    user.is_active = True
    user.save()
    assert authenticate_token(token, address=HERE)
    user.memberships.all().delete()
    assert authenticate_token(token, address=HERE) is None
    assert credential_for(token), "it is its maker that is gone"


def test_a_token_cannot_make_one_that_reaches_further(world: World):
    admin = authenticate_token(make(world.northside.admin, Scope.ACCOUNT_ADMIN).token, address=HERE)
    assert admin
    with pytest.raises(ScopeNotAllowed):
        make(admin, Scope.FAXES_READ)
    assert make(admin, Scope.ACCOUNT_ADMIN)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_administrators_make_see_and_end_tokens(world: World, role):
    made = make(world.northside.admin)
    someone = world.northside.actor(role)
    with pytest.raises(NotAllowed):
        make(someone)
    with pytest.raises(NotAllowed):
        tokens_for(someone)
    with pytest.raises(NotAllowed):
        revoke_token(someone, credential_id=made.credential.pk)


def test_a_stranger_cannot_end_a_token(world: World):
    made = make(world.northside.admin)
    with pytest.raises(NotThere):
        revoke_token(world.lakeside.admin, credential_id=made.credential.pk)
    assert authenticate_token(made.token, address=HERE)


def test_an_ended_token_works_no_more_and_both_acts_are_on_record(world: World):
    made = make(world.northside.admin)
    revoke_token(world.northside.admin, credential_id=made.credential.pk)
    assert authenticate_token(made.token, address=HERE) is None
    with pytest.raises(CredentialGone):
        revoke_token(world.northside.admin, credential_id=made.credential.pk)
    assert [e.action for e in AuditEntry.objects.order_by("number")] == [
        "token.create",
        "token.revoke",
    ]
    assert made.secret not in str(list(AuditEntry.objects.values()))


def test_a_token_works_only_from_its_networks(world: World):
    token = make(world.northside.admin, networks="192.0.2.0/24, 2001:db8::/32\n10.1.2.3").token
    for address in ("192.0.2.77", "2001:db8::9", "10.1.2.3", "::ffff:192.0.2.5"):
        assert authenticate_token(token, address=address), address
    for address in ("192.0.3.1", "10.1.2.4", "2001:db9::1", "", "nonsense"):
        assert authenticate_token(token, address=address) is None, address
    assert within("", [])


@pytest.mark.parametrize("networks", ["192.0.2.0/33", "1.2.3", "10.0.0.0/8 " * 51])
def test_what_is_no_network_is_refused(world: World, networks):
    with pytest.raises(NetworkInvalid):
        make(world.northside.admin, networks=networks)
    assert not Credential.objects.filter(name="Billing").exists()


def test_the_last_use_is_written_at_most_once_a_minute(world: World):
    made = make(world.northside.admin)

    def last():
        authenticate_token(made.token, address=HERE)
        return Credential.objects.get(pk=made.credential.pk).last_used_at

    first = last()
    assert first
    assert last() == first
    earlier = clock.now() - timedelta(seconds=61)
    Credential.objects.filter(pk=made.credential.pk).update(last_used_at=earlier)
    again = last()
    assert again
    assert again > earlier


def test_an_oauth_client_is_made_the_same_way(world: World):
    made = create_token(
        world.northside.admin,
        request=TokenRequest(
            name="Partner", kind=CredentialKind.OAUTH_CLIENT, scopes=(Scope.FAXES_READ,)
        ),
    )
    assert made.credential.prefix.startswith("fxc_")
    found = credential_for(f"{made.credential.prefix}_{made.secret}")
    assert found == made.credential
