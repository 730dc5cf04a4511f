"""Pages about prices and plans."""

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Billing, Plan, Rate, RateDeck
from accounts.services.rates import NewRate, rates_from_csv, rates_to_csv
from tests.accounts.money import CENT, bill, plan_by
from tests.portal.test_numbers import Person, said


def deck_of(world):
    return RateDeck.objects.for_account(world.harbor.id).get()


def test_a_price_list_is_made_filled_looked_up_and_handed_out_again(world):
    harbor = Person(world.harbor)
    made = harbor.post("tenants-deck-new", {"name": "Standard", "currency": "eur"})
    deck = deck_of(world)
    assert made["Location"] == harbor.address("tenants-deck-rates", deck=deck.pk)
    text = "prefix,price\n1,0.07\n44,0.10\n4420,0.09,minute,6,0.02\n"
    looked = harbor.post("tenants-deck-rates", {"text": text}, deck=deck.pk)
    assert "3 prices take the place" in said(looked)
    assert not Rate.objects.filter(deck=deck).exists(), "only looked at"
    harbor.post("tenants-deck-rates", {"text": text, "act": "replace"}, deck=deck.pk)
    page = said(harbor.get("tenants-deck", "?number=%2B44+20+7946+0018", deck=deck.pk))
    assert "0.09 EUR" in page
    assert "begin with +4420" in page
    page = said(harbor.get("tenants-deck", "?number=(202)+555-0100", deck=deck.pk))
    assert "begin with +1." in page
    page = said(harbor.get("tenants-deck", "?number=%2B81", deck=deck.pk))
    assert "There is no price for +81" in page
    table = harbor.get("tenants-deck-csv", deck=deck.pk).getvalue().decode()
    assert [each.prefix for each in rates_from_csv(table)] == ["1", "44", "4420"]


def test_what_is_wrong_with_a_list_of_prices_is_told_by_line(world):
    harbor = Person(world.harbor)
    harbor.post("tenants-deck-new", {"name": "Standard", "currency": "USD"})
    deck = deck_of(world)
    for text, words in {
        "1,0.07\n1,0.08\n": "Line 2 has a prefix that an earlier line has",
        "1,0.07\n44,cheap\n": "Line 2 has no price",
        "1,0.07\n\nfour,1\n": "Line 3 does not begin with the digits",
        "1,0.07,minute,0\n": "Line 1 rounds up",
        "1\n": "Line 1 cannot be read",
        "1,-1\n": "Line 1 has no price",
        "": "There is no price yet",
    }.items():
        answer = harbor.post("tenants-deck-rates", {"text": text, "act": "replace"}, deck=deck.pk)
        assert answer.status_code == 422, text
        assert words in said(answer), text
    assert not Rate.objects.exists()


def rates():
    return st.builds(
        Rate,
        prefix=st.from_regex(r"[1-9][0-9]{0,14}", fullmatch=True),
        price=st.integers(0, 10**12),
        unit=st.sampled_from(["page", "minute"]),
        increment=st.integers(1, 600),
        connection_fee=st.integers(0, 10**9),
    )


@given(st.lists(rates(), unique_by=lambda rate: rate.prefix, max_size=20))
@settings(max_examples=50)
def test_prices_that_are_written_can_be_read_again(listed):
    assert rates_from_csv("".join(rates_to_csv(listed))) == [
        NewRate(rate.prefix, rate.price, rate.unit, rate.increment, rate.connection_fee)
        for rate in listed
    ]


def test_a_plan_is_made_and_changed_with_errors_beside_their_fields(world):
    harbor = Person(world.harbor)
    harbor.post("tenants-deck-new", {"name": "Standard", "currency": "USD"})
    form = {"name": "Clinics", "deck_id": deck_of(world).pk, "beyond": "charge"}
    wrong = harbor.post("tenants-plan-new", {**form, "monthly_fee": "ten", "included_pages": "-1"})
    assert wrong.status_code == 422
    assert "Write an amount in figures" in said(wrong)
    assert harbor.post("tenants-plan-new", {**form, "monthly_fee": "9.50"}).status_code == 302
    plan = Plan.objects.for_account(world.harbor.id).get()
    assert plan.monthly_fee == 950 * CENT
    twice = harbor.post("tenants-plan-new", form)
    assert "There is one of this name already" in said(twice)
    harbor.post("tenants-plan", {**form, "included_pages": "20", "beyond": "refuse"}, plan=plan.pk)
    plan.refresh_from_db()
    assert (plan.monthly_fee, plan.included_pages, plan.beyond) == (0, 20, "refuse")


def test_a_plan_in_use_keeps_its_currency_and_is_put_away_not_deleted(world):
    harbor = Person(world.harbor)
    plan = plan_by(world.harbor.admin, name="Old")
    bill(world.northside.account, plan=plan, balance=5 * CENT)
    harbor.post("tenants-deck-new", {"name": "Euro", "currency": "EUR"})
    euro = RateDeck.objects.for_account(world.harbor.id).get(name="Euro")
    form = {"name": "Old", "deck_id": euro.pk, "beyond": "charge"}
    refused = harbor.post("tenants-plan", form, plan=plan.pk)
    assert refused.status_code == 422
    assert "another currency" in said(refused)
    harbor.post("tenants-plan-away", plan=plan.pk)
    plan.refresh_from_db()
    assert plan.archived_at
    assert Billing.rows.get(account=world.northside.account).plan == plan
    offered = harbor.get("tenant-credit", tenant=world.lakeside.id)
    assert "Old (USD)" not in said(offered)
    terms = {"terms-plan_id": plan.pk, "terms-mode": "prepaid"}
    assert harbor.post("tenant-credit-terms", terms, tenant=world.lakeside.id).status_code == 422
    kept = harbor.post("tenant-credit-terms", terms, tenant=world.northside.id)
    assert kept.status_code == 302, "who is on it stays on it"
    harbor.post("tenants-plan-restore", plan=plan.pk)
    assert harbor.post("tenant-credit-terms", terms, tenant=world.lakeside.id).status_code == 302


def test_what_nobody_uses_is_deleted(world):
    harbor = Person(world.harbor)
    plan = plan_by(world.harbor.admin, name="Unused")
    deck = plan.deck
    refused = harbor.post("tenants-deck-delete", deck=deck.pk)
    assert refused.status_code == 302
    assert RateDeck.objects.for_account(world.harbor.id).exists(), "a plan goes by it"
    harbor.post("tenants-plan-away", plan=plan.pk)
    assert not Plan.objects.for_account(world.harbor.id).exists()
    harbor.post("tenants-deck-delete", deck=deck.pk)
    assert not RateDeck.objects.for_account(world.harbor.id).exists()


def test_a_fax_on_its_way_keeps_the_price_that_was_agreed(world, work, send):
    harbor = Person(world.harbor)
    plan = plan_by(world.harbor.admin, name="Old", price=10 * CENT)
    bill(world.northside.account, plan=plan, balance=100 * CENT)
    send(world.northside, "+12025550100", pages=2)
    harbor.post("tenants-deck-rates", {"text": "1,0.50", "act": "replace"}, deck=plan.deck_id)
    work.run_to_end()
    page = said(harbor.get("tenant-credit", tenant=world.northside.id))
    assert "0.80 USD" in page, "two pages at ten cents of a dollar"


def test_long_price_lists_are_read_page_by_page(world):
    harbor = Person(world.harbor)
    harbor.post("tenants-deck-new", {"name": "Standard", "currency": "USD"})
    deck = deck_of(world)
    text = "\n".join(f"1{area},0.07" for area in range(200, 450))
    harbor.post("tenants-deck-rates", {"text": text, "act": "replace"}, deck=deck.pk)
    page = said(harbor.get("tenants-deck", deck=deck.pk))
    assert "+1200" in page
    assert "+1300" not in page
    assert "after=1299" in page
    assert "+1399" in said(harbor.get("tenants-deck", "?after=1299", deck=deck.pk))
