"""Host names of one's own: named, proven at a real name server, served, given up."""

import socket
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.core.management import CommandError, call_command

from accounts.errors import HostInvalid, HostTaken, HostUnproven, NameServiceAway
from accounts.models import AuditEntry, Brand
from accounts.services import domains, name_service
from accounts.services.brands import brand_of

HOST = "fax.quay.example"


class NameServer(threading.Thread):
    """A name server on loopback that knows the TXT records it is told."""

    def __init__(self):
        super().__init__(daemon=True)
        self.records: dict[str, list[str]] = {}
        self.silent = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def run(self):
        while True:
            try:
                asked, whom = self.socket.recvfrom(4096)
            except OSError:
                return
            if asked == b"stop":
                return
            if not self.silent:
                self.socket.sendto(self.answer(dns.message.from_wire(asked)), whom)

    def answer(self, asked):
        question = asked.question[0]
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA
        texts = self.records.get(question.name.to_text(omit_final_dot=True), [])
        if texts:
            quoted = [f'"{text}"' for text in texts]
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


@pytest.fixture
def server(settings):
    server = NameServer()
    server.start()
    settings.DNS_SERVERS = [server.address]
    yield server
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopper:
        stopper.sendto(b"stop", server.socket.getsockname())
    server.join(5)
    server.socket.close()


def test_a_host_is_served_once_its_record_is_there(world, server):
    row = domains.claim_domain(world.harbor.admin, domain=" Fax.Quay.Example. ")
    assert row.domain == HOST
    name, value = domains.record_of(row)
    assert name == f"_faxportal.{HOST}"
    assert not domains.is_served(HOST)
    with pytest.raises(HostUnproven):
        domains.prove_domain(world.harbor.admin)
    server.records[name] = ["v=spf1 -all", value + "x"]
    with pytest.raises(HostUnproven):
        domains.prove_domain(world.harbor.admin)
    assert not domains.is_served(HOST)
    server.records[name] = ["v=spf1 -all", value]
    domains.prove_domain(world.harbor.admin)
    assert domains.is_served(HOST)
    assert brand_of(world.northside.account).base_url == f"http://{HOST}:8000"
    assert not domains.is_served("harbor.localhost"), "the one of before is given up"
    entries = AuditEntry.objects.filter(account_id=world.harbor.id).order_by("number")
    assert [entry.action for entry in entries] == ["brand.domain_claim", "brand.domain_prove"]
    assert HOST not in str([entry.facts for entry in entries])


def test_a_name_server_that_says_nothing_is_told_apart(world, server, monkeypatch):
    monkeypatch.setattr(name_service, "_SECONDS", 0.3)
    domains.claim_domain(world.harbor.admin, domain=HOST)
    server.silent = True
    with pytest.raises(NameServiceAway):
        domains.prove_domain(world.harbor.admin)
    assert not domains.is_served(HOST)


def test_who_names_a_host_first_cannot_keep_its_owner_away(world, server):
    domains.claim_domain(world.harbor.admin, domain=HOST)
    row = domains.claim_domain(world.summit.admin, domain=HOST)
    name, value = domains.record_of(row)
    server.records[name] = [value]
    with pytest.raises(HostUnproven):
        domains.prove_domain(world.harbor.admin)
    domains.prove_domain(world.summit.admin)
    house = domains.house_of(HOST)
    assert house
    assert house.account == world.summit.account
    with pytest.raises(HostTaken):
        domains.claim_domain(world.platform.admin, domain=HOST)
    server.records[name] = [domains.record_of(Brand.rows.get(account=world.harbor.account))[1]]
    with pytest.raises(HostTaken):
        domains.prove_domain(world.harbor.admin)


def test_the_token_of_another_host_proves_nothing(world, server):
    row = domains.claim_domain(world.harbor.admin, domain=HOST)
    old = domains.record_of(row)[1]
    row = domains.claim_domain(world.harbor.admin, domain="fax.pier.example")
    server.records[domains.record_of(row)[0]] = [old]
    with pytest.raises(HostUnproven):
        domains.prove_domain(world.harbor.admin)


@pytest.mark.parametrize(
    "written",
    [
        "", "localhost", "testserver", "192.0.2.1", "[2001:db8::1]", "https://fax.example.com",
        "fax.example.com:8000", "fax_1.example.com", "-x.example.com", "a..example.com",
        "x" * 64 + ".example.com", "fax.example.com/x", "*.example.com", "fax.example.123",
        "a b.example.com", "a." * 130 + "com",
    ],
)  # fmt: skip
def test_what_is_no_host_name_or_the_portals_own_is_refused(world, written):
    with pytest.raises(HostInvalid):
        domains.claim_domain(world.harbor.admin, domain=written)
    assert domains.is_served("harbor.localhost")


def test_a_name_in_other_letters_is_kept_as_the_name_service_has_it(world):
    row = domains.claim_domain(world.harbor.admin, domain="Fäx.example")
    assert row.domain == "xn--fx-via.example"


def test_the_operator_confirms_by_hand(world, capsys):
    with pytest.raises(CommandError):
        call_command("confirm_domain", HOST)
    domains.claim_domain(world.harbor.admin, domain=HOST)
    call_command("confirm_domain", HOST)
    assert "Harbor Communications" in capsys.readouterr().out
    assert domains.is_served(HOST)
    entry = AuditEntry.objects.filter(account_id=world.harbor.id).latest("number")
    assert (entry.action, entry.actor, entry.facts) == (
        "brand.domain_prove",
        "portal",
        {"by": "operator"},
    )


def test_a_host_that_is_given_up_is_answered_to_no_more(world):
    assert domains.is_served("harbor.localhost")
    domains.drop_domain(world.harbor.admin)
    assert not domains.is_served("harbor.localhost")
    assert brand_of(world.northside.account).base_url == "http://localhost:8000"


def test_another_process_knows_within_seconds(world, monkeypatch):
    assert domains.is_served("harbor.localhost")
    Brand.rows.filter(domain="harbor.localhost").update(domain_proven_at=None)
    later = time.monotonic() + domains.REMEMBERED_FOR
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not domains.is_served("harbor.localhost")


@pytest.mark.parametrize(
    ("written", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ],
)
def test_name_servers_are_written_as_people_do(written, address, port):
    server = name_service._server(written)
    assert (server.address, server.port) == (address, port)
