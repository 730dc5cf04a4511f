"""Programs' credentials: the secret is known once, a digest is kept."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.models import Credential, CredentialKind
from accounts.services.credentials import create_credential, credential_for


@pytest.fixture
def made(world):
    return create_credential(
        world.northside.account,
        kind=CredentialKind.API_TOKEN,
        name="Billing",
        scopes=["faxes:read"],
    )


def test_a_token_finds_its_credential_and_account(world, made):
    found = credential_for(made.token)
    assert found == made.credential
    assert found
    assert found.account == world.northside.account


def test_the_secret_is_nowhere_in_the_row(made):
    assert made.secret not in str(Credential.objects.filter(pk=made.credential.pk).values())
    assert made.token.startswith("fxp_")
    assert made.token.count(".") == 1, "programs of others look for a dot in it"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.upper(),
        lambda token: token[:0],
        lambda token: token[:3],
        lambda token: token.rsplit(".", 1)[0],
        lambda token: token.replace(".", ".."),
        lambda token: token.replace("_", "\x00"),
    ],
)
def test_anything_else_finds_nothing(made, spoil):
    assert credential_for(spoil(made.token)) is None


def test_a_revoked_or_expired_token_finds_nothing(made):
    credential = made.credential
    credential.expires_at = clock.now() - timedelta(seconds=1)
    credential.save()
    assert credential_for(made.token) is None
    credential.expires_at, credential.revoked_at = None, clock.now()
    credential.save()
    assert credential_for(made.token) is None


def test_every_token_works_whatever_characters_its_secret_has(world):
    for _ in range(50):
        made = create_credential(
            world.northside.account, kind=CredentialKind.OAUTH_CLIENT, name="x", scopes=[]
        )
        assert credential_for(made.token) == made.credential
        as_of_old = f"{made.credential.prefix}_{made.secret}"
        assert credential_for(as_of_old) == made.credential
