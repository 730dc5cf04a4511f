"""Single sign-on, with a real provider over HTTP: who comes in, where to, and who does not."""

from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener  # noqa: TID251 (the test's browser)

import pytest
from django.test import Client

from accounts.auth.egress import guarded_session, may_reach
from accounts.errors import DomainInvalid, IssuerInvalid, NotAllowed
from accounts.models import AuditEntry, Membership, SignInPolicy, User
from accounts.services import signin, tenants
from accounts.services.signin import PolicyRequest
from tests.accounts.money import provider_of
from tests.identity_provider import identity_provider
from tests.signing_in import sign_in
from tests.world import World

DOMAIN = "northside.example"


@pytest.fixture
def provider(settings):
    settings.SINGLE_SIGN_ON_PRIVATE = True
    with identity_provider() as running:
        yield running


@pytest.fixture
def rules(world, provider):
    def save(**more):
        request = PolicyRequest(
            issuer=provider.issuer,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            domains=DOMAIN,
            **more,
        )
        return signin.save_policy(world.northside.admin, request=request)

    save()
    return save


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def over_there(address):
    """Where the provider sends the browser back to."""
    try:
        build_opener(_Stay).open(address)
    except OSError as answer:
        return answer.headers["Location"]  # type: ignore[attr-defined]
    raise AssertionError("no redirect")


def come_in(client, world, then="/"):
    begin = client.get(f"/single-sign-on/{world.northside.id}/login/?next={then}")
    assert begin.status_code == 302, begin.content
    back = urlsplit(over_there(begin["Location"]))
    return client.get(f"{back.path}?{back.query}", follow=False)


def text(response):
    return " ".join(response.content.decode().split())


def test_a_member_comes_in_by_the_email_address_and_it_is_on_record(world: World, provider, rules):
    provider.claims = {"email": "MEMBER@northside.example", "email_verified": True}
    client = Client()
    done = come_in(client, world, then=f"/a/{world.northside.id}/outbox/")
    assert done["Location"] == f"/a/{world.northside.id}/outbox/"
    page = client.get(done["Location"])
    assert "member@northside.example" in text(page)
    last = AuditEntry.objects.latest("number")
    assert (last.action, last.actor) == ("sign_in", "member@northside.example")
    asked = provider.asked[0]
    assert asked["code_challenge_method"] == "S256"
    assert asked["client_id"] == provider.client_id


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "admin@lakeside.example", "email_verified": True},
        {"email": "member@northside.example", "email_verified": False},
        {"email": "somebody@northside.example", "email_verified": True},
        {"email": None},
        {"email": "member@northside.example", "iss": "https://elsewhere.example"},
        {"email": "member@northside.example", "aud": "another client"},
        {"email": "member@northside.example", "exp": 1_700_000_000},
        {"email": "member@northside.example", "sub": ""},
    ],
    ids=str,
)
def test_nobody_else_comes_in(world: World, provider, rules, claims):
    provider.claims = claims
    client = Client()
    come_in(client, world)
    assert client.get("/profile/").status_code == 302
    assert not User.objects.filter(email="somebody@northside.example").exists()


def test_a_provider_of_one_account_does_not_open_the_persons_other_accounts(
    world: World, provider, rules
):
    person = world.northside.people["member"]
    person.memberships.create(account=world.lakeside.account, role="admin")
    provider.claims = {"email": person.email, "email_verified": True}
    client = Client()
    come_in(client, world)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200
    shut = client.get(f"/a/{world.lakeside.id}/inbox/")
    assert shut.status_code == 403
    assert "needs your own log-in" in text(shut)
    for own in ("/password/change/", "/second-step/", "/second-step/codes/",
                "/second-step/passkeys/add/", "/second-step/recovery/"):  # fmt: skip
        assert client.get(own).status_code == 403, own
    assert AuditEntry.objects.filter(account_id=world.lakeside.id).count() == 0
    client.post("/reauthenticate/", {"password": world.password})
    assert client.get(f"/a/{world.lakeside.id}/inbox/").status_code == 200


def test_who_vouches_for_somebody_learns_and_changes_nothing_of_them_elsewhere(
    world: World, provider, rules
):
    person = world.northside.people["member"]
    at_home, by_provider = Client(), Client()
    sign_in(at_home, person)
    provider.claims = {"email": person.email, "email_verified": True}
    come_in(by_provider, world)
    assert by_provider.get("/profile/").status_code == 200, "of this account alone"
    person.memberships.create(account=world.lakeside.account, role="admin")
    inbox = by_provider.get(f"/a/{world.northside.id}/inbox/")
    assert world.lakeside.account.name not in text(inbox)
    assert world.lakeside.account.name in text(at_home.get(f"/a/{world.northside.id}/inbox/"))
    for page in ("/profile/", "/profile/sessions/"):
        assert by_provider.get(page).status_code == 403
        assert by_provider.post(page, {"name": "Mallory"}).status_code == 403
    assert at_home.get("/profile/").status_code == 200, "still signed in"


def test_who_has_a_log_in_elsewhere_is_made_a_member_by_nobody(world: World, provider, rules):
    rules(create_members=True)
    person = User.objects.create_user("doctor@northside.example", "a-long-enough-word")
    person.memberships.create(account=world.lakeside.account, role="admin")
    provider.claims = {"email": person.email, "email_verified": True}
    client = Client()
    come_in(client, world)
    assert client.get("/profile/").status_code == 302, "not signed in"
    assert not Membership.objects.filter(user=person, account=world.northside.account).exists()


def test_people_of_the_domains_become_members_if_the_rules_say_so(world: World, provider, rules):
    rules(create_members=True)
    provider.claims = {
        "email": "new@northside.example", "email_verified": True, "name": "New Person",
    }  # fmt: skip
    client = Client()
    come_in(client, world)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200
    made = Membership.objects.get(user__email="new@northside.example")
    assert (made.role, made.user.name) == ("member", "New Person")
    assert not made.user.has_usable_password()
    stranger = Client()
    provider.claims = {"email": "new@lakeside.example", "email_verified": True}
    come_in(stranger, world)
    assert not User.objects.filter(email="new@lakeside.example").exists()


def test_an_answer_that_was_not_asked_for_opens_nothing(world: World, provider, rules):
    provider.claims = {"email": "member@northside.example", "email_verified": True}
    begin = Client().get(f"/single-sign-on/{world.northside.id}/login/")
    back = urlsplit(over_there(begin["Location"]))
    other = Client()
    answer = other.get(f"{back.path}?{back.query}")
    assert "You were not signed in" in text(answer)
    assert other.get("/profile/").status_code == 302


@pytest.mark.parametrize("nonce", [None, "", "of-somebody-else"])
def test_what_was_signed_for_another_session_or_for_none_opens_nothing(
    world: World, provider, rules, nonce
):
    provider.claims = {"email": "member@northside.example", "email_verified": True}
    provider.claims["nonce"] = nonce
    client = Client()
    come_in(client, world)
    assert client.get("/profile/").status_code == 302
    del provider.claims["nonce"]
    come_in(client, world)
    assert client.get("/profile/").status_code == 200
    first, second = (each["nonce"] for each in provider.asked)
    assert first != second
    assert len(first) > 40


def test_a_log_in_that_was_left_over_there_leads_back(world: World, provider, rules):
    provider.refuses = True
    client = Client()
    answer = come_in(client, world)
    assert "without signing in" in text(client.get(answer["Location"]))


def test_a_second_step_over_there_is_enough(world: World, provider, rules):
    rules(require_mfa=True)
    provider.claims = {"email": "member@northside.example", "email_verified": True}
    client = Client()
    come_in(client, world)
    assert client.get(f"/a/{world.northside.id}/inbox/").status_code == 200
    password = Client()
    sign_in(password, world.northside.people["member"])
    assert password.get(f"/a/{world.northside.id}/inbox/").status_code == 403


def test_what_is_dangerous_leads_over_there_again(world: World, provider, rules):
    person = world.northside.people["admin"]
    person.set_unusable_password()
    person.save()
    provider.claims = {"email": person.email, "email_verified": True}
    client = Client()
    come_in(client, world)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    rules_page = f"/a/{world.northside.id}/sign-in/"
    leads = client.get(rules_page)
    assert leads["Location"].startswith(f"/single-sign-on/{world.northside.id}/login/")
    begin = client.get(leads["Location"])
    assert parse_qs(urlsplit(begin["Location"]).query)["prompt"] == ["login"]
    back = urlsplit(over_there(begin["Location"]))
    done = client.get(f"{back.path}?{back.query}")
    assert done["Location"] == rules_page
    assert client.get(rules_page).status_code == 200


@pytest.mark.parametrize("who", [DOMAIN, "Anybody@Northside.example", " northside.example "])
def test_the_way_is_found_by_realm_or_email_address(world: World, rules, who):
    answer = Client().get("/single-sign-on/", {"who": who})
    assert answer["Location"] == f"/single-sign-on/{world.northside.id}/login/"


def test_an_unknown_organization_is_told_apart_from_none(world: World, rules):
    assert "No organization signs in" in text(
        Client().get("/single-sign-on/?who=x@nowhere.example")
    )
    assert Client().get(f"/single-sign-on/{world.lakeside.id}/login/").status_code == 404


def test_the_clients_secret_is_sealed_and_kept_unless_a_new_one_is_given(world: World, rules):
    policy = SignInPolicy.objects.get()
    kept = str(list(SignInPolicy.objects.values()))
    assert policy.client_secret == "a secret/with:signs"
    assert policy.client_secret not in kept
    page = Client()
    sign_in(page, world.northside.people["admin"])
    form = {"issuer": policy.issuer, "client_id": "other", "domains": DOMAIN}
    shown = text(page.get(f"/a/{world.northside.id}/sign-in/"))
    assert policy.client_secret not in shown
    assert page.post(f"/a/{world.northside.id}/sign-in/", form).status_code == 302
    policy.refresh_from_db()
    assert (policy.client_id, policy.client_secret) == ("other", "a secret/with:signs")


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example", "https://", "ftp://x.example", "javascript:alert(1)",
     "https://user:secret@x.example", "https://x.example/?a=b", "x.example"],
)  # fmt: skip
def test_what_is_no_issuer_is_refused(world: World, settings, issuer):
    settings.SINGLE_SIGN_ON_PRIVATE = False
    with pytest.raises(IssuerInvalid):
        signin.save_policy(
            world.northside.admin,
            request=PolicyRequest(issuer=issuer, client_id="x", domains=DOMAIN),
        )


def test_rules_need_domains_and_an_administrator(world: World):
    wanted = PolicyRequest(issuer="https://login.example", client_id="x")
    with pytest.raises(DomainInvalid):
        signin.save_policy(world.northside.admin, request=wanted)
    with pytest.raises(NotAllowed):
        signin.save_policy(world.northside.member, request=wanted)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fe80::1%eth0",
     "::ffff:10.0.0.1", "fd00::1", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_no_private_network_is_reached(settings, address):
    settings.SINGLE_SIGN_ON_PRIVATE = False
    assert not may_reach(address)
    assert may_reach("93.184.215.14")


def test_a_provider_on_this_machine_is_not_asked_unless_that_is_allowed(
    world: World, provider, rules, settings
):
    settings.SINGLE_SIGN_ON_PRIVATE = False
    with pytest.raises(OSError, match="may not be reached"), guarded_session() as session:
        session.get(provider.issuer)
    answer = Client().get(f"/single-sign-on/{world.northside.id}/login/")
    assert "You were not signed in" in text(answer)


@pytest.mark.parametrize("nonsense", [[], {}, {"token_endpoint": 7}, "x"], ids=str)
def test_a_provider_that_talks_nonsense_is_told_plainly(world: World, provider, rules, nonsense):
    provider.configuration = lambda: nonsense
    answer = Client().get(f"/single-sign-on/{world.northside.id}/login/")
    assert answer.status_code in {302, 502}
    if answer.status_code == 302:
        assert urlsplit(answer["Location"]).scheme in {"http", "https"}


def test_a_provider_that_sends_without_end_is_cut_off(world: World, provider, rules):
    provider.configuration = lambda: {"issuer": "x" * 2_000_000}
    answer = Client().get(f"/single-sign-on/{world.northside.id}/login/")
    assert answer.status_code == 502


@pytest.mark.parametrize("email", ["member@northside.example", "new@northside.example"])
def test_nobody_comes_into_a_suspended_account_nor_becomes_a_member(
    world: World, provider, rules, email
):
    rules(create_members=True)
    harbor = provider_of(world.northside.account)
    tenants.suspend(harbor, account_id=world.northside.id)
    provider.claims = {"email": email, "email_verified": True}
    client = Client()
    assert come_in(client, world)["Location"] == "/login/"
    page = text(client.get("/login/"))
    assert "Northside Clinic is suspended" in page
    assert "ask Harbor Communications" in page
    assert not User.objects.filter(email="new@northside.example").exists()
    tenants.resume(harbor, account_id=world.northside.id)
    assert come_in(client, world)["Location"] == "/"


def test_of_a_closed_account_only_administrators_come_in(world: World, provider, rules):
    tenants.close(provider_of(world.northside.account), account_id=world.northside.id)
    provider.claims = {"email": "member@northside.example", "email_verified": True}
    assert come_in(Client(), world)["Location"] == "/login/"
    provider.claims = {"email": "admin@northside.example", "email_verified": True}
    client = Client()
    assert come_in(client, world)["Location"] == "/"
    assert client.get(f"/a/{world.northside.id}/closing/").status_code == 200
