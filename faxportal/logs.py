"""Logs: lines for people or JSON for programs, with the ids of what was at work.

What stands in a message may come from anybody. So it never ends a line or turns it about, is cut
when it is very long, and numbers, tokens and what follows the "?" of an address are not told.
"""

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from accounts.at_work import NAMES, at_work

_WORTH_A_LOOK: Final = frozenset({401, 403, 429})
LONGEST: Final = 8_000  # characters of a message
_LONGEST_TRACE: Final = 16_000
# Whoever reads along must not be fooled: line ends, control and bidirectional characters, blanks
# without width, halves of characters.
_UNFIT: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SECRETS: Final = (
    (re.compile(r"(?i)\b(bearer|basic|digest|token|apikey)([ :=]+)[^\s,;'\"]{6,}"), r"\1\2***"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@'\"]+@"), r"\1***@"),
    (re.compile(r"(?i)(\b(?:password|passwd|secret|pin)['\"]?\s*[:=]\s*)"
                r"('[^']*'|\"[^\"]*\"|[^\s,;&]+)"), r"\1***"),
    (re.compile(r"\b(fx[a-z]_)[\w.-]{4,}"), r"\1***"),  # tokens of ours
    (re.compile(r"(?<=[\w/\])=])\?[^\s'\"<>?]*=[^\s'\"<>]*"), "?***"),
)  # fmt: skip
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Words that look like chance: a token of a link, a key, a digest.
_CHANCE: Final = re.compile(
    rf"({_UUID})|(?<![\w.-])(?=[\w-]*\d)(?:(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{{20,}}"
    r"|(?=[\w-]*[A-Za-z])[A-Za-z0-9-]{32,})(?![\w-])"
)
# A number as it is dialled, however it is written; not times, addresses of networks and ids.
_NUMBER: Final = re.compile(
    rf"({_UUID}|\b\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\d.])\d{1,5}\.\d+(?![\d.])"
    r"|\b0x[0-9a-f]+\b)"
    r"|(?:%2[bB]|\+)?\(?\d(?:[ \u00a0\u2010-\u2015().\-/]{0,3}\d){6,}"
)


def fit(text: str, *, masked: bool = True) -> str:
    """The text as it may stand in a log: one line, without secrets, and numbers by their end."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    text = _CHANCE.sub(lambda found: found[1] or f"{found[0][:4]}***", text)
    if masked:
        text = _NUMBER.sub(_by_its_end, text)
    return _UNFIT.sub(_escaped, text)


def _by_its_end(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    return f"***{''.join(filter(str.isdigit, found[0]))[-4:]}"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    named = {9: r"\t", 10: r"\n", 13: r"\r"}
    return named.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")  # noqa: PLR2004


class _Fit(logging.Formatter):
    """What both forms of a line share."""

    masked = True

    def told(self, record: logging.LogRecord) -> str:
        """The message."""
        try:
            told = record.getMessage()
        except Exception:  # noqa: BLE001 (a message that cannot be put together is told all the same)
            told = f"{record.msg!r} with {len(record.args or ())} arguments"
        return self._short(_without_path(record, told), LONGEST)

    def trouble(self, record: logging.LogRecord) -> str:
        """The traceback, each line of it fit."""
        told = []
        if record.exc_info and record.exc_info[0] is not None:
            told.append(self.formatException(record.exc_info))
        elif record.exc_text:
            told.append(record.exc_text)
        if record.stack_info:
            told.append(self.formatStack(record.stack_info))
        trace = "\n".join(told)
        if len(trace) > _LONGEST_TRACE:  # how it began and where it ended
            half = _LONGEST_TRACE // 2
            trace = f"{trace[:half]}\n… {len(trace) - 2 * half} characters …\n{trace[-half:]}"
        return "\n".join(fit(line, masked=self.masked) for line in trace.split("\n"))

    def _short(self, told: str, most: int) -> str:
        cut = f"… and {len(told) - most} characters" if len(told) > most else ""
        return fit(told[:most], masked=self.masked) + cut


def _without_path(record: logging.LogRecord, told: str) -> str:
    """A path may hold what opens something: the address's pattern stands for it."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    if not isinstance(path, str) or len(path) <= 1:
        return told
    match = getattr(request, "resolver_match", None)
    instead = f"/{match.route}" if match is not None else f"/{path.split('/')[1][:20]}/…"
    return told.replace(path, instead)


class LineFormatter(_Fit):
    """A line for people; a traceback is set in, so that no line of it looks like another's."""

    def __init__(self, *, masked: bool) -> None:
        super().__init__()
        self.masked = masked

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        ids = " ".join(f"{name}={each}" for name, each in _ids(record).items())
        head = f"{self.formatTime(record)} {record.levelname} {fit(record.name)}:"
        line = " ".join(filter(None, [head, self.told(record), f"[{ids}]" if ids else ""]))
        trouble = self.trouble(record)
        return line + "".join(f"\n    {each}" for each in trouble.split("\n") if each)


class JsonLines(_Fit, JsonFormatter):
    """A line for programs: one JSON object."""

    def __init__(self, *, masked: bool) -> None:
        JsonFormatter.__init__(self, json_ensure_ascii=True)
        self.masked = masked

    def format(self, record: logging.LogRecord) -> str:
        """The line; what code says beside its message is not told, since nobody looked at it."""
        told: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": fit(record.name),
            "message": self.told(record),
            **_ids(record),
        }
        if trouble := self.trouble(record):
            told["trace"] = trouble
        return self.serialize_log_record(told)


def _ids(record: logging.LogRecord) -> dict[str, str]:
    known = at_work() or getattr(getattr(record, "request", None), "at_work", {})
    return {name: known[name] for name in NAMES if name in known}


class Refusals(logging.Filter):
    """What the portal refuses as it should is no warning; who may not, or asks too often, is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let all pass, ordinary refusals as what they are."""
        status = getattr(record, "status_code", 0)
        if 400 <= status < 500 and status not in _WORTH_A_LOOK:  # noqa: PLR2004
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def tell_what_nobody_caught() -> None:
    """Have errors that end a process or a thread stand in the log like any other."""
    log = logging.getLogger("faxportal")

    def of_process(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("nobody caught what ended this process", exc_info=(kind, error, trace))

    def of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            name = told.thread.name if told.thread else "?"
            trouble = (told.exc_type, told.exc_value, told.exc_traceback)
            log.critical("nobody caught what ended the thread %s", name, exc_info=trouble)

    sys.excepthook, threading.excepthook = of_process, of_thread


def logging_config(*, level: str, form: str, masked: bool) -> dict[str, Any]:
    """What LOGGING is: one handler for all loggers, also of what others wrote."""
    formatter = {"line": "LineFormatter", "json": "JsonLines"}[form]
    own = {"handlers": ["console"], "propagate": False}
    to_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": f"faxportal.logs.{formatter}", "masked": masked}},
        # The handler has the level too: loggers with a level of their own do not ask the root.
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "ours", "level": level}
        },
        "root": {"handlers": ["console"], "level": level},
        "filters": {"refusals": {"()": "faxportal.logs.Refusals"}},
        "loggers": {
            "django.request": {**to_root, "filters": ["refusals"]},
            "django": {**to_root, "level": "INFO"},  # it would mail errors, and print them twice
            "django.server": {**to_root, "level": "INFO"},
            # django-q attaches a handler of its own to a logger that has none
            "django-q": {**own, "level": "WARNING"},
            "_granian": {**to_root, "level": "WARNING"},
            # it tells whole paths, also of links that open something; ours is below
            "granian.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "weasyprint": {"level": "ERROR"},
            "mail.log": {"level": "WARNING"},  # aiosmtpd tells every address of a mail otherwise
            "fontTools": {"level": "ERROR"},
            "httpx": {"level": "WARNING"},  # it tells each address that it asks
            "httpcore": {"level": "INFO"},  # it tells headers, and so what proves who we are
            "urllib3": {"level": "INFO"},
            "botocore": {"level": "INFO"},
            "boto3": {"level": "INFO"},
            "hpack": {"level": "INFO"},
            "oauthlib": {"level": "INFO"},  # it tells tokens as it makes them
            "requests_oauthlib": {"level": "INFO"},
        },
    }
