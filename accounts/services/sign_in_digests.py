"""Whom old clients' sign-in names: the MD5 or SHA-1 of "name:password", found by a slow hash of it.

Such a client sends this digest instead of a name and a password, so it is a password to whoever
holds it. The password itself is known only while it is set or typed, so it is then that the slow
hashes are made, for each name of the person. They count as long as that password is theirs.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import sealing
from accounts.models import Membership, SignInDigest, User

METHODS: Final = {"md5": hashlib.md5, "sha": hashlib.sha1}
_PURPOSE: Final = "sign-in digests"
_SALT_LENGTH: Final = 24


def keep(user: User, password: str) -> None:
    """Keep slow hashes for all names of a person whose password this is, where they are missing.

    What was kept for another password or another name goes.
    """
    names, current = _names_of(user), _mark_of(user)
    rows = SignInDigest.objects.filter(user=user)
    kept = Counter(rows.filter(of_password=current).values_list("name", flat=True))
    missing = [name for name in names if kept[name] < len(METHODS)]
    if not missing and set(kept) <= names:
        return
    made = [  # not in the transaction: they take a while
        SignInDigest(user=user, name=name, of_password=current, encoded=encoded)
        for name in missing
        for encoded in _slow(digests_of(name, password))
    ]
    with transaction.atomic():
        rows.exclude(of_password=current, name__in=names).delete()
        SignInDigest.objects.bulk_create(made, ignore_conflicts=True)


def forget_names(user: User) -> None:
    """Let go of what was kept for names that a person has no more."""
    SignInDigest.objects.filter(user=user).exclude(name__in=_names_of(user)).delete()


def people_of(digest: str) -> list[User]:
    """The people whose name and present password have this digest; none if it is no digest.

    One slow hash is made in any case, so that the time tells nothing.
    """
    for salt in _salts():
        rows = SignInDigest.objects.filter(encoded=_hashed(digest, salt)).select_related("user")
        found = [row.user for row in rows if row.of_password == _mark_of(row.user)]
        if found:
            return [each for each in found if may_sign_in(each)]
    return []


def digests_of(name: str, password: str) -> list[str]:
    """What clients send for a name and a password: the MD5 and the SHA-1, in hex."""
    pair = f"{name.lower()}:{password}".encode(errors="surrogatepass")
    return [method(pair, usedforsecurity=False).hexdigest() for method in METHODS.values()]


def may_sign_in(user: User) -> bool:
    """Whether a person may sign in by name and password at all."""
    if user.demo and not settings.DEMO:
        return False
    return user.is_active and user.has_usable_password()


def _names_of(user: User) -> set[str]:
    given = Membership.objects.filter(user=user).exclude(username="")
    return {name.lower() for name in (user.email, *given.values_list("username", flat=True))}


def _mark_of(user: User) -> str:
    """What tells one password of a person from the next: a digest of how it is kept, not of it."""
    return hashlib.sha256(user.password.encode()).hexdigest()


def _salts() -> list[str]:
    """One salt for the whole site, and those of secrets that were in use before."""
    return [key.hex()[:_SALT_LENGTH] for key in sealing.keys_for(_PURPOSE)]


def _slow(digests: Iterable[str]) -> list[str]:
    return [_hashed(each, _salts()[0]) for each in digests]


def _hashed(digest: str, salt: str) -> str:
    hasher = import_string(settings.SIGN_IN_DIGEST_HASHER)()
    return str(hasher.encode(digest, salt))
