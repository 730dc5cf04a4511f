"""Which fax machines a mail's domain leads to, and who may send mail to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import GONE, Account, Membership
from accounts.tenancy import in_use, is_in_use
from faxes.models import Faxbox, Number


@dataclass(frozen=True, slots=True)
class MailAccount:
    """An account as far as its mail matters; ``in_use`` is whether it may send."""

    id: UUID
    name: str
    country: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class MailBox:
    """A fax machine; ``senders`` are entries as ``services.mail_senders`` reads them.

    ``owner_email`` is in lower case, and empty without an owner who belongs to the account.
    """

    id: UUID
    account: MailAccount
    senders: tuple[str, ...]
    owner_id: UUID | None
    owner_email: str


@dataclass(frozen=True, slots=True)
class MailPlace:
    """What a domain leads to: fax machines, or with ``account`` all of one account's."""

    boxes: Sequence[MailBox]
    account: MailAccount | None = None


def place_of(domain: str) -> MailPlace | None:
    """What a domain (in lower case) leads to; None if nothing here has it.

    It is a fax machine's own beneath the site's; or the one of an account; or that of an address,
    or the very words, that fax machines were given as their mail address. A domain that is an
    account's leads nowhere else, whatever others gave their fax machines; but whoever makes an
    account by the name of a domain that an older fax machine has draws none of its mails.
    """
    site = "." + settings.MAIL_DOMAIN
    ours = domain.endswith(site)
    if ours and (boxes := _boxes(Q(mail_label=domain.removesuffix(site)))):
        return MailPlace(boxes)
    own = Q(mail_address=domain) | Q(mail_address__endswith=f"@{domain}")
    boxes = [] if ours else _boxes(own & Q(mail_address__isnull=False))
    account = Account.objects.filter(realm=domain).exclude(status__in=GONE).first()
    if account and not any(
        box.account.id != account.pk and box.id < account.pk  # ids grow with time
        for box in boxes
    ):
        told = MailAccount(account.pk, account.name, account.country, is_in_use(account))
        return MailPlace(_boxes(Q(account_id=account.pk)), told)
    return MailPlace(boxes) if boxes else None


def _boxes(wanted: Q) -> list[MailBox]:
    """Fax machines with a number first, the oldest of them first."""
    rows: QuerySet[Faxbox] = Faxbox.objects.across_tenants(why="mail names them by domain")
    belongs = Membership.objects.filter(user_id=OuterRef("owner_id"), account=OuterRef("account"))
    numbers = Number.objects.across_tenants(why="of those fax machines")
    found = list(
        rows.filter(wanted, deleted_at__isnull=True)
        .select_related("owner", "account")
        .annotate(owned=Exists(belongs), numbered=Exists(numbers.filter(faxbox=OuterRef("pk"))))
        .order_by("-numbered", "pk")
    )
    usable = set(
        in_use().filter(pk__in={each.account_id for each in found}).values_list("pk", flat=True)
    )
    return [_box(each, in_use=each.account_id in usable) for each in found]


def _box(row: Faxbox, *, in_use: bool) -> MailBox:
    owner = row.owner if row.owner and row.owner.is_active and row.owned else None  # type: ignore[attr-defined]
    account = row.account
    return MailBox(
        id=row.pk,
        account=MailAccount(account.pk, account.name, account.country, in_use),
        senders=tuple(map(str, row.mail_senders)),
        owner_id=owner.pk if owner else None,
        owner_email=owner.email.lower() if owner else "",
    )
