"""Stored objects as they were before they were sealed, from a portal's keys and objects alone."""

from uuid import UUID

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from faxes.keyring.site import SecretKey
from faxes.keyring.stream import Opened, SealBroken
from tests.faults.sources import Keys, Source


def object_id(key: str) -> str:
    """The id of an object, also from the key of what is kept beside it."""
    return key.rpartition("/")[2].partition(".")[0]


def opened(source: Source, keys: Keys, key: str) -> bytes | None:
    """What is stored under a key; None if it does not open, or not any more."""
    if (row := keys.get(object_id(key))) is None:
        return None
    account, of_account, of_object = row
    site = SecretKey(source.site_key)
    secret = aes_key_unwrap(site.unwrap(of_account, UUID(account)), of_object)
    try:
        with Opened(source.stream(key), key=secret, name=key) as file:
            return file.read()
    except SealBroken:
        return None
