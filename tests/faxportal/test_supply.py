"""What the portal is made of: secrets in its history, known weaknesses, the list of it."""

import json

import pytest

from tests import supply

NO_SECRETS = [
    b"postgres://portal:$PASSWORD@db/portal",
    b"https://user:password-of-nobody@fax.example/",
    b"fxp_demonorthside.demonorthsidedemonstration",
]


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("a private key", b"-----BEGIN RSA PRIVATE " + b"KEY-----\n" + b"Ab0/" * 12),
        ("a key of AWS", b"AKIA" + b"QWERTZUIOPASDFGH"),
        ("a token of GitHub", b"ghp" + b"_" + b"a1B2" * 9),
        ("a token of this portal", b"fxp" + b"_abcdefghij_" + b"Zx9-" * 10 + b"abc"),
        ("an address with a password", b"postgres://portal:" + b"correcthorsebattery@db.local/x"),
    ],
)
def test_a_secret_is_known_by_its_looks(kind, secret):
    assert [what for what, _ in supply.found_in(b"x = '" + secret + b"'\n")] == [kind]


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_is_none_is_left_alone(text):
    assert not list(supply.found_in(text))


def test_no_version_of_any_file_has_a_secret():
    if supply.is_shallow():
        pytest.skip("the whole history is not here")
    assert supply.history() == []


def test_a_known_weakness_is_told_and_what_was_not_looked_up_is_no_knowledge():
    weak = {"name": "paper", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    sound = {"name": "ink", "version": "1", "vulns": []}
    unknown = {"name": "pen", "skip_reason": "not found"}
    told, known = supply.verdict([{"dependencies": [weak, sound, unknown]}])
    assert told == ["paper 1: CVE-1, mended by 2"]
    assert known == 2
    assert supply.verdict([{"dependencies": [unknown]}]) == ([], 0)


@pytest.mark.parametrize(
    ("found", "status", "says"),
    [
        ((None, "No route to host"), 0, "NOT LOOKED AT"),
        (({"dependencies": []}, ""), 0, "NOT LOOKED AT"),
        (({"dependencies": [{"name": "ink", "version": "1", "vulns": []}]}, ""), 0, "No known"),
        (
            ({"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-2"}]}]}, ""),
            1,
            "CVE-2",
        ),
    ],
)
def test_without_the_internet_it_says_so_and_goes_on(monkeypatch, capsys, found, status, says):
    monkeypatch.setattr(supply, "_audited", lambda _: found)
    assert supply.advisories() == status
    assert says in capsys.readouterr().out


def test_the_list_of_what_it_is_made_of_is_the_same_each_time_and_names_no_registry():
    first = supply.sbom()
    told = json.loads(first)
    assert told["bomFormat"] == "CycloneDX"
    assert {"django", "cryptography"} <= {each["name"] for each in told["components"]}
    assert b"index" not in first.replace(b"index.html", b"")
    assert b"/simple" not in first
    assert "serialNumber" not in told
    assert "timestamp" not in told.get("metadata", {})
