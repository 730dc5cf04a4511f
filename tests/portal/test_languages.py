"""Everybody is spoken to in their own language; programs are told in English."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import translation

from accounts import clock, moments
from accounts.errors import InsufficientCredit
from accounts.models import Account, AuditEntry, Membership, User
from accounts.roles import Role, Scope
from accounts.services import low_balance
from accounts.services.amounts import readable, typed
from accounts.services.tokens import KINDS, TokenRequest, create_token
from faxes import mail_words
from faxes.enums import ErrorCode
from faxes.errors import DocumentError
from faxes.models import Notification
from faxes.services.admission import told_money
from faxes.services.cover_pages import cover_for
from faxes.services.fax_mails import short_text
from tests.accounts.money import CENT, bill

GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}


# Ids and times of an answer.
_OF_THIS_ONE = re.compile(r"[0-9a-f]{8,}(-[0-9a-f]{4,})*|[0-9]{2}:[0-9]{2}:[0-9]{2}")


def speak(person, language):
    User.objects.filter(pk=person.pk).update(language=language)


def account_speaks(tenant, language):
    Account.objects.filter(pk=tenant.id).update(language=language)


def language_of(answer):
    return answer.headers["Content-Language"]


@pytest.mark.django_db
def test_a_page_before_signing_in_is_in_the_browsers_language_until_another_is_chosen(client):
    asked = client.get("/login/", headers=GERMAN)
    assert (language_of(asked), "Accept-Language" in asked.headers["Vary"]) == ("de", True)
    assert '<html lang="de" dir="ltr">' in asked.content.decode()
    assert "Anmelden" in asked.content.decode()
    chosen = client.post("/language/", {"language": "es", "next": "/login/"}, headers=GERMAN)
    assert chosen.url == "/login/"
    assert language_of(client.get("/login/", headers=GERMAN)) == "es"
    client.post("/language/", {"language": "xx", "next": "https://elsewhere.example/"})
    assert language_of(client.get("/login/", headers={"Accept-Language": "sv"})) == "en"


def test_a_persons_choice_counts_before_the_browsers_and_that_before_the_accounts(world, visit):
    at = visit(world.northside)
    account_speaks(world.northside, "fr")

    def spoken(**headers):
        return language_of(at.client.get(at.address("inbox"), headers=headers.get("headers", {})))

    assert spoken() == "fr"
    assert spoken(headers={"Accept-Language": "sv"}) == "fr", "a language that is not spoken here"
    assert spoken(headers=GERMAN) == "de"
    at.client.post("/language/", {"language": "es", "next": "/profile/"}, headers=GERMAN)
    assert spoken(headers=GERMAN) == "es"
    at.client.post("/language/", {"language": "", "next": "/profile/"}, headers=GERMAN)
    assert spoken(headers=GERMAN) == "de"


def test_an_administrator_chooses_the_accounts_language_and_that_is_on_record(world, visit):
    at = visit(world.northside)
    assert at.post("account-language", {"language": "de"}).status_code == 302
    assert language_of(at.get("inbox")) == "de"
    assert at.post("account-language", {"language": "xx"}).status_code == 422
    entry = AuditEntry.objects.filter(action="account.language").get()
    assert (entry.action, entry.facts) == ("account.language", {"before": "", "after": "de"})


@pytest.mark.parametrize(
    "path", ["/api/v1/faxes", "/v2/about", "/2010-04-01/Accounts/x/Faxes", "/v1/faxes"]
)
@pytest.mark.django_db
def test_programs_are_told_in_english_whatever_they_ask_for(client, path):
    told = client.get(path, headers=GERMAN)
    in_english = client.get(path).content.decode()
    assert _OF_THIS_ONE.sub("", told.content.decode()) == _OF_THIS_ONE.sub("", in_english)
    assert "Content-Language" not in told.headers
    assert "Accept-Language" not in told.headers.get("Vary", "")


def test_what_is_wrong_with_a_request_of_a_program_is_told_in_english(world, client):
    account_speaks(world.northside, "de")
    speak(world.northside.people["admin"], "de")
    wanted = TokenRequest(name="Scanner", kind=KINDS.API_TOKEN, scopes=tuple(Scope))
    token = create_token(world.northside.admin, request=wanted).token
    headers = {"Authorization": f"Bearer {token}", **GERMAN}
    told = client.post("/api/v1/faxes", {"to": "12", "documents": []}, headers=headers)
    assert "fax number" in told.content.decode()


def test_each_reads_a_mail_in_their_own_language_and_else_in_the_accounts(world):
    bill(world.northside.account, balance=5 * CENT, low_balance=6 * CENT)
    account_speaks(world.northside, "de")
    first, second = (world.northside.people[each] for each in ("admin", "member"))
    Membership.objects.filter(user=second, account=world.northside.id).update(role=Role.ADMIN)
    speak(second, "es")
    with translation.override("fr"):  # whatever is spoken around it
        assert low_balance.tell(world.northside.id, now=clock.now())
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert "Faxguthaben" in subjects[first.email]
    assert "saldo" in subjects[second.email]


def test_text_messages_and_ready_made_covers_are_in_the_accounts_language(world, work, send):
    fax = send(world.northside, "+12025550100", notify_sms=["+12025550111"])
    work.run_to_end()
    english = cover_for(world.northside.actor(), written="plain")
    account_speaks(world.northside, "de")
    told = Notification.rows.get(fax=fax)
    assert "zugestellt" in short_text(told)
    assert cover_for(world.northside.actor(), written="plain") != english


def test_what_a_mail_was_refused_for_is_kept_in_no_language():
    kept = mail_words.kept(DocumentError(ErrorCode.DOCUMENT_ENCRYPTED, name="a.pdf"))
    with translation.override("de"):
        german = mail_words.sentence(kept)
    assert "a.pdf" in german
    assert german != mail_words.for_programs(kept)


def test_days_times_and_amounts_are_written_as_the_readers_language_does():
    moment = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
    told = {}
    for language in ("en", "de", "fr", "es"):
        with translation.override(language):
            told[language] = (
                moments.tell(moment, "weekday+time"),
                readable(1_234_560_000, "USD").replace("\xa0", " "),
            )
    with translation.override("de"):
        assert typed("12,50") == typed("12.50") == 12_500_000
    assert told == {
        "en": ("Sunday, 22 November, 2:20 p.m.", "1,234.56 USD"),
        "de": ("Sonntag, 22. November, 14:20", "1.234,56 USD"),
        "fr": ("dimanche 22 novembre, 14:20", "1 234,56 USD"),
        "es": ("domingo, 22 de noviembre, 14:20", "1 234,56 USD"),
    }


def test_an_amount_in_a_refusal_that_was_kept_is_said_as_its_reader_writes_it():
    short = InsufficientCredit(own=True, needed=1234 * 10**6, available=5 * 10**5, currency="EUR")
    kept = json.loads(json.dumps(mail_words.kept(told_money(short))))
    told = {}
    for language in ("en", "de"):
        with translation.override(language):
            told[language] = mail_words.sentence(kept)
    assert "1,234.00 EUR" in told["en"]
    assert "1.234,00 EUR" in told["de"]
    assert "0,50 EUR" in told["de"]
