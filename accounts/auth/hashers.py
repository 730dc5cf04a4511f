"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2(Argon2PasswordHasher):
    """Argon2id as OWASP advises: 19 MiB, two rounds, one lane.

    Django's own figures take 100 MiB for each try, so a few strangers at the log-in would use up
    the memory of a small machine.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
