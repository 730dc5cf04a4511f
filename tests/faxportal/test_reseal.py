"""After a new secret key all that is sealed is sealed anew; then the old key may go."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import sealing
from accounts.auth.second_step import SEALED_FOR as SECOND_STEP
from accounts.models import Credential, SignInPolicy
from accounts.services import api_keys, webhooks
from faxes.models import Carrier, RemoteDocument
from faxes.services import resealing
from faxes.services.carrier_tools import hook_url, is_hook_of
from faxes.services.remote_documents import SEALED_FOR as REMOTE

NEW = "a new secret key, as long as such keys should be"


@pytest.fixture
def sealed(world, send):
    """One of each, by what it opens to."""
    fax, actor = send(world.northside, world.lakeside.number), world.northside.admin
    endpoint = webhooks.create(actor, url="https://example.com/").endpoint
    endpoint = webhooks.rotate_secret(actor, endpoint_id=endpoint.pk).endpoint
    policy = SignInPolicy(account=world.northside.account)
    policy.client_secret = "of the provider"
    policy.save()
    key = api_keys.key_of(actor)
    carrier = Carrier(kind="fax2", name="x")
    carrier.secrets = {"password": "p"}
    carrier.save()
    person = world.northside.people["admin"]
    secret = sealing.seal("totp", purpose=SECOND_STEP)
    step = Authenticator.objects.create(user=person, type="totp", data={"secret": secret})
    told = {"Referer": "x", "Authorization": sealing.seal("Basic eA==", purpose=REMOTE)}
    remote = RemoteDocument.rows.create(
        account=world.northside.account, fax=fax, url="https://x.example/", headers=told,
        next_at=timezone.localtime(),
    )  # fmt: skip

    def opened():
        for row in (endpoint, policy, carrier, step, remote):
            row.refresh_from_db()
        held = Credential.objects.get(account=world.northside.account, kind="api_key")
        return [
            endpoint.secret, endpoint.old_secret, policy.client_secret, carrier.secrets["password"],
            sealing.unseal(step.data["secret"], purpose=SECOND_STEP),
            sealing.unseal(remote.headers["Authorization"], purpose=REMOTE),
            sealing.unseal(held.sealed, purpose=api_keys.SEALED_FOR) == key,
        ]  # fmt: skip

    return opened


def test_all_opens_once_the_old_key_is_gone(sealed, settings, capsys):
    before, old = sealed(), settings.SECRET_KEY
    assert all(before)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old]
    call_command("reseal")
    assert "Everything has today's key" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    assert sealed() == before


def test_it_may_be_stopped_anywhere_and_run_again_and_then_changes_nothing(
    sealed, settings, monkeypatch
):
    before, old = sealed(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old]
    monkeypatch.setattr("accounts.services.resealing._PORTION", 1)
    for _ in zip(range(3), resealing.reseal_everything(), strict=False):
        pass
    assert sealed() == before
    assert sum(each.done for each in resealing.reseal_everything()) > 0
    assert sum(each.done for each in resealing.reseal_everything()) == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert sealed() == before


def test_what_no_key_opens_is_told_and_left(sealed, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    with pytest.raises(CommandError, match="No key that is known opens"):
        call_command("reseal")


def test_a_carrier_may_call_at_the_address_that_it_was_told_before(settings, db):
    carrier, old = Carrier.objects.create(kind="fax2", name="x"), settings.SECRET_KEY
    secret = hook_url(carrier.pk).rstrip("/").rsplit("/", 1)[-1]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old]
    assert is_hook_of(carrier.pk, secret)
    assert secret not in hook_url(carrier.pk)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_hook_of(carrier.pk, secret)
