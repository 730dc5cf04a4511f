"""VoipNow's words: error codes, the ids of a fax that was taken, and what is sent with its files.

After the vendor's documents of versions 3 and 5 of its UnifiedAPI. Version 3 writes ``id`` as a
text, version 5 as a number, and says beside it where each file is to be put.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

REQUEST: Final = "request"  # the name of the part that says the properties of the fax
_SECONDS: Final = 600  # of a token, where nobody says


class Unreadable(ValueError):
    """What came is not as the document says."""


class Code(StrEnum):
    """Why a fax is not sent, as the vendor's document has it."""

    RECIPIENTS = "fx_recipients_invalid"
    FILE = "fx_file_invalid"
    MAX_FILES = "fx_max_files_reached"
    INTERNAL = "internal_server_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be had; ``code`` is empty where the body does not say."""

    code: str = ""
    message: str = ""

    def written(self) -> dict[str, dict[str, str]]:
        """The body of an error."""
        return {"error": {"code": self.code, "message": self.message}}

    @classmethod
    def read(cls, told: Any) -> Self:
        """Whatever can be read of the body of an error; the token endpoint's has a bare code."""
        error = told.get("error") if isinstance(told, dict) else None
        if isinstance(error, str):
            return cls(error)
        members = error if isinstance(error, dict) else {}
        named = (members.get(name) for name in ("code", "message"))
        return cls(*(each if isinstance(each, str) else "" for each in named))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file is to be put (``PUT``), and the headers to do it with."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """Its members."""
        return {"redirectUri": self.url, "redirectHeaders": dict(self.headers)}


@dataclass(frozen=True, slots=True)
class TakenFax:
    """A fax that was taken. ``targets``: where its files are to be put, if not sent along."""

    id: str
    uid: str = ""
    targets: tuple[Target, ...] = ()

    @property
    def ref(self) -> str:
        """Both ids in one word."""
        return "/".join(filter(None, (self.id, self.uid)))

    def written(self) -> dict[str, Any]:
        """Its members."""
        told: dict[str, Any] = {"id": self.id, "uid": self.uid}
        return told | ({"files": [t.written() for t in self.targets]} if self.targets else {})

    @classmethod
    def read(cls, told: Any) -> Self:
        """The one fax that an answer tells, also where it is a list of one.

        Raises:
            Unreadable: it does not tell of one fax.

        """
        if isinstance(told, list) and len(told) == 1:
            told = told[0]
        if not isinstance(told, dict):
            raise Unreadable("fax")
        files = told.get("files")
        each = files if isinstance(files, list) else []
        targets = tuple(_target(one) for one in each if _is_put_elsewhere(one))
        found = cls(_id(told.get("id")), _id(told.get("uid")), targets)
        if not found.ref:
            raise Unreadable("id")
        return found


def request_part(recipients: Sequence[str]) -> str:
    """The part ``request``: to whom a fax goes."""
    return json.dumps({"recipients": list(recipients)})


def read_token(told: Mapping[str, Any]) -> tuple[str, float]:
    """An access token, and the seconds that it lasts.

    Raises:
        Unreadable: there is none.

    """
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not (token and token.isascii() and token.isprintable()):
        raise Unreadable("access_token")
    try:
        found = 0.0 if seconds is None or isinstance(seconds, bool) else float(seconds)
    except (TypeError, ValueError, OverflowError):
        found = 0.0
    return token, found if found > 0 else float(_SECONDS)


def _is_put_elsewhere(file: Any) -> bool:
    return isinstance(file, dict) and "redirectUri" in file


def _target(file: dict[str, Any]) -> Target:
    url, headers = file["redirectUri"], file.get("redirectHeaders") or {}
    if not isinstance(headers, dict):
        raise Unreadable("redirectHeaders")
    for each in (url, *headers, *headers.values()):
        if not isinstance(each, str) or not (each.isascii() and each.isprintable()):
            raise Unreadable("redirectHeaders")
    return Target(url, headers)


def _id(value: Any) -> str:
    """An id, whichever way it is written; nothing if there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
