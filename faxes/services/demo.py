"""The demonstration: one platform, two resellers, three customers, with secrets known to all."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from accounts import clock
from accounts.errors import DemoOnly
from accounts.models import Account, Credential, CredentialKind, Kind, Membership, User
from accounts.roles import Role
from accounts.services import sign_in_digests
from accounts.services.api_keys import make_demo_key
from accounts.services.codes import code_of
from accounts.services.credentials import create_credential
from accounts.services.tree import create_account
from faxes.models import CoverTemplate, Faxbox, Number
from faxes.services.carriers import embedded_carrier
from faxes.services.demo_brands import make_brand

PASSWORD: Final = "demo-fax-portal"  # noqa: S105 (known to all on purpose)
DEMO_TOKEN: Final = "fxp_demonorthside.demonorthsidedemonstration"  # noqa: S105 (the clinic's)
_SCOPES: Final = ["faxes:read", "faxes:write", "faxes:delete", "account:read", "account:admin"]


@dataclass(frozen=True, slots=True)
class _Demo:
    """One account of the demonstration; ``people`` are roles, ``number`` belongs to customers."""

    slug: str
    name: str
    kind: Kind
    parent: str
    people: tuple[Role, ...]
    number: str = ""
    faxbox: str = ""
    time_zone: str = "America/New_York"

    @property
    def realm(self) -> str:
        return f"{self.slug}.example"


_TEAM: Final = (Role.ADMIN, Role.MEMBER, Role.VIEWER)
ACCOUNTS: Final = (
    _Demo("platform", "Fax Platform", Kind.PLATFORM, "", (Role.ADMIN,)),
    _Demo("harbor", "Harbor Communications", Kind.RESELLER, "platform", (Role.ADMIN,)),
    _Demo("summit", "Summit Telecom", Kind.RESELLER, "platform", (Role.ADMIN,)),
    _Demo(
        "northside", "Northside Clinic", Kind.CUSTOMER, "harbor", _TEAM, "+12025550121", "Reception"
    ),
    _Demo(
        "lakeside",
        "Lakeside Law",
        Kind.CUSTOMER,
        "harbor",
        _TEAM,
        "+13125550122",
        "Front desk",
        "America/Chicago",
    ),
    _Demo(
        "redwood",
        "Redwood Realty",
        Kind.CUSTOMER,
        "summit",
        _TEAM,
        "+14155550123",
        "Office",
        "America/Los_Angeles",
    ),
)

# In the order of their codes, from 0001.
_CODED: Final = ("harbor", "summit", "northside", "lakeside", "redwood", "platform")


@dataclass(frozen=True, slots=True)
class _DemoCover:
    """The cover page of one customer of the demonstration."""

    name: str
    layout: str
    letterhead: str
    footnote: str


_COVERS: Final = {
    "northside": _DemoCover(
        "Clinic letterhead",
        "confidential",
        "Northside Clinic\n1200 Harbor Street, Suite 4\nWashington, DC 20005\n(202) 555-0120",
        "This fax holds health records that the law protects. If it reached you by mistake, please "
        "call (202) 555-0120 at once and destroy every page.",
    ),
    "lakeside": _DemoCover(
        "Law office letterhead",
        "business",
        "Lakeside Law\n41 Lake Shore Plaza\nChicago, IL 60601\n(312) 555-0123",
        "Privileged and confidential. If you are not the person named above, please call us at "
        "(312) 555-0123.",
    ),
    "redwood": _DemoCover(
        "Realty letterhead",
        "plain",
        "Redwood Realty\n9 Grove Street\nSan Francisco, CA 94102\n(415) 555-0124",
        "",
    ),
}


def seed_demo() -> dict[str, Any]:
    """Make the demonstration's accounts where they are missing; all of them, as JSON.

    Raises:
        DemoOnly: this site is no demonstration.

    """
    if not settings.DEMO:
        raise DemoOnly("set FAXPORTAL_DEMO=1: demonstration data has secrets that everybody knows")
    with transaction.atomic(durable=True):
        made: dict[str, Account] = {}
        described = []
        for demo in ACCOUNTS:
            account = Account.objects.filter(realm=demo.realm).first() or _create(demo, made)
            made[demo.slug] = account
        codes = {slug: code_of(made[slug].pk) for slug in _CODED}
        for demo in ACCOUNTS:
            account = made[demo.slug]
            _create_cover(demo, account)
            make_brand(demo.slug, account)
            described.append(_described(demo, account, codes[demo.slug]))
    return {"base_url": settings.BASE_URL, "accounts": described}


def _create(demo: _Demo, made: dict[str, Account]) -> Account:
    account = create_account(
        name=demo.name, kind=demo.kind, realm=demo.realm, parent=made.get(demo.parent)
    )
    account.time_zone = demo.time_zone
    account.save(update_fields=["time_zone"])
    for role in demo.people:
        user = User.objects.create_user(
            _email(demo, role), PASSWORD, name=f"{demo.name} {role.value}", demo=True
        )
        Membership.objects.create(user=user, account=account, role=role)
        sign_in_digests.keep(user, PASSWORD)
    for kind in (CredentialKind.API_TOKEN, CredentialKind.OAUTH_CLIENT):
        create_credential(
            account, kind=kind, name="Demonstration", scopes=_SCOPES, demo=f"demo{demo.slug}"
        )
    if demo.number:
        faxbox = Faxbox.objects.create(
            account=account,
            name=demo.faxbox,
            extension="210",
            header=demo.name,
            station_id=demo.number,
            mail_senders=[rf".*@{re.escape(demo.realm)}"],
        )
        Number.objects.create(
            account=account, e164=demo.number, faxbox=faxbox, carrier=embedded_carrier()
        )
    return account


def _create_cover(demo: _Demo, account: Account) -> None:
    """Give a customer its cover page, unless it has any."""
    cover = _COVERS.get(demo.slug)
    if cover is None or CoverTemplate.objects.for_account(account.pk).exists():
        return
    now = clock.now()
    CoverTemplate.objects.create(
        account=account, created_at=now, updated_at=now, **dataclasses.asdict(cover)
    )


def _email(demo: _Demo, role: Role) -> str:
    return f"{role.value}@{demo.realm}"


def _described(demo: _Demo, account: Account, code: str) -> dict[str, Any]:
    prefixes = dict(
        Credential.objects.filter(account=account, demo=True).values_list("kind", "prefix")
    )
    secret = f"demo{demo.slug}demonstration"
    return {
        "id": str(account.pk),
        "name": account.name,
        "kind": account.kind,
        "code": code,
        "parent": str(account.parent_id) if account.parent_id else None,
        "realm": account.realm,
        "users": [
            {"email": _email(demo, role), "password": PASSWORD, "role": role.value}
            for role in demo.people
        ],
        "api_token": f"{prefixes[CredentialKind.API_TOKEN]}.{secret}",
        "api_key": make_demo_key(account, slug=demo.slug),
        "oauth": {"client_id": prefixes[CredentialKind.OAUTH_CLIENT], "client_secret": secret},
        "numbers": [demo.number] if demo.number else [],
        "faxboxes": [
            {
                "id": str(faxbox.pk),
                "name": faxbox.name,
                "extension": faxbox.extension,
                "number": demo.number,
                "email_address": f"{demo.number.removeprefix('+')}@{account.realm}",
            }
            for faxbox in Faxbox.objects.for_account(account.pk).order_by("name")
        ],
    }
