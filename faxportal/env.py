"""Every environment variable of the portal, once: name, kind, default, meaning, secret or not."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from environ import Env

_env = Env()


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting from the environment."""

    name: str
    kind: str
    default: str
    meaning: str
    secret: bool = False


VARIABLES: Final = (
    Variable("FAXPORTAL_DATA", "path", "var", "Folder of everything the portal keeps by itself."),
    Variable("FAXPORTAL_PORT", "int", "8000", "Port of the web server."),
    Variable("FAXPORTAL_SMTP_PORT", "int", "8025", "Port of the mail gateway."),
    Variable("FAXPORTAL_BIND", "str", "127.0.0.1", "Address that the web server listens on."),
    Variable(
        "FAXPORTAL_BASE_URL", "str", "", "Address people open; http://localhost:PORT if empty."
    ),
    Variable(
        "FAXPORTAL_HOSTS",
        "list",
        "localhost,127.0.0.1,[::1]",
        "Host names that the portal answers to.",
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
        "FAXPORTAL_RETRY_SCALE",
        "float",
        "",
        "Factor on the waits between tries; 1 if empty, 0.02 in demonstration mode.",
    ),
    Variable("FAXPORTAL_WEB_WORKERS", "int", "2", "Web server processes."),
    Variable("FAXPORTAL_WORKERS", "int", "2", "Task worker processes."),
    Variable("FAXPORTAL_LINES", "int", "8", "Calls that the embedded line carries at once."),
    Variable("FAXPORTAL_SWEEP_SECONDS", "float", "2", "How often due and abandoned work is found."),
    Variable("FAXPORTAL_MAX_UPLOAD_MB", "int", "30", "Largest document, in megabytes."),
    Variable("FAXPORTAL_MAX_DOCUMENTS", "int", "20", "Most documents in one fax."),
    Variable("FAXPORTAL_MAX_PAGES", "int", "500", "Most pages in one fax."),
    Variable("FAXPORTAL_MAX_RECIPIENTS", "int", "100", "Most numbers in one submission."),
    Variable(
        "FAXPORTAL_FETCH_ALLOW",
        "list",
        "",
        "Networks of the operator's own that outside addresses may lead to.",
    ),
    Variable("FAXPORTAL_LOG_LEVEL", "str", "INFO", "Least severe level that is logged."),
    Variable(
        "DATABASE_URL", "url", "", "Database; SQLite in the data folder if empty.", secret=True
    ),
    Variable(
        "EMAIL_URL", "url", "", "Outgoing mail; files in the data folder if empty.", secret=True
    ),
    Variable("FAXPORTAL_MAIL_FROM", "str", "Fax portal <fax@localhost>", "Sender of the mails."),
    Variable("AWS_STORAGE_BUCKET_NAME", "str", "", "S3 bucket; the data folder if empty."),
    Variable("AWS_S3_ENDPOINT_URL", "str", "", "S3 server; Amazon's if empty."),
    Variable("AWS_S3_REGION_NAME", "str", "", "S3 region."),
    Variable("AWS_S3_ADDRESSING_STYLE", "str", "auto", "S3 addressing: auto, path or virtual."),
    Variable("AWS_ACCESS_KEY_ID", "str", "", "S3 access key.", secret=True),
    Variable("AWS_SECRET_ACCESS_KEY", "str", "", "S3 secret key.", secret=True),
)
_BY_NAME: Final = {variable.name: variable for variable in VARIABLES}


def text(name: str) -> str:
    """The variable as it is written, or its default."""
    return str(_env.str(name, default=_BY_NAME[name].default))


def flag(name: str) -> bool:
    """The variable as yes or no."""
    return text(name).strip().lower() in {"1", "true", "yes", "on"}


def number(name: str) -> int:
    """The variable as a whole number; ``ValueError`` names the variable."""
    return int(decimal(name))


def decimal(name: str) -> float:
    """The variable as a number; ``ValueError`` names the variable."""
    try:
        return float(text(name))
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text(name)!r}") from None


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


def table() -> str:
    """Every variable as docs/settings.md shows it."""
    rows = [
        f"| `{each.name}` | {each.kind} | {f'`{each.default}`' if each.default else ''} "
        f"| {each.meaning}{' Secret.' if each.secret else ''} |"
        for each in VARIABLES
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Every setting comes from the environment; none is needed. A `FAXPORTAL_` name that",
            "is not listed here is an error, since it is most likely misspelt.",
            "",
            "| variable | kind | default | meaning |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(table())
