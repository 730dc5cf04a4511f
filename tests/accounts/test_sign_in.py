"""Signing in: wrong passwords, new devices, second steps, sessions."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.auth.hashers import PortalArgon2
from accounts.models import AuditEntry, SignInPolicy
from accounts.services import audit
from tests.signing_in import sign_in
from tests.world import World

EMAIL = "admin@northside.example"
AGENT = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0"


@pytest.fixture(autouse=True)
def fresh_limits(world):
    cache.clear()
    yield
    cache.clear()


def post(client, password, email=EMAIL, **headers):
    return client.post("/login/", {"login": email, "password": password}, headers=headers)


def acts(world, account=None):
    rows = AuditEntry.objects.filter(account_id=(account or world.northside).id)
    return list(rows.order_by("number").values_list("action", flat=True))


def code_of(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def set_up_codes(client):
    page = client.get("/second-step/codes/")
    assert page.status_code == 200, page
    secret = re.search(r'<code class="key">(\w+)</code>', page.content.decode())
    assert secret
    answer = client.post("/second-step/codes/", {"code": code_of(secret[1])})
    assert answer.status_code == 302, answer.content
    return secret[1]


def text(response):
    return " ".join(response.content.decode().split())


def test_passwords_are_kept_by_argon2_with_the_memory_that_owasp_advises():
    kept = make_password("four unrelated words", hasher=PortalArgon2())
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_signing_in_and_failing_to_is_on_record_in_every_account_of_the_person(world: World):
    world.lakeside.people["admin"].memberships.create(
        account=world.northside.account, role="viewer"
    )
    email = world.lakeside.people["admin"].email
    post(Client(), "wrong", email)
    post(Client(), world.password, email)
    for tenant in (world.northside, world.lakeside):
        assert acts(world, tenant) == ["sign_in.failed", "sign_in"]
        assert audit.verify(tenant.id) is None
    post(Client(), "wrong", "nobody@nowhere.example")
    assert AuditEntry.objects.count() == 4


def test_a_stranger_who_guesses_is_stopped_and_does_not_lock_the_person_out(world: World):
    known = Client()
    assert post(known, world.password).status_code == 302
    known.post("/logout/")
    for _ in range(5):
        assert post(Client(), "wrong").status_code == 200
    stopped = post(Client(), world.password)
    assert stopped.status_code == 200
    assert "Too many wrong passwords" in text(stopped)
    assert post(known, world.password).status_code == 302, "from a browser that is known"


def test_a_known_browser_is_stopped_by_its_own_wrong_passwords(world: World):
    known = Client()
    post(known, world.password)
    known.post("/logout/")
    for _ in range(5):
        post(known, "wrong")
    assert "Too many wrong passwords" in text(post(known, world.password))


def test_one_address_cannot_try_many_people(world: World):
    for number in range(20):
        post(Client(), "wrong", f"person{number}@nowhere.example")
    assert "Too many wrong passwords" in text(post(Client(), world.password))


def test_a_forged_browser_cookie_is_no_known_browser(world: World, settings):
    for _ in range(5):
        post(Client(), "wrong")
    forged = Client()
    forged.cookies[settings.BROWSER_COOKIE_NAME] = "eyJhIjoiYiJ9:1abcde:forged"
    assert "Too many wrong passwords" in text(post(forged, world.password))


def test_a_sign_in_on_a_new_device_is_told_by_mail_and_the_first_is_not(world: World):
    first, other = Client(), Client()
    post(first, world.password)
    assert mail.outbox == []
    post(first, world.password)
    first.post("/logout/")
    post(first, world.password)
    assert mail.outbox == []
    post(other, world.password, **{"User-Agent": AGENT})
    (told,) = mail.outbox
    assert told.to == [EMAIL]
    assert "new device" in told.subject
    assert "With: Chrome on Windows" in told.body
    assert "127.0.0.1" in told.body


def test_codes_are_asked_for_once_they_are_set_up_and_sealed_in_the_database(world: World):
    client = Client()
    post(client, world.password)
    secret = set_up_codes(client)
    assert "second_step.codes_on" in acts(world)
    assert "Codes are set up" in mail.outbox[0].subject
    user = world.northside.people["admin"]
    kept = str(list(Authenticator.objects.filter(user=user).values()))
    assert secret not in kept

    again = Client()
    answer = post(again, world.password)
    assert answer["Location"] == "/second-step/authenticate/"
    assert again.get(f"/a/{world.northside.id}/inbox/").status_code == 302
    wrong = again.post("/second-step/authenticate/", {"code": "000000"})
    assert "That did not work" in text(wrong)
    assert acts(world)[-1] == "sign_in.failed"
    cache.clear()
    codes = client.get("/second-step/recovery/codes.txt").content.decode().split()
    assert len(codes) == 10
    done = again.post("/second-step/authenticate/", {"code": codes[0]})
    assert done["Location"] == "/"
    assert acts(world)[-1] == "sign_in"
    third = Client()
    post(third, world.password)
    reused = third.post("/second-step/authenticate/", {"code": codes[0]})
    assert "That did not work" in text(reused), "a recovery code works once"


def test_an_account_that_wants_a_second_step_shows_nothing_without(world: World):
    reseller = world.northside.account.parent
    assert reseller
    SignInPolicy.objects.create(account=reseller, require_mfa=True)
    client = Client()
    post(client, world.password)
    for page in ("inbox", "outbox", "compose", "team", "audit"):
        answer = client.get(f"/a/{world.northside.id}/{page}/")
        assert answer.status_code == 403
        assert "Harbor Communications wants everybody" in text(answer)
        assert "Reception" not in text(answer)
    elsewhere = Client()
    sign_in(elsewhere, world.redwood.people["admin"])
    assert elsewhere.get(f"/a/{world.redwood.id}/inbox/").status_code == 200
    set_up_codes(client)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200


def test_an_operator_wants_a_second_step_of_everybody_whatever_accounts_choose(
    world: World, settings
):
    settings.REQUIRE_SECOND_STEP = True
    client = Client()
    post(client, world.password)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 403
    set_up_codes(client)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200


def test_what_is_dangerous_asks_for_the_password_again_after_a_while(world: World):
    client = Client()
    sign_in(client, world.northside.people["admin"], at=time.time() - 16 * 60)
    page = f"/a/{world.northside.id}/tokens/new/"
    answer = client.post(page, {"name": "x", "kind": "api_token", "scopes": "faxes:read"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/reauthenticate/")
    assert "token.create" not in acts(world)
    wrong = client.post(answer["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    done = client.post(answer["Location"], {"password": world.password})
    assert "Copy it now" in text(done), "and then goes on with what was asked for"
    assert "token.create" in acts(world)
    for address in ("/second-step/codes/", "/second-step/passkeys/add/"):
        stale = Client()
        sign_in(stale, world.northside.people["member"], at=time.time() - 16 * 60)
        assert stale.get(address).status_code == 302
    left_open = Client()
    sign_in(left_open, world.northside.people["admin"], at=time.time() - 16 * 60)
    asked = left_open.post("/profile/sessions/")
    assert asked["Location"].startswith("/reauthenticate/")
    assert "sessions.end" not in acts(world)


def test_a_changed_password_is_told_on_record_and_ends_other_sessions(world: World):
    here, there = Client(), Client()
    for client in (here, there):
        post(client, world.password)
    mail.outbox.clear()
    new = "seven purple rivers run"
    here.post(
        "/password/change/",
        {"oldpassword": world.password, "password1": new, "password2": new},
        headers={"user-agent": AGENT},
    )
    assert "password was changed" in mail.outbox[0].subject
    assert "With: Chrome on Windows" in mail.outbox[0].body
    assert "password.change" in acts(world)
    assert here.get(f"/a/{world.northside.id}/inbox/").status_code == 200
    assert there.get(f"/a/{world.northside.id}/inbox/").status_code == 302


@pytest.mark.parametrize("password", ["short word", "password1234", "northside.example"])
def test_short_common_and_own_words_are_no_passwords(world: World, password):
    client = Client()
    post(client, world.password)
    answer = client.post(
        "/password/change/",
        {"oldpassword": world.password, "password1": password, "password2": password},
    )
    assert answer.status_code == 200
    assert 'class="errorlist' in text(answer)


def test_one_sees_where_one_is_signed_in_and_ends_the_others(world: World):
    here, there = Client(), Client()
    post(there, world.password, **{"User-Agent": AGENT})
    post(here, world.password, **{"User-Agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    page = text(here.get("/profile/sessions/"))
    assert "Chrome on Windows" in page
    assert "Safari on iPhone" in page
    assert "One other device is signed out." in text(here.post("/profile/sessions/", follow=True))
    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200
    assert "sessions.end" in acts(world)


def test_a_person_of_several_accounts_switches_between_them(world: World):
    user = world.northside.people["admin"]
    user.memberships.create(account=world.lakeside.account, role="viewer")
    client = Client()
    post(client, world.password)
    page = client.get(f"/a/{world.northside.id}/inbox/")
    assert f'href="/a/{world.lakeside.id}/inbox/"' in text(page)
    assert client.get(f"/a/{world.lakeside.id}/inbox/").status_code == 200
    assert client.get(f"/a/{world.lakeside.id}/compose/").status_code == 403, "a viewer there"
    assert client.get(f"/a/{world.northside.id}/compose/").status_code == 200
    assert client.get(f"/a/{world.redwood.id}/inbox/").status_code == 404


def test_a_mail_server_that_is_away_keeps_nobody_out(world: World, settings):
    post(Client(), world.password)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert post(Client(), world.password).status_code == 302


def test_the_operator_lets_in_who_lost_the_second_step(world: World, capsys):
    client = Client()
    post(client, world.password)
    set_up_codes(client)
    assert post(Client(), world.password)["Location"] == "/second-step/authenticate/"
    call_command("reset_second_step", EMAIL.upper())
    assert "2 removed" in capsys.readouterr().out
    assert post(Client(), world.password)["Location"] == "/"
    assert "second_step.reset" in acts(world)
    with pytest.raises(CommandError):
        call_command("reset_second_step", "nobody@nowhere.example")
