"""Django's settings, read from the environment (``env.py`` lists every variable)."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from environ import Env

from faxes.enums import Direction, DocumentRole, FaxState, Outcome, Paper, Quality
from faxportal import databases, env
from faxportal.folder import make_private
from faxportal.kept_secrets import kept_secret, kept_site_key, secrets_in
from faxportal.languages import *  # noqa: F403 (settings of Django, by their names)
from faxportal.logs import logging_config
from faxportal.shared import caches, task_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env.check()

# --- Data folder, demonstration ---------------------------------------------------------------
DATA = env.path("FAXPORTAL_DATA")
# Every process of the portal reads these settings: what any of them writes is its user's alone.
os.umask(0o077)
make_private(DATA)
DEMO = env.flag("FAXPORTAL_DEMO")
DEBUG = env.flag("FAXPORTAL_DEBUG")

SECRET_KEY = env.text("FAXPORTAL_SECRET_KEY") or kept_secret(DATA / "secret_key")
SECRET_KEY_FALLBACKS = env.listed("FAXPORTAL_OLD_SECRET_KEYS")

# --- Web --------------------------------------------------------------------------------------
PORT = env.number("FAXPORTAL_PORT")
BASE_URL = env.url("FAXPORTAL_BASE_URL").rstrip("/") or f"http://localhost:{PORT}"
SECURE = BASE_URL.lower().startswith("https://")
ALLOWED_HOSTS = env.listed("FAXPORTAL_HOSTS")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "faxportal.urls"
WSGI_APPLICATION = "faxportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ, TIME_ZONE = True, "UTC"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # of it all that faxportal.operator registers
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_q",
    "drf_spectacular",
    "accounts",
    "faxes",
    "faxes.keyring",
    "faxportal",  # the last one, as it looks over the others
]

MIDDLEWARE = [
    "faxportal.requests.NameRequests",
    *[f"faxes.api.{each}.doors.let_in" for each in ("kazoo", "signalwire", "fax2", "voipnow")],
    "accounts.auth.hosts.know_hosts",
    "faxportal.metrics.ask_by_any_host",
    "django.middleware.security.SecurityMiddleware",
    "faxportal.safety.tell_browsers",
    "faxportal.bodies.limit_bodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.auth.languages.SpeakTheirLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.auth.idle.end_idle",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "faxportal.errors.TellWhatCannotBeOpened",
]

LEAN = ["faxportal.lean.OfFolder", "faxportal.lean.OfApps"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", LEAN)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.portal.context.portal",
            ],
        },
    },
]

# --- REST APIs --------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "faxes.api.native.schema.Described",
    "COMPACT_JSON": True,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Fax portal",
    "DESCRIPTION": "Send, receive and follow faxes.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "faxes.api.native.schema.complete",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Direction": [(each.value, each.value) for each in Direction],
        "FaxStatus": [(each.value, each.value) for each in FaxState],
        "Outcome": [(each.value, each.value) for each in Outcome],
        "Quality": [(each.value, each.value) for each in Quality],
        "Paper": [(each.value, each.value) for each in Paper],
        "DocumentRole": [(each.value, each.value) for each in DocumentRole],
        "AccountKind": [(each, each) for each in ("reseller", "customer")],
        "AccountStatus": [(each, each) for each in ("active", "suspended", "closed")],
        "TokenKind": [(each, each) for each in ("api_token", "api_key", "oauth_client")],
        "NewTokenKind": [(each, each) for each in ("api_token", "oauth_client")],
        "WebhookKind": [(each, each) for each in ("endpoint", "per_fax")],
        "MessageState": [(each, each) for each in ("pending", "delivered", "failed")],
        "CallbackMethod": [(each, each) for each in ("post", "put")],
        "CallbackType": [(each, each) for each in ("json", "www-url-form-encoded")],
        "MailPages": [(each, each) for each in ("link", "pdf", "tiff", "both")],
        "EntryKind": [(each, each) for each in ("top_up", "charge", "fee", "adjustment")],
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_PATCH": False,  # what may be left out is said where it is
}

# --- Database ---------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.parts("DATABASE_URL", Env.db_url_config)
    if env.url("DATABASE_URL")
    else Env.db_url_config(f"sqlite:///{DATA / 'portal.sqlite3'}")
}
# Keys of stored documents lie apart, lest a backup of all else holds both lock and key for years.
if env.url("FAXPORTAL_KEYS_DATABASE_URL"):
    DATABASES["keys"] = env.parts("FAXPORTAL_KEYS_DATABASE_URL", Env.db_url_config)
elif not env.url("DATABASE_URL"):
    DATABASES["keys"] = Env.db_url_config(f"sqlite:///{DATA / 'keys.sqlite3'}")
DATABASE_ROUTERS = ["faxportal.routers.KeysApart"]
DATABASES = {
    name: databases.complete(each, most=env.number("FAXPORTAL_DATABASE_POOL"))
    for name, each in DATABASES.items()
}
# --- Redis --------------------------------------------------------------------------------------
REDIS_URL, REDIS_PREFIX = env.url("REDIS_URL"), env.text("FAXPORTAL_REDIS_PREFIX")
CACHES = caches(in_redis=bool(REDIS_URL))

# --- Keys ---------------------------------------------------------------------------------------
if env.text("FAXPORTAL_SITE_KEYS_FILE"):
    SITE_KEYS = secrets_in(Path(env.text("FAXPORTAL_SITE_KEYS_FILE")))
else:
    SITE_KEYS = env.listed("FAXPORTAL_SITE_KEYS") or [
        kept_site_key(DATA / "site_key", DATABASES.get("keys", DATABASES["default"]))
    ]
SIGNING_FILE = env.text("FAXPORTAL_SIGNING_FILE")
SIGNING_PASSWORD = env.text("FAXPORTAL_SIGNING_PASSWORD")

# --- Documents --------------------------------------------------------------------------------
if env.text("AWS_STORAGE_BUCKET_NAME"):
    _documents: dict[str, Any] = {
        "BACKEND": "faxportal.object_store.ObjectStore",
        "OPTIONS": {
            "bucket_name": env.text("AWS_STORAGE_BUCKET_NAME"),
            "endpoint_url": env.text("AWS_S3_ENDPOINT_URL") or None,
            "region_name": env.text("AWS_S3_REGION_NAME") or None,
            "access_key": env.text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": env.text("AWS_SECRET_ACCESS_KEY") or None,
            "addressing_style": env.choice("AWS_S3_ADDRESSING_STYLE"),
            "file_overwrite": True,  # keys never repeat, so asking first is a wasted round trip
            "default_acl": None,
            "signature_version": "s3v4",
        },
    }
else:
    _documents = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Keys never repeat, but for pictures of pages: those are the same if they do.
        "OPTIONS": {"location": DATA / "documents", "base_url": None, "allow_overwrite": True},
    }
STORAGES = {
    "default": _documents,
    "staticfiles": {"BACKEND": "faxportal.lean_files.LeanFiles"},
}
STATIC_URL = "static/"
STATIC_ROOT = env.text("FAXPORTAL_STATIC") or DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Anything above this streams to a temporary file instead of memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Far more than a fax may have, so that the form itself can say that these are too many.
DATA_UPLOAD_MAX_NUMBER_FILES = max(200, 2 * env.number("FAXPORTAL_MAX_DOCUMENTS"))

# --- Signing in -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.auth.backends.PortalBackend"]
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
]
REQUIRE_SECOND_STEP = env.flag("FAXPORTAL_REQUIRE_SECOND_STEP")
PASSWORD_HASHERS = [
    "accounts.auth.hashers.PortalArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of before; made anew at the next log-in
]
SIGN_IN_DIGEST_HASHER = "accounts.auth.hashers.DigestArgon2"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.auth.adapter.PortalAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by invitation, which proves the address
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
PASSWORD_RESET_TIMEOUT = 3600  # as the mail with the link says
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# "key" is the person in a browser that is known, or in all that are not (accounts.auth.browsers).
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/15m/key"}
ACCOUNT_FORMS = {"reset_password": "accounts.auth.reset.ResetForm"}
MFA_ADAPTER = "accounts.auth.second_step.PortalMFAAdapter"
MFA_FORMS = {"authenticate": "accounts.auth.second_step.CodeForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # invitations prove addresses, see above
MFA_TOTP_TOLERANCE = 1  # clocks of telephones
SOCIALACCOUNT_ADAPTER = "accounts.auth.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # browsers refuse a form that leads to another site (form-action)
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "single-sign-on"
SINGLE_SIGN_ON_PRIVATE = env.flag("FAXPORTAL_SINGLE_SIGN_ON_PRIVATE")
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 60 * env.number("FAXPORTAL_IDLE_MINUTES")
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
# Cookies do not tell ports apart: portals on one host would sign each other's people out.
SESSION_COOKIE_NAME = "__Host-session" if SECURE else f"faxportal_session_{PORT}"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else f"faxportal_csrf_{PORT}"
BROWSER_COOKIE_NAME = "__Host-browser" if SECURE else f"faxportal_browser_{PORT}"
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.number("FAXPORTAL_TRUSTED_PROXIES")

# --- What browsers may do ---------------------------------------------------------------------
SECURITY_CONTACT = env.text("FAXPORTAL_SECURITY_CONTACT")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE and env.flag("FAXPORTAL_HSTS_SUBDOMAINS")
SECURE_SSL_REDIRECT = False  # the proxy in front does it, and health checks come in plain
SILENCED_SYSTEM_CHECKS = (
    [
        "security.W008",  # redirecting to https: the proxy's job, see above
        "security.W005",  # HSTS for subdomains and
        "security.W021",  # preloading: they bind more than this portal, so the domain's owner says
    ]
    if SECURE
    else []
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Mail -------------------------------------------------------------------------------------
if env.text("EMAIL_URL"):
    _mail = env.parts("EMAIL_URL", Env.email_url_config)
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("FAXPORTAL_MAIL_FROM")
MAIL_DOMAIN = env.text("FAXPORTAL_MAIL_DOMAIN").strip().strip(".").lower()
SMS_SENDER, SMS_URL = env.text("FAXPORTAL_SMS_SENDER"), env.url("FAXPORTAL_SMS_URL")
SMS_FOLDER = DATA / "sms"
DELETION_LIST = env.text("FAXPORTAL_DELETION_LIST") or (
    None if env.text("AWS_STORAGE_BUCKET_NAME") else DATA / "deletions"
)

# --- Tasks ------------------------------------------------------------------------------------
Q_CLUSTER = task_settings(workers=env.number("FAXPORTAL_WORKERS"), in_redis=bool(REDIS_URL))

# --- The portal's own -------------------------------------------------------------------------
RETRY_SCALE = (
    env.decimal("FAXPORTAL_RETRY_SCALE")
    if env.text("FAXPORTAL_RETRY_SCALE")
    else (0.02 if DEMO else 1.0)
)
BIND, LINES = env.text("FAXPORTAL_BIND"), env.number("FAXPORTAL_LINES")
WEB_WORKERS = env.number("FAXPORTAL_WEB_WORKERS")
SMTP_BIND, SMTP_PORT = env.text("FAXPORTAL_SMTP_BIND"), env.number("FAXPORTAL_SMTP_PORT")
SMTP_CERT, SMTP_KEY = env.text("FAXPORTAL_SMTP_CERT"), env.text("FAXPORTAL_SMTP_KEY")
SMTP_CONNECTIONS = env.number("FAXPORTAL_SMTP_CONNECTIONS")
SMTP_CONNECTIONS_EACH = env.number("FAXPORTAL_SMTP_CONNECTIONS_EACH")
MAIL_MAX_BYTES = env.number("FAXPORTAL_MAIL_MAX_BYTES")
MAIL_OPEN, MAIL_TRUSTED = env.flag("FAXPORTAL_MAIL_OPEN"), env.networks("FAXPORTAL_MAIL_TRUSTED")
MAIL_AUTHSERV = env.text("FAXPORTAL_MAIL_AUTHSERV").lower()
MAIL_REQUIRE = env.choice("FAXPORTAL_MAIL_REQUIRE")
DNS_SERVERS, PAGE_LANGUAGES = map(env.listed, ("FAXPORTAL_DNS_SERVERS", "FAXPORTAL_PAGE_LANGUAGES"))
FETCH_ALLOW = env.networks("FAXPORTAL_FETCH_ALLOW")
SWEEP_SECONDS = env.decimal("FAXPORTAL_SWEEP_SECONDS")
API_RATE, API_ACCOUNT_RATE = map(env.number, ("FAXPORTAL_API_RATE", "FAXPORTAL_API_ACCOUNT_RATE"))
CLOSE_DAYS, UNDO_SECONDS = map(env.number, ("FAXPORTAL_CLOSE_DAYS", "FAXPORTAL_UNDO_SECONDS"))
MAX_UPLOAD_BYTES = env.number("FAXPORTAL_MAX_UPLOAD_MB") * 1024 * 1024
MAX_DOCUMENTS, MAX_PAGES = env.number("FAXPORTAL_MAX_DOCUMENTS"), env.number("FAXPORTAL_MAX_PAGES")
MAX_PIXELS = env.number("FAXPORTAL_MAX_MEGAPIXELS") * 1_000_000
CONVERT_SECONDS = env.number("FAXPORTAL_CONVERT_SECONDS")
CONVERT_MEMORY_BYTES = env.number("FAXPORTAL_CONVERT_MEMORY_MB") * 1024 * 1024
MAX_RECIPIENTS = env.number("FAXPORTAL_MAX_RECIPIENTS")
UAPI_FILES = env.number("FAXPORTAL_UAPI_FILES")
UAPI_RECIPIENTS = env.number("FAXPORTAL_UAPI_RECIPIENTS")
CARRIER_SECONDS = env.decimal("FAXPORTAL_CARRIER_SECONDS")
CARRIER_PACE = env.decimal("FAXPORTAL_CARRIER_PACE")

# --- Logs -------------------------------------------------------------------------------------
LOG_REQUESTS = env.flag("FAXPORTAL_LOG_REQUESTS")
TELEMETRY = env.flag("FAXPORTAL_TELEMETRY")
METRICS_ALLOW = env.networks("FAXPORTAL_METRICS_ALLOW")
METRICS_PORT = env.number("FAXPORTAL_METRICS_PORT")
LOGGING = logging_config(
    level=env.choice("FAXPORTAL_LOG_LEVEL"),
    form=env.choice("FAXPORTAL_LOG_FORMAT"),
    masked=env.choice("FAXPORTAL_LOG_NUMBERS") == "masked",
)
DEFAULT_EXCEPTION_REPORTER = "faxportal.reports.PlainReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "faxportal.reports.TellsNothing"
