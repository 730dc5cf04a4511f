"""Every environment variable of the portal, once: name, kind, default, meaning, secret or not."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

_YES: Final = ("1", "true", "yes", "on")
_NO: Final = ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting from the environment; an empty one means the default.

    ``choices`` are the words allowed, or for a ``url`` what may stand before ``://``.
    """

    name: str
    kind: str
    default: str
    meaning: str
    secret: bool = False
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    def allowed(self) -> str:
        """What may be given, in words."""
        if self.kind == "bool":
            return f"{', '.join(_YES)} or {', '.join(_NO)}"
        if self.kind == "url":
            return f"an address that begins with {_either([f'{each}://' for each in self.choices])}"
        if self.choices:
            return _either(self.choices)
        sort = "a whole number" if self.kind == "int" else "a number"
        return sort if self.least is None else f"{sort} from {self.least:.10g} to {self.most:.10g}"

    def refusal(self, given: str) -> ImproperlyConfigured:
        """The error that says what is wrong, without telling a secret."""
        what = "what is set" if self.secret else repr(given)
        return ImproperlyConfigured(f"{self.name} must be {self.allowed()}, not {what}.")


def _either(words: tuple[str, ...] | list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


VARIABLES: Final = (
    Variable("FAXPORTAL_DATA", "path", "var", "Folder of everything the portal keeps by itself."),
    Variable("FAXPORTAL_PORT", "int", "8000", "Port of the web server.", least=1, most=65535),
    Variable(
        "FAXPORTAL_SMTP_PORT", "int", "8025", "Port of the mail gateway.", least=1, most=65535
    ),
    Variable("FAXPORTAL_BIND", "str", "127.0.0.1", "Address that the web server listens on."),
    Variable(
        "FAXPORTAL_BASE_URL",
        "url",
        "",
        "Address people open; http://localhost:PORT if empty.",
        choices=("http", "https"),
    ),
    Variable(
        "FAXPORTAL_HOSTS",
        "list",
        "localhost,127.0.0.1,[::1]",
        "Host names that the portal answers to.",
    ),
    Variable(
        "FAXPORTAL_DNS_SERVERS",
        "list",
        "",
        "Name servers that tell whose a brand's host is, as 192.0.2.1:53; the system's if empty.",
    ),
    Variable(
        "FAXPORTAL_TRUSTED_PROXIES",
        "int",
        "0",
        "Proxies in front, which all add to X-Forwarded-For; the address before them is logged.",
        least=0,
        most=10,
    ),
    Variable("FAXPORTAL_DEBUG", "bool", "false", "Show Django's debug pages; never in production."),
    Variable(
        "FAXPORTAL_DEMO",
        "bool",
        "false",
        "Demonstration: fixed log-ins may be loaded, and tries follow each other quickly.",
    ),
    Variable(
        "FAXPORTAL_SECRET_KEY",
        "str",
        "",
        "Signs sessions and links; made and kept in the data folder if empty.",
        secret=True,
    ),
    Variable(
        "FAXPORTAL_OLD_SECRET_KEYS",
        "list",
        "",
        "Secret keys of before, which still open what was sealed and signed with them.",
        secret=True,
    ),
    Variable(
        "FAXPORTAL_SINGLE_SIGN_ON_PRIVATE",
        "bool",
        "false",
        "Identity providers may be on a private network, and without https.",
    ),
    Variable(
        "FAXPORTAL_RETRY_SCALE",
        "float",
        "",
        "Factor on the waits between tries; 1 if empty, 0.02 in demonstration mode.",
        least=0,
        most=100,
    ),
    Variable("FAXPORTAL_WEB_WORKERS", "int", "2", "Web server processes.", least=1, most=64),
    Variable("FAXPORTAL_WORKERS", "int", "2", "Task worker processes.", least=1, most=64),
    Variable(
        "FAXPORTAL_LINES",
        "int",
        "8",
        "Calls that the embedded line carries at once.",
        least=1,
        most=1000,
    ),
    Variable(
        "FAXPORTAL_SWEEP_SECONDS",
        "float",
        "2",
        "How often due and abandoned work is found.",
        least=0.1,
        most=3600,
    ),
    Variable(
        "FAXPORTAL_MAX_UPLOAD_MB",
        "int",
        "30",
        "Largest document, in megabytes.",
        least=1,
        most=2000,
    ),
    Variable(
        "FAXPORTAL_MAX_DOCUMENTS", "int", "20", "Most documents in one fax.", least=1, most=200
    ),
    Variable("FAXPORTAL_MAX_PAGES", "int", "500", "Most pages in one fax.", least=1, most=10000),
    Variable(
        "FAXPORTAL_MAX_MEGAPIXELS",
        "int",
        "40",
        "Largest picture, in millions of pixels.",
        least=4,
        most=1000,
    ),
    Variable(
        "FAXPORTAL_CONVERT_SECONDS",
        "int",
        "60",
        "Most processor time that one document may take to become fax pages.",
        least=5,
        most=80,
    ),
    Variable(
        "FAXPORTAL_CONVERT_MEMORY_MB",
        "int",
        "1024",
        "Most memory that one document may take to become fax pages.",
        least=256,
        most=65536,
    ),
    Variable(
        "FAXPORTAL_MAX_RECIPIENTS",
        "int",
        "100",
        "Most numbers in one submission.",
        least=1,
        most=1000,
    ),
    Variable(
        "FAXPORTAL_CLOSE_DAYS",
        "int",
        "30",
        "Days that a closed account waits, and may be reopened, before all of it is erased.",
        least=1,
        most=3650,
    ),
    Variable(
        "FAXPORTAL_FETCH_ALLOW",
        "list",
        "",
        "Networks of the operator's own that outside addresses may lead to.",
    ),
    Variable(
        "FAXPORTAL_LOG_LEVEL",
        "str",
        "INFO",
        "Least severe level that is logged.",
        choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    ),
    Variable(
        "DATABASE_URL",
        "url",
        "",
        "Database; SQLite in the data folder if empty.",
        secret=True,
        choices=("sqlite", "postgres", "postgresql"),
    ),
    Variable(
        "EMAIL_URL",
        "url",
        "",
        "Outgoing mail; files in the data folder if empty.",
        secret=True,
        choices=("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "dummymail"),
    ),
    Variable("FAXPORTAL_MAIL_FROM", "str", "Fax portal <fax@localhost>", "Sender of the mails."),
    Variable("AWS_STORAGE_BUCKET_NAME", "str", "", "S3 bucket; the data folder if empty."),
    Variable("AWS_S3_ENDPOINT_URL", "str", "", "S3 server; Amazon's if empty."),
    Variable("AWS_S3_REGION_NAME", "str", "", "S3 region."),
    Variable(
        "AWS_S3_ADDRESSING_STYLE",
        "str",
        "auto",
        "S3 addressing: auto, path or virtual.",
        choices=("auto", "path", "virtual"),
    ),
    Variable("AWS_ACCESS_KEY_ID", "str", "", "S3 access key.", secret=True),
    Variable("AWS_SECRET_ACCESS_KEY", "str", "", "S3 secret key.", secret=True),
)
_BY_NAME: Final = {variable.name: variable for variable in VARIABLES}


def text(name: str) -> str:
    """The variable as it is written, or its default if it is not set or empty."""
    return os.environ.get(name, "").strip() or _BY_NAME[name].default


def choice(name: str) -> str:
    """The variable as one of its choices, written as they are."""
    given = text(name)
    for each in _BY_NAME[name].choices:
        if each.lower() == given.lower():
            return each
    raise _BY_NAME[name].refusal(given)


def flag(name: str) -> bool:
    """The variable as yes or no."""
    given = text(name).lower()
    if given not in _YES + _NO:
        raise _BY_NAME[name].refusal(given)
    return given in _YES


def number(name: str) -> int:
    """The variable as a whole number within its bounds."""
    if not re.fullmatch(r"[+-]?[0-9]+", text(name)):
        raise _BY_NAME[name].refusal(text(name))
    return int(decimal(name))


def decimal(name: str) -> float:
    """The variable as a number within its bounds."""
    variable, given = _BY_NAME[name], text(name)
    try:
        value = float(given)
    except ValueError:
        raise variable.refusal(given) from None
    # No bound holds for "nan", which is neither less nor more than anything.
    least = float("-inf") if variable.least is None else variable.least
    most = float("inf") if variable.most is None else variable.most
    if not least <= value <= most:
        raise variable.refusal(given)
    return value


def url(name: str) -> str:
    """The variable as an address of a kind that is allowed, or empty."""
    given, variable = text(name), _BY_NAME[name]
    scheme, mark, rest = given.partition("://")
    if given and not (mark and rest and scheme.lower() in variable.choices):
        raise variable.refusal(given)
    return given


def parts(name: str, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What ``read`` makes of the address in the variable."""
    try:
        return read(url(name))
    except (ValueError, KeyError):
        raise _BY_NAME[name].refusal(text(name)) from None


def check() -> None:
    """Read every variable once.

    Raises:
        ImproperlyConfigured: in one sentence which one is wrong, and what is allowed.

    """
    readers: dict[str, Callable[[str], object]] = {
        "int": number,
        "float": decimal,
        "bool": flag,
        "url": url,
    }
    for each in VARIABLES:
        reader = choice if each.choices and each.kind == "str" else readers.get(each.kind, text)
        if text(each.name):
            reader(each.name)


def listed(name: str) -> list[str]:
    """The variable as a list: its parts between commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def path(name: str) -> Path:
    """The variable as an absolute path."""
    return Path(text(name)).expanduser().resolve()


def unknown_names() -> list[str]:
    """Names that begin as ours do and mean nothing: most likely misspelt."""
    return sorted(
        name for name in os.environ if name.startswith("FAXPORTAL_") and name not in _BY_NAME
    )


def _bounds(variable: Variable) -> str:
    return "" if variable.least is None else f", {variable.least:.10g} to {variable.most:.10g}"


def table() -> str:
    """Every variable as docs/settings.md shows it."""
    rows = [
        f"| `{each.name}` | {each.kind}{_bounds(each)} "
        f"| {f'`{each.default}`' if each.default else ''} "
        f"| {each.meaning}{' Secret.' if each.secret else ''} |"
        for each in VARIABLES
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Every setting comes from the environment; none is needed, and an empty one means its",
            "default. A `FAXPORTAL_` name that is not listed here is an error, since it is most",
            "likely misspelt; so is a value that cannot be meant.",
            "",
            "| variable | kind | default | meaning |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(table())
