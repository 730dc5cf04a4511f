"""Messages for those who are told in other words than ours: what of, and who writes them.

Each dialect says how it writes them, when the site starts; what is told is read when it is sent, so
nothing is told of a fax that was deleted meanwhile but its id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.models import Account, EndpointKind, Shared
from accounts.services.sharing import shared_by
from accounts.services.webhook_queue import Parcel, Worded
from faxes.enums import Happening
from faxes.models import Attempt, Fax, InboundMail


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is to be told, to whom and how.

    ``fax`` and ``mail`` are None once they are deleted, and where the account does not let those
    above it know. Those above never see content, such as names, and numbers perhaps ``masked``.
    """

    message_id: UUID
    hook_id: UUID
    listener_id: UUID  # the account that is told
    account_id: UUID  # the account that it happened in
    realm: str
    object_id: UUID
    at: datetime
    url: str
    options: Mapping[str, Any]
    sees_content: bool
    masked: bool
    key: str = ""  # to sign with, where that is done
    fax: Fax | None = None
    attempt: Attempt | None = None  # the last one
    mail: InboundMail | None = None

    @property
    def happening(self) -> Happening:
        """What happened, to those who are told in one word."""
        return Happening(self.options["word"])


@dataclass(frozen=True, slots=True)
class Posting:
    """A request that tells it, and for how long it may take, in seconds; the usual if None.

    So many ``redirects`` are followed, where it is a GET.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    seconds: float | None = None
    connect_seconds: float = 5.0
    redirects: int = 0


Writer = Callable[[News], Posting]
_WRITERS: Final[dict[EndpointKind, Writer]] = {}


def register(writer: Writer, *kinds: str) -> None:
    """Say who writes for endpoints of these kinds."""
    _WRITERS.update((EndpointKind(kind), writer) for kind in kinds)


def written(parcel: Parcel, worded: Worded) -> Posting:
    """The request that tells in other words what a message is about."""
    return _WRITERS[worded.kind](_news(parcel, worded))


def _news(parcel: Parcel, worded: Worded) -> News:
    account_id = worded.account_id
    within = parcel.account_id == account_id and not worded.options.get("by_provider")
    shared = Shared.FULL if within else shared_by(account_id)
    fax = attempt = mail = None
    if shared == Shared.NONE:
        pass
    elif worded.object_type == "mail":
        mails = InboundMail.objects.for_account(account_id).select_related("faxbox")
        mail = mails.filter(pk=worded.object_id).first()
    else:
        faxes = Fax.objects.for_account(account_id).select_related("faxbox")
        fax = faxes.filter(pk=worded.object_id).first()
        if fax is not None:
            _put_back(fax, worded.options.get("moment", {}))
        tries = Attempt.objects.for_account(account_id).filter(fax_id=worded.object_id)
        attempt = tries.order_by("-number").first()
    return News(
        message_id=parcel.message_id,
        hook_id=worded.endpoint_id,
        listener_id=parcel.account_id,
        account_id=account_id,
        realm=Account.objects.values_list("realm", flat=True).get(pk=account_id),
        object_id=worded.object_id,
        at=worded.at,
        url=parcel.url,
        options=worded.options,
        sees_content=within,
        masked=shared != Shared.FULL,
        key=parcel.secrets[0] if parcel.secrets else "",
        fax=fax,
        attempt=attempt,
        mail=mail,
    )


def _put_back(fax: Fax, moment: Mapping[str, Any]) -> None:
    """Make of a fax what it was at the moment that is told of; the row stays as it is."""
    for name, value in moment.items():
        setattr(fax, name, value)
