"""Many mails, the gateway killed meanwhile, then those who make faxes of them: none twice.

A client that never heard ``250`` hands its mail in again, as all do. ``MAILS_UNDER_FIRE`` makes it
more.
"""

import os
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event

import pytest

from tests.faults.portal import Portal, kill, wait_until
from tests.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

MAILS = int(os.environ.get("MAILS_UNDER_FIRE", "300"))
CLIENTS, MAKERS = 6, 2
DEATHS = (0.25, 0.6)  # of the mails taken, and then of the faxes made
SENDER = "nurse@northside.example"
HELD = "UPDATE faxes_inboundmail SET lease_until = NULL WHERE lease_until IS NOT NULL"
TAKEN = "faxes_inboundmail"
FAXES = "faxes_fax WHERE origin = 'email'"


def letter(number: int) -> bytes:
    told = f"From: {SENDER}\r\nSubject: {number}\r\nMessage-ID: <{number}@northside.example>\r\n"
    return f"{told}\r\nThis is letter {number}.\r\n".encode()


def hand_in(numbers: list[int], port: int, to: str, over: Event) -> int:
    """Hand in mails one after the other, each until it was taken; how often that was tried."""
    tries, client = 0, None
    for number in numbers:
        while True:
            assert not over.is_set()
            tries += 1
            try:
                client = client or smtplib.SMTP("127.0.0.1", port, timeout=30)
                client.sendmail(SENDER, [to], letter(number))
                break
            except (OSError, smtplib.SMTPException):
                if client is not None:
                    client.close()
                client = None
                time.sleep(0.1)
    if client is not None:
        client.quit()
    return tries


@contextmanager
def gateway(portal: Portal, port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A gateway, which is started anew by who kills it."""
    started = [portal.start("manage.py", "smtp_gateway")]
    yield started
    portal.stop(started[-1])


@pytest.mark.long
def test_each_mail_becomes_one_fax_under_fire(portals):
    port = free_port()
    portal = portals(FAXPORTAL_SMTP_PORT=str(port))
    ((label,),) = portal.rows(
        "SELECT mail_label FROM faxes_faxbox JOIN accounts_account a ON a.id = account_id"
        " WHERE a.realm LIKE 'northside%'"
    )
    portal.rows("UPDATE faxes_faxbox SET mail_senders = json_array(?)", SENDER)
    to, over = f"+12025550100@{label}.fax.localhost", Event()
    shares = [list(range(MAILS))[client::CLIENTS] for client in range(CLIENTS)]
    with gateway(portal, port) as started, ThreadPoolExecutor(CLIENTS) as clients:
        wait_until(lambda: is_open(port), 60, portal.log)
        began = time.monotonic()
        handing_in = [clients.submit(hand_in, each, port, to, over) for each in shares]
        try:
            for part in DEATHS:
                wait_for(portal, TAKEN, part)
                kill(started[-1])
                started[-1].wait()
                started.append(portal.start("manage.py", "smtp_gateway"))
            tries = sum(each.result(150) for each in handing_in)
        finally:
            over.set()
        took = time.monotonic() - began
    print(f"{MAILS} mails, {tries} tries, {MAILS / took:.0f} a second")  # noqa: T201 (on failure)
    assert portal.count(TAKEN) == portal.count(f"{TAKEN} WHERE state = 'spooled'") == MAILS
    assert tries > MAILS, "some were handed in again"

    began = time.monotonic()
    makers = [portal.start("-m", "tests.faults.mails") for _ in range(MAKERS)]
    for part in DEATHS:
        wait_for(portal, FAXES, part)
        kill(makers[-1])
        portal.rows(HELD)  # as time does; whoever lives on loses what they are at, and does no harm
        makers.append(portal.start("-m", "tests.faults.mails"))
    for maker in makers:
        maker.wait(200)
    while portal.count(f"{TAKEN} WHERE state = 'spooled'"):
        portal.rows(HELD)
        portal.start("-m", "tests.faults.mails").wait(200)
    print(f"{MAILS / (time.monotonic() - began):.0f} faxes a second")  # noqa: T201
    assert portal.count(FAXES) == MAILS
    subjects = {subject for (subject,) in portal.rows("SELECT subject FROM faxes_fax")}
    assert subjects == {str(number) for number in range(MAILS)}
    assert portal.count("faxes_notification WHERE kind = 'accepted'") == MAILS


def wait_for(portal: Portal, rows: str, part: float) -> None:
    """Wait until so many are there."""
    wait_until(lambda: portal.count(rows) >= part * MAILS, 200, portal.log)


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
