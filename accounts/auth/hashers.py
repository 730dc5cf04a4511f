"""How passwords are kept, and the digests that old clients sign in with."""

from typing import Any

from argon2 import Parameters
from argon2.low_level import Type
from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2(Argon2PasswordHasher):
    """Argon2id as OWASP advises: 19 MiB, two rounds, one lane.

    Django's own figures take 100 MiB for each try, so a few strangers at the log-in would use up
    the memory of a small machine.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1


class DigestArgon2(PortalArgon2):
    """The same for digests of name and password (accounts.services.sign_in_digests).

    These are found by what comes out, which must not change with a library or a new advice: all
    that has a part in it stands here.
    """

    def params(self) -> Any:
        """Argon2id, version 1.3, 32 bytes."""
        return Parameters(
            type=Type.ID,
            version=0x13,
            salt_len=24,
            hash_len=32,
            time_cost=2,
            memory_cost=19 * 1024,
            parallelism=1,
        )
