"""Make a program's credential: the secret is shown once, a digest is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from django.conf import settings

from accounts import clock
from accounts.models import Account, Credential, CredentialKind

_MARK = {
    CredentialKind.API_TOKEN: "fxp",
    CredentialKind.API_KEY: "fxk",
    CredentialKind.OAUTH_CLIENT: "fxc",
}


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential at the one moment when its secret is known."""

    credential: Credential
    secret: str

    @property
    def token(self) -> str:
        """What a program sends: prefix and secret in one."""
        return f"{self.credential.prefix}_{self.secret}"


def digest_of(secret: str) -> str:
    """SHA-256 of a secret of 256 random bits, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_credential(
    account: Account,
    *,
    kind: CredentialKind,
    name: str,
    scopes: list[str],
    demo: str = "",
) -> NewCredential:
    """Make a credential with a random secret; ``demo`` gives fixed ones to demonstration data."""
    secret = f"{demo}demonstration" if demo else secrets.token_urlsafe(32)
    prefix = f"{_MARK[kind]}_{demo or secrets.token_hex(5)}"
    credential = Credential.objects.create(
        account=account,
        kind=kind,
        name=name,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=scopes,
        demo=bool(demo),
    )
    return NewCredential(credential, secret)


def credential_for(token: str) -> Credential | None:
    """The live credential of a token as a program sends it, or None."""
    mark, _, rest = token.partition("_")
    name, _, secret = rest.partition("_")
    credential = (
        Credential.objects.select_related("account")
        .filter(prefix=f"{mark}_{name}", revoked_at__isnull=True)
        .first()
    )
    if credential is None or not hmac.compare_digest(credential.digest, digest_of(secret)):
        return None
    if credential.demo and not settings.DEMO:
        return None
    if credential.expires_at is not None and credential.expires_at <= clock.now():
        return None
    return credential
