"""Hosts: which the portal answers to, whose each is, and so whose brand is shown and what exists.

On a brand's own host only the accounts below its owner exist. Everywhere else all do.
"""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port

from accounts.auth.confirm import single_sign_on_of
from accounts.models import Account, Membership, User
from accounts.services.brands import BrandView, brand_for_person, brand_of, platform_brand
from accounts.services.domains import House, house_of, is_own
from accounts.tenancy import accounts_of


def know_hosts(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer to proven hosts of brands too; Django refuses all others that settings do not list."""

    def served(request: HttpRequest) -> HttpResponseBase:
        written = request.META.get("HTTP_HOST", "")
        name, _ = split_domain_port(written)
        house = house_of(name) if name and not is_own(name) else None
        given = cast("Any", request)
        if settings.SECURE:  # the proxy speaks TLS: who checks an origin or tells links must know
            given.environ["wsgi.url_scheme"] = "https"
        if house is not None:
            given.house = house
            given.get_host = lambda: written
        return get_response(request)

    return served


def house_on(request: HttpRequest) -> House | None:
    """Whose host was asked for; None on the portal's own."""
    house: House | None = getattr(request, "house", None)
    return house


def is_here(request: HttpRequest, account_id: UUID) -> bool:
    """Whether the account exists on the host that was asked for."""
    house = house_on(request)
    if house is None:
        return True
    account = Account.objects.filter(pk=account_id).first()
    return account is not None and house.holds(account)


def accounts_here(request: HttpRequest, user: User) -> list[Membership]:
    """The person's memberships in accounts that exist on the host that was asked for.

    Who came by an account's identity provider is told of that account only: its administrators
    choose who vouches, and are not to learn where else somebody is.
    """
    vouching = single_sign_on_of(request) if request.user.is_authenticated else None
    found = _in_house(request, user)
    return [each for each in found if vouching in {None, each.account_id}]


def is_known_here(request: HttpRequest | None, user: User) -> bool:
    """Whether a person is anybody on the host that was asked for."""
    if request is None or house_on(request) is None:
        return True
    return bool(_in_house(request, user))


def _in_house(request: HttpRequest, user: User) -> list[Membership]:
    house = house_on(request)
    return [each for each in accounts_of(user) if house is None or house.holds(each.account)]


def brand_on(request: HttpRequest) -> BrandView:
    """The brand that a page shows: of the account at hand, of the host, of the person's account."""
    account: Account | None = getattr(request, "account", None)
    house = house_on(request)
    if account is None and house is not None:
        account = house.account
    if account is not None:
        return brand_of(account)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return brand_for_person(cast("User", user))
    return platform_brand()


def brand_for_mail(request: HttpRequest | None, user: User | None) -> BrandView:
    """The brand of a mail about a log-in: of the host they are on, else of their account."""
    house = house_on(request) if request is not None else None
    if house is not None:
        return brand_of(house.account)
    return brand_for_person(user) if user is not None else platform_brand()


def host_of_passkeys(request: HttpRequest | None) -> str:
    """The host that passkeys are made for: a brand's own, else that of the address people open."""
    house = house_on(request) if request is not None else None
    return house.domain if house else urlsplit(str(settings.BASE_URL)).hostname or "localhost"
