"""The environment variables of what the portal uses: databases, Redis, keys, mail, stores."""

from typing import Final

from faxportal.variable import Variable

SERVERS: Final = (
    Variable(
        "DATABASE_URL",
        "url",
        "",
        "Database; SQLite in the data folder if empty.",
        secret=True,
        choices=("sqlite", "postgres", "postgresql"),
    ),
    Variable(
        "FAXPORTAL_DATABASE_POOL",
        "int",
        "8",
        "Connections to PostgreSQL that a web server process has at most; 0 for one a thread.",
        least=0,
        most=200,
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
        *("REDIS_URL", "url", "", "Redis for jobs and cache; the database if empty."),
        secret=True,
        choices=("redis", "rediss"),
    ),
    Variable("FAXPORTAL_REDIS_PREFIX", "str", "faxportal", "How names in Redis begin."),
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
        "FAXPORTAL_SIGNING_FILE",
        "str",
        "",
        "File of the key that papers are signed with and of its certificate, as PEM or PKCS#12. "
        "Made and kept in the data folder if empty.",
    ),
    Variable("FAXPORTAL_SIGNING_PASSWORD", "str", "", "What opens that file.", secret=True),
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
