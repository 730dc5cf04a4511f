"""Brands: what is inherited, which colours people can read, what is refused."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import BrandInvalid, ColourInvalid, ColourTooPale, NotAllowed
from accounts.models import AuditEntry, Brand, Kind, Logo
from accounts.roles import Role
from accounts.services import branding, colours, invitations
from accounts.services.branding import BrandRequest, Picture
from accounts.services.brands import BrandView, brand_of, merged
from accounts.services.tree import create_account

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("product_name", "accent", "support_email", "support_phone", "support_url", "sender_name")
colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
rows = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(["", "one", "two"]) for name in WORDS}), max_size=4
)


# --- What is inherited --------------------------------------------------------------------------


@given(rows)
def test_each_part_comes_from_the_nearest_account_that_sets_it(set_by):
    brand = merged([Brand(**row) for row in set_by])
    for name in WORDS:
        nearest = next((row[name] for row in set_by if row[name]), "")
        assert getattr(brand, name) == (nearest or getattr(BrandView(), name))


@given(rows, rows)
def test_what_is_set_further_up_never_changes_what_is_set_below(near, far):
    low = [Brand(**row) for row in near]
    alone, below = merged(low), merged([*low, *(Brand(**row) for row in far)])
    for name in WORDS:
        if any(row[name] for row in near):
            assert getattr(below, name) == getattr(alone, name)


def test_a_brand_takes_one_query_however_deep_the_account_lies(world, django_assert_num_queries):
    account = world.harbor.account
    for depth in range(4):
        account = create_account(
            name=f"Deep {depth}", kind=Kind.RESELLER, realm=f"deep{depth}.example", parent=account
        )
    with django_assert_num_queries(1):
        brand = brand_of(account)
    assert brand.product_name == "Harbor Fax"
    assert brand.logo
    assert brand.base_url == "http://harbor.localhost:8000"


def test_nobodys_brand_is_the_portals_own(world):
    assert brand_of(world.platform.account) == BrandView()
    assert brand_of(world.northside.account) == brand_of(world.harbor.account)
    assert brand_of(world.redwood.account).product_name == "Summit Fax Cloud"


def test_a_change_counts_at_once_below_and_goes_on_record_without_words(world):
    branding.set_brand(world.harbor.admin, wanted=BrandRequest(product_name="Quay"))
    assert brand_of(world.northside.account).product_name == "Quay"
    assert brand_of(world.northside.account).accent == ""
    entry = AuditEntry.objects.filter(account_id=world.harbor.id).latest("number")
    assert entry.action == "brand.set"
    assert "product_name" in entry.facts["changed"]
    assert "Quay" not in str(entry.facts)
    assert not Logo.rows.filter(account=world.harbor.account).exists(), "nobody names them"


def test_only_administrators_of_who_provides_for_others_set_a_brand(world):
    for actor in (world.northside.admin, replace(world.harbor.admin, role=Role.MEMBER)):
        with pytest.raises(NotAllowed):
            branding.set_brand(actor, wanted=BrandRequest(product_name="Mine"))
    assert brand_of(world.northside.account).product_name == "Harbor Fax"


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("product_name", "x" * 61),
        ("product_name", "Fax\N{RIGHT-TO-LEFT OVERRIDE}"),
        ("support_email", "help at harbor"),
        ("support_email", "a@b.example\nBcc: c@d.example"),
        ("support_phone", "call us"),
        ("support_url", "javascript:alert(1)"),
        ("sender_address", "Harbor <a@b.example>"),
        ("logo", "0" * 32),
        ("accent", "teal"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(world, field, written):
    before = brand_of(world.harbor.account)
    with pytest.raises(BrandInvalid) as refused:
        branding.set_brand(world.harbor.admin, wanted=BrandRequest(**{field: written}))
    assert refused.value.field == field
    assert brand_of(world.harbor.account) == before


def test_a_logo_of_another_account_cannot_be_named(world):
    theirs = brand_of(world.summit.account).logo
    assert theirs
    with pytest.raises(BrandInvalid):
        branding.set_brand(world.harbor.admin, wanted=BrandRequest(logo=theirs.digest))


def test_logos_that_were_only_tried_do_not_heap_up(world):
    for number in range(20):
        picture = Picture(bytes([number]), 1, 1, shows_on_light=True, shows_on_dark=True)
        branding.keep_logo(world.harbor.admin, picture=picture)
    assert Logo.rows.filter(account=world.harbor.account).count() <= 10
    assert brand_of(world.harbor.account).logo, "those in use stay"


# --- Colours ------------------------------------------------------------------------------------


def test_the_grounds_are_those_of_the_style_sheet():
    sheet = (ROOT / "static" / "app.css").read_text(encoding="utf-8")
    names = ("ground", "surface", "raised", "hover", "sunk")
    found = [re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", sheet) for name in names]
    assert [each.groups() for each in found if each] == list(
        zip(colours.LIGHT_GROUNDS, colours.DARK_GROUNDS, strict=True)
    )


@given(colour)
def test_a_colour_that_is_taken_can_be_read_everywhere_in_light_and_dark(accent):
    taken = colours.checked(colours.nearest(accent))
    made = colours.palette(taken)
    for shades, grounds in (
        (made.light, colours.LIGHT_GROUNDS),
        (made.dark, colours.DARK_GROUNDS),
    ):
        for words, ground in itertools.product(
            (shades.accent, shades.deep), (*grounds, shades.tint)
        ):
            assert colours.contrast(words, ground) >= 4.5
        for filled in (shades.accent, shades.deep):
            assert colours.contrast(shades.on_accent, filled) >= 4.5


@given(colour)
def test_a_colour_that_cannot_be_read_is_refused_with_its_ratio_and_one_that_can(accent):
    if colours.least_contrast(accent) >= 4.5:
        assert colours.checked(accent) == accent
        return
    with pytest.raises(ColourTooPale) as refused:
        colours.checked(accent)
    assert refused.value.ratio < 4.5
    assert colours.checked(refused.value.offered) == refused.value.offered


@given(colour)
def test_the_colour_that_is_offered_is_as_light_as_can_be(accent):
    offered = colours.nearest(accent)
    if offered != accent:
        assert 4.5 <= colours.least_contrast(offered) < 4.8
    assert colours.nearest(offered) == offered


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_measured_as_wcag_does(one, other, ratio):
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert colours.contrast(other, one) == colours.contrast(one, other)


def test_a_colour_is_read_as_people_write_it():
    assert colours.read(" 0B6 ") == "#00bb66"
    for nonsense in ("#12345", "red", "#gggggg", "", "#123456;}"):
        with pytest.raises(ColourInvalid):
            colours.read(nonsense)


@given(colour)
def test_a_sheet_is_found_by_its_own_name_only(accent):
    taken = colours.nearest(accent)
    name = colours.name_of(taken)
    assert colours.named(name) == taken
    assert colours.named(name[:-1] + ("0" if name[-1] != "0" else "1")) is None
    assert taken in colours.sheet(taken)


# --- Mail ---------------------------------------------------------------------------------------


def test_mails_of_two_brands_have_nothing_of_each_other(world):
    for tenant in (world.northside, world.redwood):
        invitations.invite(tenant.admin, email="new@elsewhere.example", role=Role.MEMBER)
    harbor, summit = mail.outbox
    for sent, own, other in ((harbor, "harbor", "summit"), (summit, "summit", "harbor")):
        told = str(sent.message()).lower()
        assert f"http://{own}.localhost:8000/invitations/" in told
        assert f"help@{own}.example" in told
        assert sent.from_email.endswith(f"<fax@{own}.localhost>")
        assert sent.reply_to == [f"fax@{own}.localhost"]
        assert other not in told
        assert "fax portal" not in told


def test_a_sender_outside_of_the_proven_host_is_only_answered_to(world, settings):
    settings.DEFAULT_FROM_EMAIL = "Fax portal <fax@portal.example>"
    wanted = BrandRequest(product_name="Quay", sender_address="ceo@bank.example")
    branding.set_brand(world.harbor.admin, wanted=wanted)
    invitations.invite(world.northside.admin, email="new@elsewhere.example", role=Role.MEMBER)
    (sent,) = mail.outbox
    assert sent.from_email == "Quay <fax@portal.example>"
    assert sent.reply_to == ["ceo@bank.example"]
