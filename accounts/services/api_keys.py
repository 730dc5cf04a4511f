"""The API key of an account: 64 hexadecimal digits, which programs exchange for a session.

An account has one. Its administrators may look it up again, so that it is kept sealed as well as
digested; and as it opens all that they may, nobody who may less is told it.
"""

import hashlib
import re
import secrets
from typing import Final

from django.db import transaction

from accounts import clock, sealing
from accounts.errors import NotAllowed
from accounts.models import Account, Credential, CredentialKind
from accounts.roles import Action, Role, Scope
from accounts.scoping import Actor
from accounts.services import audit
from accounts.services.credentials import digest_of, is_live, live_credential, shown_by

LENGTH: Final = 64
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX_LENGTH: Final = 10
SEALED_FOR: Final = "api key"


def key_of(actor: Actor) -> str:
    """The key of the actor's account, made if there is none yet.

    Raises:
        NotAllowed: the actor may not do all that the key allows.

    """
    _require_everything(actor)
    with transaction.atomic():
        kept = _kept(_held(actor))
        key = sealing.unseal(kept.sealed, purpose=SEALED_FOR) if kept else ""
        if kept is None or not key:  # or its seal is of a secret that is known no longer
            return _renewed(actor)
        audit.record_look(actor, action="api_key.show", object_type="token", object_id=kept.pk)
    return key


def new_key(actor: Actor) -> str:
    """Another key for the actor's account; the one before, and sessions by it, end at once.

    Raises:
        NotAllowed: the actor may not do all that the key allows.

    """
    _require_everything(actor)
    with transaction.atomic():
        _held(actor)
        return _renewed(actor)


def credential_of_key(key: str) -> Credential | None:
    """The live credential of a key as a program shows it, with its account; or None."""
    if not _KEY.fullmatch(key):
        return None
    found = live_credential(key[:_PREFIX_LENGTH], key)
    return found if found and found.kind == CredentialKind.API_KEY else None


def make_demo_key(account: Account, *, slug: str) -> str:
    """The key of an account of the demonstration, which everybody knows; made where it is not."""
    key = hashlib.sha256(f"demonstration of {slug}".encode()).hexdigest()
    if not Credential.objects.filter(prefix=key[:_PREFIX_LENGTH]).exists():
        _end_all(account)
        _make(account, key, demo=True)
    return key


def _require_everything(actor: Actor) -> None:
    """Let pass who may whatever there is: the key does, so it must tell nobody who may less.

    Nor one who may it only for a while, or from some networks, or in somebody's place.

    Raises:
        NotAllowed

    """
    everything = actor.role == Role.ADMIN and all(actor.may(each) for each in Action)
    shown = shown_by(actor)
    narrowed = shown is not None and (shown.expires_at is not None or shown.networks)
    if not everything or narrowed or actor.on_behalf:
        raise NotAllowed(Action.TOKEN_MANAGE.value)


def _held(actor: Actor) -> Account:
    """The account, held: two who ask at the same time make one key."""
    return Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)


def _kept(account: Account) -> Credential | None:
    rows = Credential.objects.filter(
        account=account, kind=CredentialKind.API_KEY, revoked_at__isnull=True
    )
    return next((each for each in rows.order_by("-id") if is_live(each)), None)


def _renewed(actor: Actor) -> str:
    account = Account.objects.get(pk=actor.account_id)
    key = secrets.token_hex(LENGTH // 2)
    _end_all(account)
    made = _make(account, key)
    audit.record(
        actor,
        action="token.create",
        object_type="token",
        object_id=made.pk,
        kind=made.kind,
        scopes=made.scopes,
    )
    return key


def _end_all(account: Account) -> None:
    keys = Credential.objects.filter(account=account, kind=CredentialKind.API_KEY)
    keys.filter(revoked_at__isnull=True).update(revoked_at=clock.now())


def _make(account: Account, key: str, *, demo: bool = False) -> Credential:
    return Credential.objects.create(
        account=account,
        kind=CredentialKind.API_KEY,
        name="Demonstration" if demo else "API key",
        prefix=key[:_PREFIX_LENGTH],
        digest=digest_of(key),
        sealed=sealing.seal(key, purpose=SEALED_FOR),
        scopes=[each.value for each in Scope],
        demo=demo,
    )
