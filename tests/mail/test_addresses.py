"""Addresses that are fax numbers, and addresses that mails come from."""

import pytest

from faxes.errors import NumberError
from faxes.mail.addresses import normal_sender, read_address, read_number, sender_of
from faxes.services.mail_senders import is_usable, matches


def parts(written):
    address = read_address(written)
    assert address is not None
    return address


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+12025550100@x.fax.test", "US", "+12025550100"),
        ("12025550100@x.fax.test", "US", "+12025550100"),
        ("2025550100@x.fax.test", "US", "+12025550100"),
        ("202-555-0100@x.fax.test", "US", "+12025550100"),
        ('"+1 (202) 555-0100"@x.fax.test', "US", "+12025550100"),
        ("fax+12025550100@acme.test", "US", "+12025550100"),
        ("0114930123456@x.fax.test", "US", "+4930123456"),
        ("004930123456@x.fax.test", "US", "+4930123456"),
        ("4930123456@x.fax.test", "US", "+4930123456"),
        ("030123456@x.fax.test", "DE", "+4930123456"),
        ("004930123456@x.fax.test", "DE", "+4930123456"),
    ],
)
def test_a_number_is_read_as_it_is_dialled_in_the_country_or_with_its_code(
    written, country, number
):
    assert read_number(parts(written).digits, country=country) == number


@pytest.mark.parametrize("local", ["desk", "+", "99", "+1202555", "1" * 60])
def test_what_is_no_number_is_none(local):
    with pytest.raises(NumberError):
        read_number(parts(f"{local}@x.fax.test").digits, country="US")


def test_domains_are_compared_in_plain_letters():
    assert parts("1@Front.FAX.example.").domain == "front.fax.example"
    assert parts("1@münchen.example").domain == "xn--mnchen-3ya.example"
    for odd in ("1", "@x", "1@", "1@" + "a" * 300, "\udcff@x", "1\x00@x", "1@\udcff.x"):
        assert read_address(odd) is None


def test_a_from_is_one_address_or_none():
    assert sender_of('"A, B" <Joe@Acme.TEST>') == "joe@acme.test"
    assert sender_of("a@b.test, c@d.test") == ""
    assert normal_sender("<>") == normal_sender("a b@c") == normal_sender("\udcff@x") == ""


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("joe@acme.test", "JOE@acme.test", "joe@acmeXtest"),
        ("@acme.test", "anybody@acme.test", "anybody@acme.test.evil.test"),
        ("*@acme.test", "anybody@acme.test", "anybody@sub.acme.test"),
        (r".*@acme\.test", "anybody@acme.test", "anybody@acme-test"),
        (r"^(joe|ann)@acme\.test$", "ann@acme.test", "joanna@acme.test"),
    ],
)
def test_senders_are_told_by_address_domain_or_pattern_as_a_whole(entry, inside, outside):
    assert is_usable(entry)
    assert matches([entry], inside)
    assert not matches([entry], outside)


def test_no_pattern_holds_anybody_up_or_lets_in_what_it_does_not_say():
    assert not matches(["(a*)*b", "(a|a)*", "(", "(?=a)", "", "*"], "a" * 300 + "!")
    assert not any(map(is_usable, ["(", r"(a)\1", "a{1001}", "", "x" * 300]))
