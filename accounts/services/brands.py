"""Brands: what an account's portal is called and looks like, set by it or inherited from above."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Account, Brand, Logo, Membership, Status, User
from accounts.services import colours
from accounts.services.paths import path_of

PRODUCT: Final = "Fax portal"
_WHY: Final = "a brand comes from all accounts above"


@dataclass(frozen=True, slots=True)
class LogoView:
    """A logo as pages show it; what does not show on a ground stands on a plate there."""

    digest: str
    width: int
    height: int
    shows_on_light: bool
    shows_on_dark: bool

    @property
    def url(self) -> str:
        """Where it is, for everybody and for ever."""
        return reverse("brand-logo", kwargs={"digest": self.digest})


@dataclass(frozen=True, slots=True)
class BrandView:
    """The brand that counts for an account; what nobody set is empty, but for the name.

    ``sender`` is the address that mails come from (the portal's own if it is empty), ``reply_to``
    the one that answers go to. ``base_url`` is the root of links.
    """

    product_name: str = PRODUCT
    accent: str = ""
    logo: LogoView | None = None
    logo_dark: LogoView | None = None
    support_email: str = ""
    support_phone: str = ""
    support_url: str = ""
    sender_name: str = ""
    sender: str = ""
    reply_to: str = ""
    domain: str = ""

    @property
    def base_url(self) -> str:
        """The root of links to the portal, on the brand's own host if it has one."""
        return url_on(self.domain) if self.domain else str(settings.BASE_URL)

    @property
    def sheet_url(self) -> str:
        """The style sheet of the colour; empty without one."""
        return _of_colour("brand-sheet", self.accent)

    @property
    def icon_url(self) -> str:
        """The picture for the browser's tab; empty without a colour."""
        return _of_colour("brand-icon", self.accent)

    @property
    def app_icon_urls(self) -> tuple[str, str]:
        """The pictures for a phone: one as it is, and one to be cut to the phone's own shape."""
        accent = self.accent or colours.DEFAULT
        return _of_colour("brand-icon", accent), _of_colour("brand-icon-full", accent)

    @property
    def has_support(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self.support_email or self.support_phone or self.support_url)

    @property
    def sent_from(self) -> str:
        """The sender of mails, name and address."""
        name, address = parseaddr(str(settings.DEFAULT_FROM_EMAIL))
        own = self.sender_name or (self.product_name if self.product_name != PRODUCT else "")
        return formataddr((own or name, self.sender or address))


def brand_of(account: Account) -> BrandView:
    """The brand of an account: for each part the nearest value upward. One query."""
    path = path_of(account)
    rows = _rows(account_id__in=path)
    return merged(sorted(rows, key=lambda row: path.index(row.account_id), reverse=True))


def brand_with(account: Account, row: Brand) -> BrandView:
    """The brand that an account would have with another row of its own."""
    path = path_of(account)
    above = _rows(account_id__in=path[:-1])
    order = sorted(above, key=lambda each: path.index(each.account_id), reverse=True)
    return merged([row, *order])


def platform_brand() -> BrandView:
    """The brand of who runs the portal: shown to those of whom nothing else is known."""
    return merged(list(_rows(account__parent=None).order_by("account_id")[:1]))


def brand_for_person(user: User) -> BrandView:
    """The brand of the account that a person used last, else of their first."""
    memberships = Membership.objects.select_related("account").filter(user=user)
    accounts = [
        membership.account
        for membership in memberships.exclude(account__status=Status.CLOSED).order_by(
            "account__name", "account_id"
        )
    ]
    last = [account for account in accounts if account.pk == user.last_account_id]
    return brand_of((last or accounts)[0]) if accounts else platform_brand()


def merged(nearest_first: Sequence[Brand]) -> BrandView:
    """One brand of several rows: each part from the first that has it."""
    logos = next((row for row in nearest_first if row.logo or row.logo_dark), None)
    sender = next((row for row in nearest_first if row.sender_address), None)
    address = sender.sender_address if sender else ""
    support = _first(nearest_first, "support_email")
    return BrandView(
        product_name=_first(nearest_first, "product_name") or PRODUCT,
        accent=_first(nearest_first, "accent"),
        # The two belong together: one of them beside another account's would be another logo.
        logo=logo_view(logos.logo or logos.logo_dark) if logos else None,
        logo_dark=logo_view(logos.logo_dark) if logos else None,
        support_email=support,
        support_phone=_first(nearest_first, "support_phone"),
        support_url=_first(nearest_first, "support_url"),
        sender_name=_first(nearest_first, "sender_name"),
        sender=address if sender and may_send_as(sender, address) else "",
        reply_to=address or support,
        domain=next((row.domain for row in nearest_first if is_proven(row)), ""),
    )


def may_send_as(row: Brand, address: str) -> bool:
    """Whether mails may come from an address: one of the domain that the account proved its own.

    Others' mail servers refuse the rest, and nobody shall write in another's name.
    """
    host = address.rpartition("@")[2].lower()
    return is_proven(row) and (host == row.domain or host.endswith(f".{row.domain}"))


def is_proven(row: Brand) -> bool:
    """Whether the account's host name is served."""
    return bool(row.domain) and row.domain_proven_at is not None


def logo_view(logo: Logo | None) -> LogoView | None:
    """A stored logo as pages show it."""
    if logo is None:
        return None
    return LogoView(logo.digest, logo.width, logo.height, logo.shows_on_light, logo.shows_on_dark)


def logo_data(digest: str) -> bytes | None:
    """The picture (PNG) of a logo; None if there is none (any more)."""
    rows = Logo.objects.across_tenants(why="logos are for everybody to see")
    found = rows.filter(digest=digest).values_list("data", flat=True).first()
    return None if found is None else bytes(found)


def url_on(domain: str) -> str:
    """The root of links on another host: scheme and port are the portal's."""
    parts = urlsplit(str(settings.BASE_URL))
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{domain}{port}"


def _rows(**which: object) -> QuerySet[Brand]:
    rows = Brand.objects.across_tenants(why=_WHY).select_related("logo", "logo_dark")
    return rows.defer("logo__data", "logo_dark__data").filter(**which)


def _first(rows: Sequence[Brand], name: str) -> str:
    return next((str(getattr(row, name)) for row in rows if getattr(row, name)), "")


def _of_colour(page: str, accent: str) -> str:
    return reverse(page, kwargs={"name": colours.name_of(accent)}) if accent else ""
