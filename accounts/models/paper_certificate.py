"""The certificates that papers are signed with, and were: what is signed stays checkable."""

from django.db import models


class PaperCertificate(models.Model):
    """One certificate; it names no account, as it is the portal that signs."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of it (DER), in hex
    pem = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"certificate {self.digest[:16]}"
