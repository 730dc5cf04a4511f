"""Limits on how often programs ask, a minute at a time, which hold over all processes.

A row counts what was taken in the minute. A process takes a slice of the limit at once, in one
guarded UPDATE, and serves requests from it in memory: so the total never exceeds the limit, and
only every so many requests cost a commit. What a process has left when the minute ends is lost.

Tokens that are not right are counted by the address that they come from, and by address and prefix
together, since a prefix is no secret. Names and passwords are counted by the account that they are
for, too. Who is over any of these is refused before anything is looked up,
unless it is with a token that was right in this process before: others at the same address, or such
as know the prefix, lock nobody out who is at work.
"""

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts import clock
from accounts.errors import TooManyRequests
from accounts.models import RateCount
from accounts.prepared import Prepared
from accounts.scoping import Actor
from accounts.services.credentials import parted

WINDOW: Final = 60  # seconds
WRONG_FROM_ADDRESS: Final = 20  # tokens that are not right, a minute
WRONG_WITH_PREFIX: Final = 5
WRONG_FOR_ACCOUNT: Final = 30
PAPERS_FROM_ADDRESS: Final = 20  # that are checked, a minute
_SLICES: Final = 20
_MOST_KNOWN: Final = 20_000  # subjects, and as many right tokens, that a process remembers
_IPV6_NETWORK: Final = 64  # who has one address has all of these


@dataclass(frozen=True, slots=True)
class Standing:
    """How an actor stands with the limit that is nearest: requests, and seconds until it ends.

    ``remaining`` is never more than can be had; ``policy`` tells each limit and whose it is.
    """

    limit: int
    remaining: int
    reset: int
    policy: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Limit:
    subject: UUID
    most: int
    whose: str = ""


@dataclass(slots=True)
class _Share:
    """What this process holds of a limit in a minute; ``full`` once there is no more to take."""

    minute: int
    left: int = 0
    full: bool = False


class RateLimits:
    """What one process holds of all limits. May be asked from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: OrderedDict[UUID, _Share] = OrderedDict()
        self._right: OrderedDict[bytes, None] = OrderedDict()

    def forget(self) -> None:
        """Let go of everything, as a process does that ends."""
        with self._lock:
            self._shares.clear()
            self._right.clear()

    def take(self, actor: Actor) -> Standing | None:
        """Count one request of an actor; how it stands now, None if nothing is limited.

        Raises:
            TooManyRequests: there were as many as may be in this minute.

        """
        limits = _limits_of(actor)
        if not limits:
            return None
        minute, reset = _minute()
        allowed = self._took(limits, minute)
        standing = self._standing(limits, minute, reset)
        if not allowed:
            raise TooManyRequests(retry_after=reset, standing=standing)
        return standing

    def guard(self, token: str, *, address: str, account: str = "") -> None:
        """Let pass a token, or what is shown for an account instead of one, that may be looked up.

        Raises:
            TooManyRequests: too many from this address, with its prefix or for its account from
                there, or for its account at all, were not right lately.

        """
        minute, reset = _minute()
        with self._lock:
            if _digest(token) in self._right:
                return
            shares = [self._share(each, minute) for each in _limits_on(token, address, account)]
            over = any(share.full and not share.left for share in shares)
        if over:
            raise TooManyRequests(retry_after=reset)

    def check_of_paper(self, *, address: str) -> None:
        """Count a paper that somebody has checked, who need not be known here.

        Raises:
            TooManyRequests: too many came from this address in this minute.

        """
        minute, reset = _minute()
        limit = _Limit(_subject(f"papers {_network(address)}"), PAPERS_FROM_ADDRESS)
        if not self._took([limit], minute):
            raise TooManyRequests(retry_after=reset)

    def was_right(self, token: str) -> None:
        """Remember a token that was right."""
        with self._lock:
            digest = _digest(token)
            self._right[digest] = None
            self._right.move_to_end(digest)
            if len(self._right) > _MOST_KNOWN:
                self._right.popitem(last=False)

    def was_wrong(self, token: str, *, address: str, account: str = "") -> None:
        """Count a token that was not right, or what was shown for an account instead of one.

        Raises:
            TooManyRequests: with it there are more than may be in this minute.

        """
        with self._lock:
            self._right.pop(_digest(token), None)
        minute, reset = _minute()
        if not self._took(_limits_on(token, address, account), minute):
            raise TooManyRequests(retry_after=reset)

    def _took(self, limits: Sequence[_Limit], minute: int) -> bool:
        """Whether one could be taken of each limit; otherwise nothing is."""
        while True:
            with self._lock:
                shares = [self._share(each, minute) for each in limits]
                if all(share.left for share in shares):
                    for share in shares:
                        share.left -= 1
                    return True
                if any(share.full and not share.left for share in shares):
                    return False
                empty = [each for each, share in zip(limits, shares, strict=True) if not share.left]
            # Not under the lock: whoever waits for the database must not stop all others.
            for each, (count, full) in _reserved(empty, minute).items():
                with self._lock:
                    share = self._share(each, minute)
                    share.left += count
                    share.full = full

    def _share(self, limit: _Limit, minute: int) -> _Share:
        share = self._shares.get(limit.subject)
        if share is None or share.minute != minute:
            share = self._shares[limit.subject] = _Share(minute)
        self._shares.move_to_end(limit.subject)
        if len(self._shares) > _MOST_KNOWN:
            self._shares.popitem(last=False)
        return share

    def _standing(self, limits: Sequence[_Limit], minute: int, reset: int) -> Standing:
        """The truth as the row tells it now: others may have taken what was free a moment ago."""
        taken = dict(_TAKEN.rows(minute=minute, subjects=[each.subject for each in limits]))
        with self._lock:
            left = {each: self._share(each, minute).left for each in limits}
        free = {
            each: max(0, each.most - taken.get(each.subject, 0)) + left[each] for each in limits
        }
        nearest = min(limits, key=free.__getitem__)
        policy = tuple((each.most, each.whose) for each in limits)
        return Standing(nearest.most, free[nearest], reset, policy)


_TAKEN: Final = Prepared(
    lambda minute, subjects: RateCount.objects.filter(
        minute=minute, subject__in=subjects
    ).values_list("subject", "taken")
)
IN_THIS_PROCESS: Final = RateLimits()


def expire() -> None:
    """Remove the counts of minutes that are over."""
    minute, _ = _minute()
    RateCount.objects.filter(minute__lt=minute - 1).delete()


def _reserved(limits: Sequence[_Limit], minute: int) -> dict[_Limit, tuple[int, bool]]:
    """How many more of each limit this process may serve, and whether those are the last.

    All are taken in one transaction.
    """
    with transaction.atomic():
        # always in the same order, so that two who take of both never wait for each other
        ordered = sorted(limits, key=lambda each: each.subject)
        return {each: _slice_of(each, minute) for each in ordered}


def _slice_of(limit: _Limit, minute: int) -> tuple[int, bool]:
    count = max(1, limit.most // _SLICES)
    row = RateCount.objects.filter(minute=minute, subject=limit.subject)
    if not row.filter(taken__lte=limit.most - count).update(taken=F("taken") + count):
        first = RateCount(minute=minute, subject=limit.subject)
        RateCount.objects.bulk_create([first], ignore_conflicts=True)
        free = limit.most - row.select_for_update().get().taken
        count = max(0, min(count, free))
        row.update(taken=F("taken") + count)
    return count, row.get().taken >= limit.most


def _limits_of(actor: Actor) -> list[_Limit]:
    limits = [_Limit(actor.account_id, settings.API_ACCOUNT_RATE, "account")]
    if actor.credential_id is not None:
        limits.insert(0, _Limit(actor.credential_id, settings.API_RATE, "token"))
    return [each for each in limits if each.most]


def _limits_on(token: str, address: str, account: str) -> list[_Limit]:
    """What counts for a token that is not right: rows tell nobody of it, nor where it came from."""
    named = f"account {account}" if account else parted(token)[0]
    whence = _network(address)
    limits = [
        _Limit(_subject(f"{named} {whence}"), WRONG_WITH_PREFIX),
        _Limit(_subject(whence), WRONG_FROM_ADDRESS),
    ]
    if account:  # what is guessed is a person's password, so it counts from wherever it comes
        limits.append(_Limit(_subject(named), WRONG_FOR_ACCOUNT))
    return limits


def _subject(text: str) -> UUID:
    return UUID(bytes=salted_hmac("rate limits", text, algorithm="sha256").digest()[:16])


def _network(address: str) -> str:
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if isinstance(read, IPv6Address):
        return str(ip_network((read, _IPV6_NETWORK), strict=False))
    return str(read)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _minute() -> tuple[int, int]:
    """The minute since 1970, and the seconds until the next one."""
    now = clock.now().timestamp()
    return int(now // WINDOW), max(1, math.ceil(WINDOW - now % WINDOW))
