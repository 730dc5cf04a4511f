"""A program asks somebody in their browser; they say yes, see it listed, and end it."""

from urllib.parse import parse_qs, urlencode, urlsplit

from accounts.models import Membership, OAuthToken
from accounts.roles import Role
from tests.oauth import program


def asking(theirs, where, **more):
    """The address that a program sends somebody to."""
    return "/oauth/authorize?" + urlencode(theirs.query(redirect_uri=where, **more))


def test_somebody_lets_a_program_in_and_ends_it(world, desk, receiver):
    where = receiver.url("/back")
    theirs = program(world.harbor.admin, redirects=where)
    member = world.northside.people["member"]
    Membership.objects.create(user=member, account_id=world.harbor.id, role=Role.VIEWER)
    one = desk(world.northside, role=Role.MEMBER)
    page = one.page
    page.goto(one.base + asking(theirs, where))
    assert one.faults() == [], "which account"
    page.get_by_role("link", name="Choose Northside Clinic").click()
    page.get_by_role("heading", name="Let Records into Northside Clinic?").wait_for()
    assert one.faults() == [], "the question"
    page.get_by_role("button", name="Yes, allow").click()
    page.wait_for_url("**/back?**")
    told = parse_qs(urlsplit(page.url).query)
    assert told["state"] == ["a state"]
    theirs.tokens_for(told["code"][0], redirect_uri=where)
    page.goto(f"{one.base}/profile/")
    page.get_by_role("link", name="See connected programs").click()
    page.get_by_role("heading", name="Records").wait_for()
    assert one.faults() == [], "the list"
    page.get_by_role("button", name="End Records at Northside Clinic").click()
    page.get_by_text("It is refused from now on").wait_for()
    assert not OAuthToken.objects.exists()


def test_somebody_says_no_and_a_wrong_link_leads_nowhere(world, desk, receiver):
    where = receiver.url("/back")
    theirs = program(world.northside.admin, redirects=where)
    one = desk(world.northside, role=Role.VIEWER, scripts=False)
    page = one.page
    page.goto(one.base + asking(theirs, where))
    page.get_by_role("button", name="No, do not allow").click()
    page.wait_for_url("**/back?**")
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]
    page.goto(one.base + asking(theirs, "https://elsewhere.example/"))
    page.get_by_role("heading", name="This link is not right").wait_for()
    page.goto(one.base + asking(theirs, where, scope="account:admin"))
    page.get_by_role("heading", name="You cannot let Records in").wait_for()


def test_everyone_can_use_the_pages_of_tokens_and_rules(world, desk):
    theirs = program(world.northside.admin)
    theirs.tokens_for(theirs.code_of(world.northside.people["member"]))
    one = desk(world.northside)
    page = one.open("tokens/")
    page.get_by_text("leads back to https://records.example/back").wait_for()
    assert one.faults() == []
    page.get_by_role(
        "button", name=f"End Records of {world.northside.people['member'].email}"
    ).click()
    page.get_by_text("It is refused from now on").wait_for()
    page.get_by_label("What is it for?").fill("Records")
    page.get_by_label("Read faxes: lists").check()
    page.get_by_label("Redirect addresses").fill("http://records.example/back")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_text("Write whole addresses that begin with https://").wait_for()
    one.open("sign-in/")
    page.get_by_label("Programs may sign in with a person's name").check()
    assert one.faults() == []
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The rules for signing in are saved").wait_for()
    assert page.get_by_label("Programs may sign in with a person's name").is_checked()
