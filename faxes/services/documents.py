"""Rows for the stored files of a fax."""

from collections.abc import Sequence

from faxes import vault
from faxes.enums import DocumentRole
from faxes.models import Document, Fax
from faxes.services.intake import KeptFile


def attach(fax: Fax, role: DocumentRole, files: Sequence[KeptFile]) -> None:
    """Give stored files to a fax, in the caller's transaction."""
    vault.named(file.key for file in files)
    Document.objects.bulk_create(
        [
            Document(
                account_id=fax.account_id,
                fax=fax,
                role=role,
                position=position,
                name=file.name,
                media_type=file.media_type,
                key=file.key,
                size=file.size,
                sha256=file.sha256,
                pages=file.pages,
            )
            for position, file in enumerate(files)
        ]
    )
