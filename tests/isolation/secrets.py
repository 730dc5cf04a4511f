"""Tokens of everybody in the town, and such as open nothing."""

from datetime import timedelta

from accounts import clock
from accounts.models import Credential, CredentialKind, User
from accounts.roles import Scope
from accounts.services.credentials import create_credential
from tests.world import House, World


def token_of(house: House, role: str) -> str:
    """A token that allows whatever its maker may."""
    return _token(house, house.people[role], scopes=tuple(Scope))


def no_tokens(world: World) -> dict[str, list[str]]:
    """Who shows nothing that opens anything: by why.

    ``scopeless`` are right, but may nothing; ``shut`` are right, and the account is suspended when
    they ask.
    """
    homes = [world.northside, world.harbor]
    return {
        "nobody": ["", "nonsense", "fxp_0123456789_0123456789"],
        "expired": [_token(each, expires_at=clock.now() - timedelta(days=1)) for each in homes],
        "revoked": [_token(each, revoked_at=clock.now()) for each in homes],
        "elsewhere": [_token(each, networks=["192.0.2.0/24"]) for each in homes],
        "gone": [_token(each, _stranger_to(each)) for each in homes],
        "scopeless": [_token(each, scopes=()) for each in homes],
        "shut": [_token(each) for each in homes],
    }


def _token(
    house: House,
    maker: User | None = None,
    *,
    scopes: tuple[Scope, ...] = tuple(Scope),
    **more: object,
) -> str:
    named = [scope.value for scope in scopes]
    made = create_credential(
        house.account, kind=CredentialKind.API_TOKEN, name="walks", scopes=named
    )
    used = clock.now() + timedelta(days=1)  # not noted again while the walk lasts
    rows = Credential.objects.filter(pk=made.credential.pk)
    rows.update(created_by=maker, last_used_at=used, **more)
    return made.token


def _stranger_to(house: House) -> User:
    """Somebody who is not of the account any more."""
    return User.objects.create_user(f"gone@{house.account.realm}", name="gone")
