"""Set an account's brand: what is typed is checked, what is left empty is inherited."""

import re
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.errors import LogoInvalid, NotAllowed, TextInvalid
from accounts.models import Account, Brand, Logo
from accounts.roles import Action
from accounts.scoping import Actor
from accounts.services import audit, colours
from accounts.services.brands import BrandView, brand_of
from accounts.tenancy import require

_LINE: Final = 60
_LONGEST_URL: Final = 300
_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ()./-]{2,30}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?")
_MOST_DRAFTS: Final = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo that was decoded and made anew: PNG, pixels, and on what ground it can be seen."""

    png: bytes
    width: int
    height: int
    shows_on_light: bool
    shows_on_dark: bool


@dataclass(frozen=True, slots=True)
class BrandRequest:
    """A brand as it was typed; what is empty is inherited. Logos are named by their digests."""

    product_name: str = ""
    accent: str = ""
    logo: str = ""
    logo_dark: str = ""
    support_email: str = ""
    support_phone: str = ""
    support_url: str = ""
    sender_name: str = ""
    sender_address: str = ""


def own_brand(actor: Actor) -> Brand:
    """What the account set itself; an empty row that is not stored if it set nothing.

    Raises:
        NotAllowed: the actor may not see it, or the account provides for nobody.

    """
    _require(actor)
    rows = Brand.objects.visible_to(actor).select_related("logo", "logo_dark")
    kept = rows.defer("logo__data", "logo_dark__data").first()
    return kept or Brand(account_id=actor.account_id)


def inherited_brand(actor: Actor) -> BrandView:
    """What would count for the account if it set nothing.

    Raises:
        NotAllowed: the actor may not see it.

    """
    _require(actor)
    above = Account.objects.select_related("parent").get(pk=actor.account_id).parent
    return brand_of(above) if above else BrandView()


def drafted(actor: Actor, *, wanted: BrandRequest) -> Brand:
    """The row as it would be; not stored.

    Raises:
        NotAllowed: the actor may not.
        BrandInvalid: something cannot be; the first of it.

    """
    row = own_brand(actor)
    row.product_name = _line(wanted.product_name, "product_name")
    row.accent = colours.checked(wanted.accent) if wanted.accent.strip() else ""
    row.logo = _logo(actor, wanted.logo, "logo")
    row.logo_dark = _logo(actor, wanted.logo_dark, "logo_dark")
    row.support_email = _email(wanted.support_email, "support_email")
    row.support_phone = _phone(wanted.support_phone)
    row.support_url = _url(wanted.support_url)
    row.sender_name = _line(wanted.sender_name, "sender_name")
    row.sender_address = _email(wanted.sender_address, "sender_address")
    return row


def set_brand(actor: Actor, *, wanted: BrandRequest) -> Brand:
    """Set an account's brand; it counts for all accounts below it too, at once.

    Raises:
        NotAllowed: the actor may not, or the account provides for nobody.
        BrandInvalid: something cannot be, and nothing is changed.

    """
    before = own_brand(actor)
    row = drafted(actor, wanted=wanted)
    names = [each.name for each in fields(BrandRequest)]
    columns = [f"{name}_id" if name.startswith("logo") else name for name in names]
    changed = [name for name in columns if getattr(before, name) != getattr(row, name)]
    with transaction.atomic():
        if before._state.adding:  # noqa: SLF001 (Django's own way to tell)
            Brand.objects.visible_to(actor).get_or_create(account_id=actor.account_id)
        Brand.objects.visible_to(actor).update(**{name: getattr(row, name) for name in columns})
        unused = Logo.objects.visible_to(actor).exclude(pk__in=_used(row))
        unused.delete()
        told = [name.removesuffix("_id") for name in changed]
        audit.record(
            actor,
            action="brand.set",
            object_type="account",
            object_id=actor.account_id,
            changed=told,
        )
    return row


def keep_logo(actor: Actor, *, picture: Picture) -> str:
    """Store a picture, so that a brand may name it; its digest. A few that no brand names are kept.

    Raises:
        NotAllowed: the actor may not.

    """
    row, made = own_brand(actor), logo_row(picture)
    digest = str(made.pop("digest"))
    with transaction.atomic():
        Logo.objects.visible_to(actor).get_or_create(
            digest=digest, account_id=actor.account_id, defaults=made
        )
        drafts = Logo.objects.visible_to(actor).exclude(Q(pk__in=_used(row)) | Q(digest=digest))
        old = drafts.order_by("-created_at").values_list("pk", flat=True)[_MOST_DRAFTS:]
        Logo.objects.visible_to(actor).filter(pk__in=list(old)).delete()
    return digest


def logo_row(picture: Picture) -> dict[str, object]:
    """A picture as the columns of a row."""
    return {
        "digest": sha256(picture.png).hexdigest()[:32],
        "data": picture.png,
        "width": picture.width,
        "height": picture.height,
        "shows_on_light": picture.shows_on_light,
        "shows_on_dark": picture.shows_on_dark,
        "created_at": clock.now(),
    }


def _require(actor: Actor) -> None:
    require(actor, Action.BRAND_MANAGE)
    if not Account.objects.get(pk=actor.account_id).provides:
        raise NotAllowed("a customer has its provider's brand")


def _used(row: Brand) -> list[UUID]:
    return [each for each in (row.logo_id, row.logo_dark_id) if each]


def _logo(actor: Actor, digest: str, field: str) -> Logo | None:
    if not digest:
        return None
    found = Logo.objects.visible_to(actor).defer("data").filter(digest=digest).first()
    if found is None:
        raise LogoInvalid(field)
    return found


def _line(written: str, field: str) -> str:
    text = " ".join(written.split())
    if len(text) > _LINE or not text.isprintable():
        raise TextInvalid(field)
    return text


def _email(written: str, field: str) -> str:
    text = written.strip()
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise TextInvalid(field) from None
    return text


def _phone(written: str) -> str:
    text = " ".join(written.split())
    if text and not _PHONE.fullmatch(text):
        raise TextInvalid("support_phone")
    return text


def _url(written: str) -> str:
    text = written.strip()
    if text:
        try:
            URLValidator(schemes=["https", "http"])(text)
        except ValidationError:
            raise TextInvalid("support_url") from None
    if len(text) > _LONGEST_URL:
        raise TextInvalid("support_url")
    return text
