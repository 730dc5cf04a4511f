"""Every environment variable of the portal, once: name, kind, default, meaning, secret or not."""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ImproperlyConfigured

YES: Final = ("1", "true", "yes", "on")
NO: Final = ("0", "false", "no", "off")


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
            return f"{', '.join(YES)} or {', '.join(NO)}"
        if self.kind == "url":
            return f"an address that begins with {_either([f'{each}://' for each in self.choices])}"
        if self.choices:
            return _either(self.choices)
        if self.kind == "networks":
            return "networks as 192.0.2.0/24 or 2001:db8::/32, with commas between them"
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
    Variable("FAXPORTAL_DELETION_LIST", "str", "", "Deletions; in FAXPORTAL_DATA if empty."),
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
        "FAXPORTAL_SECURITY_CONTACT",
        "str",
        "",
        "Whom to tell of a weakness, as mailto: or https: address; in /.well-known/security.txt.",
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
        "FAXPORTAL_PAGE_LANGUAGES",
        "list",
        "eng",
        "Languages that pages are read in for search, as Tesseract names them: eng,deu.",
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
        "FAXPORTAL_UAPI_FILES",
        "int",
        "10",
        "Most files in one fax handed in at /uapi.",
        least=1,
        most=60,
    ),
    Variable(
        "FAXPORTAL_UAPI_RECIPIENTS",
        "int",
        "50",
        "Most recipients in one request at /uapi.",
        least=1,
        most=1000,
    ),
    Variable(
        "FAXPORTAL_API_RATE",
        "int",
        "600",
        "Requests a minute that a token may make; 0 is no limit.",
        least=0,
        most=1_000_000,
    ),
    Variable(
        "FAXPORTAL_API_ACCOUNT_RATE",
        "int",
        "1200",
        "Requests a minute that all tokens of an account may make together; 0 is no limit.",
        least=0,
        most=1_000_000,
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
        "FAXPORTAL_UNDO_SECONDS",
        "int",
        "10",
        "Seconds in which a fax sent from a page can be undone before it is dialled; 0 for none.",
        least=0,
        most=300,
    ),
    Variable(
        "FAXPORTAL_FETCH_ALLOW",
        "networks",
        "",
        "Networks of the operator's own that outside addresses may lead to, as 192.0.2.0/24.",
    ),
    Variable(
        "FAXPORTAL_CARRIER_SECONDS",
        "float",
        "30",
        "The longest that an answer of a carrier on the internet is waited for, in seconds.",
        least=1,
        most=60,
    ),
    Variable(
        "FAXPORTAL_CARRIER_PACE",
        "float",
        "1",
        "Factor on the pauses between looks at carriers on the internet.",
        least=0.001,
        most=100,
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
        "FAXPORTAL_KEYS_DATABASE_URL",
        "url",
        "",
        "Database of the keys of documents; beside DATABASE_URL's own tables if empty.",
        secret=True,
        choices=("sqlite", "postgres", "postgresql"),
    ),
    Variable(
        "FAXPORTAL_SITE_KEYS",
        "list",
        "",
        "What wraps the keys of documents: the first wraps, all unwrap. Secrets of 32 characters "
        "or more, or kms: and a key of AWS KMS. Made and kept in the data folder if empty.",
        secret=True,
    ),
    Variable(
        "FAXPORTAL_SITE_KEYS_FILE", "str", "", "A file that holds those keys instead, one a line."
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
    Variable(
        "FAXPORTAL_MAIL_DOMAIN",
        "str",
        "fax.localhost",
        "Domain in which each fax machine has its mail domain, as ab12cd34.fax.example.com.",
    ),
    Variable(
        "FAXPORTAL_SMTP_BIND", "str", "127.0.0.1", "Address that the mail gateway listens on."
    ),
    Variable(
        "FAXPORTAL_SMTP_CERT",
        "str",
        "",
        "File of the mail gateway's certificate (PEM); without one it offers no STARTTLS.",
    ),
    Variable("FAXPORTAL_SMTP_KEY", "str", "", "File of that certificate's key; its own if empty."),
    Variable(
        "FAXPORTAL_SMTP_CONNECTIONS",
        "int",
        "100",
        "Connections that the mail gateway has open at once.",
        least=1,
        most=10_000,
    ),
    Variable(
        "FAXPORTAL_SMTP_CONNECTIONS_EACH",
        "int",
        "20",
        "Those that one network address may have, unless it is of a trusted network.",
        least=1,
        most=10_000,
    ),
    Variable(
        "FAXPORTAL_MAIL_MAX_BYTES",
        "int",
        "67108864",
        "Largest mail that is to become a fax; documents grow by a third in a mail.",
        least=1024,
        most=1 << 30,
    ),
    Variable(
        "FAXPORTAL_MAIL_OPEN",
        "bool",
        "false",
        "Everybody may mail to a fax machine without senders and owner; never on the internet.",
    ),
    Variable(
        "FAXPORTAL_MAIL_TRUSTED",
        "networks",
        "",
        "Networks of mail servers before the gateway, whose Authentication-Results are believed.",
    ),
    Variable(
        "FAXPORTAL_MAIL_AUTHSERV",
        "str",
        "",
        "The name by which those servers sign their Authentication-Results.",
    ),
    Variable(
        "FAXPORTAL_MAIL_REQUIRE",
        "str",
        "none",
        "What must have been proven of a mail to become a fax.",
        choices=("none", "spf", "dkim", "dmarc"),
    ),
    Variable(
        "FAXPORTAL_SMS_SENDER",
        "str",
        "faxes.services.sms.FileSender",
        "Class that sends text messages: this one writes files into the data folder, "
        "faxes.services.sms.HttpSender posts them to FAXPORTAL_SMS_URL.",
    ),
    Variable(
        "FAXPORTAL_SMS_URL",
        "url",
        "",
        'Address that is told of each text message, as JSON: {"to": "…", "text": "…"}.',
        secret=True,
        choices=("http", "https"),
    ),
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
