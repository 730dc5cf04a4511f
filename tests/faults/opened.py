"""Stored objects as they were before they were sealed, from a portal's folder alone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from faxes.keyring.site import SecretKey
from faxes.keyring.stream import Opened, SealBroken

ROW = (
    "SELECT account_id, keyring_accountkey.wrapped, keyring_objectkey.wrapped"
    " FROM keyring_objectkey JOIN keyring_accountkey USING (account_id) WHERE id = ?"
)


def object_id(key: str) -> str:
    """The id of an object, also from the key of what is kept beside it."""
    return key.rpartition("/")[2].partition(".")[0]


def opened(data: Path, key: str) -> bytes | None:
    """What is stored under a key; None if it does not open, or not any more."""
    with closing(sqlite3.connect(data / "keys.sqlite3", timeout=20)) as database:
        row = database.execute(ROW, [object_id(key)]).fetchone()
    if row is None:
        return None
    account, of_account, of_object = row
    site = SecretKey((data / "site_key").read_text())
    secret = aes_key_unwrap(site.unwrap(of_account, UUID(account)), of_object)
    try:
        with Opened((data / "documents" / key).open("rb"), key=secret, name=key) as file:
            return file.read()
    except SealBroken:
        return None
