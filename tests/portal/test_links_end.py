"""What is signed and handed out ends in time; who opens or changes others' is in their own tests.

(Invitations: ``tests/accounts/test_people.py``; pages of a try: ``tests/carriers/test_hooks.py``.)
"""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts import clock
from accounts.auth import browsers
from faxes.errors import RequestError
from faxes.portal import contacts_import, recipients
from tests.world import Tenant, World

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reset_link(tenant: Tenant) -> Callable[[], bool]:
    """The link of a mail to who forgot their password."""
    Client().post("/password/reset/", {"email": tenant.people["admin"].email})
    [link] = re.findall(r"http://[^/]+(/\S*password\S*)", str(mail.outbox[-1].body))

    def works() -> bool:
        return b'type="password"' in Client().get(link, follow=True).content

    return works


def list_in_form(tenant: Tenant) -> Callable[[], bool]:
    """A list of recipients, as it travels in the form of a fax."""
    request = SimpleNamespace(account=tenant.account)
    packed = recipients._packed(request, "a.csv", [("+12025550100", "")]).packed  # type: ignore[arg-type]

    def works() -> bool:
        try:
            return bool(recipients._unpacked(request, packed).each)  # type: ignore[arg-type]
        except RequestError:
            return False

    return works


def book_in_form(tenant: Tenant) -> Callable[[], bool]:
    """An address book that is looked through before it is brought in."""
    request = SimpleNamespace(account=tenant.account)
    packed = contacts_import._packed(request, None, [])  # type: ignore[arg-type]

    def works() -> bool:
        try:
            return contacts_import._unpacked(request, packed) == (None, [])  # type: ignore[arg-type]
        except RequestError:
            return False

    return works


def known_browser(tenant: Tenant) -> Callable[[], bool]:
    """What a browser is known by, so that strangers' failures keep its person not out."""
    email, response = tenant.people["admin"].email, HttpResponse()
    browsers.remember(RequestFactory().get("/"), response, email)
    request = RequestFactory().get("/")
    request.COOKIES = {name: each.value for name, each in response.cookies.items()}
    return lambda: bool(browsers.mark_of(request, email))


@pytest.mark.parametrize(
    ("made", "lasts"),
    [(reset_link, HOUR), (list_in_form, DAY), (book_in_form, DAY), (known_browser, 400 * DAY)],
)
def test_it_is_good_until_its_end_and_not_after(
    world: World, made: Callable[[Tenant], Callable[[], bool]], lasts: timedelta
):
    works = made(world.northside)
    begun = clock.now()
    for late, good in ((-timedelta(minutes=1), True), (timedelta(minutes=1), False)):
        with time_machine.travel(begun + lasts + late, tick=False):
            assert works() is good
