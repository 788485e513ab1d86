"""Every setting comes from the environment (see .env.example). No value here is safe only in development."""

import base64
import binascii
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict


def required(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(f"Set {name} (see .env.example)") from None


def number(name: str, default: int) -> int:
    try:
        return int(os.environ.get(name, default))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number (see .env.example)") from None


def database(url: str) -> dict[str, object]:
    """A Django database from a PostgreSQL connection URL (libpq's own grammar)."""
    parts = conninfo_to_dict(url)
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {key: value for key, value in parts.items() if key not in known.values()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{django: str(parts.get(libpq) or "") for django, libpq in known.items()},
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": {"min_size": 0, "max_size": 16, "timeout": 10}},
        "TEST": {"NAME": os.environ.get("TEST_DATABASE", "test_amparo")},
    }


def key_encryption_keys(text: str) -> list[tuple[str, bytes]]:
    """`name:base64` pairs, the first of which wraps; each is 32 bytes."""
    keys = []
    for pair in text.split(","):
        name, _colon, encoded = pair.strip().partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raw = b""
        if not name or len(raw) != 32:
            raise ImproperlyConfigured("KEY_ENCRYPTION_KEYS must be name:base64-of-32-bytes, separated by commas")
        keys.append((name, raw))
    return keys


def mailer(url: str) -> dict[str, object]:
    """Where mail goes: `smtp://user:password@host:port`, `smtps://…`, `file:///folder` (which also prints it), or
    `anymail+provider://?api_key=…` with the keywords of that provider's backend in django-anymail."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {"BACKEND": "accounts.mail.FolderBackend", "OPTIONS": {"file_path": parts.path}}
    if parts.scheme.startswith("anymail+"):
        provider = parts.scheme.removeprefix("anymail+").replace("-", "_")
        options = {"provider": provider, **dict(parse_qsl(parts.query))}
        return {"BACKEND": "accounts.providers.ProviderBackend", "OPTIONS": options}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            "MAIL_URL must be smtp://host:port, smtps://host:port, file:///folder or anymail+provider://?api_key=…"
        )
    server = {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "timeout": 10,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": server}


CONSOLE = "accounts.texting.Console"


def texter(url: str) -> tuple[str, dict[str, str]]:
    """The class that sends text messages, and its keywords: `console:` (nobody, they are printed), `file:///folder`, or
    `python:package.module.Class?name=value`, one of the firm's own (see accounts.texting)."""
    parts = urlsplit(url)
    if url == "console:":
        return CONSOLE, {}
    if parts.scheme == "file" and parts.path:
        return "accounts.texting.Folder", {"folder": parts.path}
    if parts.scheme == "python" and all(name.isidentifier() for name in parts.path.split(".")):
        return parts.path, dict(parse_qsl(parts.query))
    raise ImproperlyConfigured("SMS_URL must be console:, file:///folder or python:package.module.Class?name=value")


def time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured("FIRM_TIME_ZONE must be a time zone's name, such as America/Chicago") from None


BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False
SECRET_KEY = required("SECRET_KEY")
KEY_ENCRYPTION_KEYS = key_encryption_keys(required("KEY_ENCRYPTION_KEYS"))

# Where we are
PUBLIC_URL = required("PUBLIC_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
LOOPBACK = _public.hostname in {"localhost", "127.0.0.1", "::1"}
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured("PUBLIC_URL must be an http:// or https:// address")
if _public.scheme == "http" and not LOOPBACK:
    raise ImproperlyConfigured("PUBLIC_URL may be http only for localhost")
PORT = number("PORT", 8000)
ALLOWED_HOSTS = [_public.hostname]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "accounts",
    "documents",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "portal.headers.no_store",
    "portal.headers.known_charset",
    "portal.outage.Outage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "accounts.middleware.EnforcePolicy",
    # Signed in first, then CSRF: reading a form's token reads its files, and a stranger's files are never read.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.policy.firm",
            ],
        },
    },
]

# Rows
DATABASES = {"default": database(required("DATABASE_URL"))}
if "DATABASE_OWNER_URL" in os.environ:  # only the migrate step has it
    DATABASES["owner"] = {**database(os.environ["DATABASE_OWNER_URL"]), "TEST": {"MIRROR": "default"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # of these are what the portal found when it looked at itself
    }
}

# Bytes. Time-outs: one dead store must never hold a worker for minutes.
S3_ENDPOINT_URL = required("S3_ENDPOINT_URL")
S3_WEB_ACCESS_KEY_ID = os.environ.get("S3_WEB_ACCESS_KEY_ID", "")  # the web's, for `selftest` alone
S3_WEB_SECRET_ACCESS_KEY = os.environ.get("S3_WEB_SECRET_ACCESS_KEY", "")
UPLOAD_LIMIT = number("UPLOAD_LIMIT_MB", 100) * 1024 * 1024
MATTER_LIMIT = number("MATTER_LIMIT_MB", 10_000) * 1024 * 1024  # of all the files of one matter
WORK_DIR = Path(required("WORK_DIR"))
_s3 = {
    "endpoint_url": S3_ENDPOINT_URL,
    "region_name": required("S3_REGION"),
    "access_key": required("S3_ACCESS_KEY_ID"),
    "secret_key": required("S3_SECRET_ACCESS_KEY"),
    "querystring_auth": False,
    "file_overwrite": False,
    "client_config": Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=20,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=32,
        s3={"addressing_style": "path"},
    ),
}
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    **{
        area: {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**_s3, "bucket_name": required(f"S3_BUCKET_{area.upper()}")},
        }
        for area in ("intake", "vault", "witness")
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".local" / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static", BASE_DIR / ".local" / "vendor"]
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Scanner
CLAMD_ADDRESS = required("CLAMD_ADDRESS")
SCANNER_SIGNATURES = required("SCANNER_SIGNATURES")
if SCANNER_SIGNATURES not in {"official", "test"}:
    raise ImproperlyConfigured("SCANNER_SIGNATURES must be official or test")

# Mail
MAILERS = {"default": mailer(required("MAIL_URL"))}
DEFAULT_FROM_EMAIL = required("MAIL_FROM")

# Text messages
TEXTER = texter(os.environ.get("SMS_URL", "console:"))
TEXTS_ARRIVE = LOOPBACK or TEXTER[0] != CONSOLE  # else who chose them is mailed

# People
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.ContextWords"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # signing up is closed; allauth wants the fields named
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation or a code that was mailed proves the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # accounts.views.sign_in mails them itself
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 0  # accounts.policy decides what is recent
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,3/5m/key,10/h/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "unlock": "10/m/user,30/h/key",  # key: the document
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1  # nginx names the client in X-Forwarded-For; nothing before it is believed
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Amparo"
MFA_RECOVERY_CODES_SHOW_ONCE = True

# Browser
_https = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds()) if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer makes browsers send "Origin: null", which CSRF refuses
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_NAME = "__Host-language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = int(timedelta(days=1).total_seconds())  # accounts.sessions ends them sooner

# Words
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
FIRM_TIME_ZONE = time_zone(os.environ.get("FIRM_TIME_ZONE", "America/Chicago"))  # its day, and when nobody is disturbed

QUIET = {name: {"level": "WARNING"} for name in ("procrastinate", "pikepdf", "botocore", "allauth", "fido2")}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_address": {"()": "portal.logs.WithoutAddress"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_address"]},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    # Django's own request lines carry addresses, and addresses carry tokens.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "CRITICAL"}, **QUIET},
}
