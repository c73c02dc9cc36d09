"""Django's settings: the environment, read once, over defaults that run a city from one folder.

| variable | meaning | default |
| --- | --- | --- |
| MAHALLEH_VAR | the city's folder | `var` below the working folder |
| MAHALLEH_DATABASE_URL | the database | SQLite in the city's folder |
| MAHALLEH_HOSTS | host names that are served, comma separated | this machine only |
| MAHALLEH_ADDRESS | the city's address as people are told it, as `https://host:port` | the first host |
| MAHALLEH_HTTPS | `1`: cookies for https alone, HSTS | `1` unless only this machine is served |
| MAHALLEH_PROXIES | addresses of web servers in front: `10.0.0.2,10.1.0.0/24` | this machine |
| MAHALLEH_SECRET_KEY | signs sessions | a file that is made in the city's folder |
| MAHALLEH_AUDIT_KEY | chains the audit log | another such file |
| MAHALLEH_DASK | a Dask scheduler that does the heavy parts, as `tcp://host:8786` | this machine's cores |
| MAHALLEH_MAIL_URL | `smtp://user:password@host:port` for mail | no mail: an administrator hands links over |
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from mahalleh_site.city import city_or_default
from mahalleh_site.installed import INSTALLED_APPS as INSTALLED_APPS
from mahalleh_site.people.keys.seal import Cost

HERE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("MAHALLEH_VAR", "var")).resolve()
CITY = city_or_default(VAR)

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = [host for host in os.environ.get("MAHALLEH_HOSTS", "").split(",") if host] or LOOPBACK
HTTPS = os.environ.get("MAHALLEH_HTTPS", "0" if ALLOWED_HOSTS == LOOPBACK else "1") == "1"
ADDRESS = os.environ.get("MAHALLEH_ADDRESS", "")  # read through ui.address
DEBUG = False
# the web servers in front whose word on a visitor's address is taken; by default one on this machine
PROXIES = [each for each in os.environ.get("MAHALLEH_PROXIES", "").split(",") if each] or [
    "127.0.0.0/8",
    "::1",
]


def _kept_key(variable: str, name: str) -> str:
    """The key of the environment, or one kept in the city's folder that this account alone can read."""
    if given := os.environ.get(variable):
        return given
    path = VAR / name
    if not path.exists() and VAR.exists() and os.access(VAR, os.W_OK):
        draft = VAR / f".{name}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was quicker: its key is the city's
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip() if path.exists() else secrets.token_urlsafe(48)


SECRET_KEY = _kept_key("MAHALLEH_SECRET_KEY", "secret-key")
AUDIT_KEY = _kept_key("MAHALLEH_AUDIT_KEY", "audit-key")  # apart: the other one may have to be changed

MIDDLEWARE = [
    "mahalleh_site.ui.middleware.SecurityHeaders",  # outermost: errors and static files carry them too
    "mahalleh_site.ui.proxy.Proxies",  # before anything asks for an address or a scheme
    "django.middleware.security.SecurityMiddleware",  # to https, and HSTS
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mahalleh_site.ui.unread.Unread",
    "mahalleh_site.ui.middleware.PublicPageCache",  # before sessions: a public page never touches one
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "mahalleh_site.people.middleware.NothingSuspended",  # outside the next one, which would keep requests
    "allauth.account.middleware.AccountMiddleware",
    "mahalleh_site.people.middleware.StaffSecondFactor",
    "mahalleh_site.people.keys.unlocking.SealCookie",
    "mahalleh_site.people.known_browser.KnownBrowser",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "mahalleh_site.urls"
HOME = "home"  # the name of the first page's address
WSGI_APPLICATION = "mahalleh_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "mahalleh_site.ui.context.site",
            ],
        },
    },
]

# --- stores
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("MAHALLEH_DATABASE_URL", f"sqlite:///{VAR / 'mahalleh.sqlite3'}"), conn_max_age=60
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction takes its write lock at once and waits, instead of failing when it first writes
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA secure_delete=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _in_memory(city: Path) -> str:
    """A folder of this account and city that no disk keeps and no backup copies, where the system has one."""
    memory = Path("/dev/shm")  # noqa: S108  # nosec B108: a folder of one's own in it, and its owner is looked at
    folder = memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    return str(folder / f"mahalleh-{os.geteuid()}-{hashlib.sha256(bytes(city)).hexdigest()[:16]}")


_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 3600}
CACHES = {
    "default": {  # counts of attempts, and used codes: one table for all processes, in this machine's memory
        "BACKEND": "mahalleh_site.people.shared_counts.SharedCounts",
        "LOCATION": _in_memory(VAR),
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # apart, so that a flood of addresses cannot push those counts out; packed, some 10 KB a page
    "pages": {**_MEMORY, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 2000}},
}
DASK = os.environ.get("MAHALLEH_DASK", "")
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- people
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [  # slow in memory too: a stolen table should be as dear to guess as the seal
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "mahalleh_site.people.validators.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "mahalleh_site.people.validators.NotCommon"},
    {"NAME": "mahalleh_site.people.validators.NotOneself"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an administrator, who knows the person
ACCOUNT_ADAPTER = "mahalleh_site.people.adapters.ByInvitation"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# our own count of wrong passwords knows browsers (people.adapters): a page that is asked for is no guess
ACCOUNT_RATE_LIMITS = {"login": None}
ACCOUNT_FORMS = {
    "login": "mahalleh_site.people.sign_in_forms.SignIn",
    "reauthenticate": "mahalleh_site.people.sign_in_forms.Again",
    "change_password": "mahalleh_site.people.sign_in_forms.NewPassword",  # nosec B105: the name of a form
}
MFA_ADAPTER = "mahalleh_site.people.adapters.SealedFactors"
MFA_FORMS = {
    "authenticate": "mahalleh_site.people.sign_in_forms.Code",
    "reauthenticate": "mahalleh_site.people.sign_in_forms.CodeAgain",
    "activate_totp": "mahalleh_site.people.sign_in_forms.FirstCode",
    "add_webauthn": "mahalleh_site.people.sign_in_forms.NewKey",
    "edit_webauthn": "mahalleh_site.people.sign_in_forms.KeyName",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = CITY.names["en"]
MFA_TOTP_TOLERANCE = 1  # a code that ran out while it was typed still opens (RFC 6238, section 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = HOME

SEAL_COST = Cost()  # of one guess of a password that wraps a key

SESSION_COOKIE_AGE = 30 * 60  # idle limit: every request renews it
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # how long an invitation holds
CSRF_FAILURE_VIEW = "mahalleh_site.ui.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the machine itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler"
]  # never onto the disk in clear
FILE_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024  # three photos; a larger request is refused unread
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
PHOTO_PATIENCE = 15  # seconds that a post waits for its photos to be drawn

# --- language and time
LANGUAGE_CODE = CITY.language
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CITY.timezone
USE_THOUSAND_SEPARATOR = True

# --- files: of this account alone, whatever the umask; what the public may have is served, not lent
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
LEAFLET_CONFIG = {"TILES": [], "ATTRIBUTION_PREFIX": "", "RESET_VIEW": False, "SCALE": "metric"}

# --- mail
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # a link for an account belongs in no log
EMAIL_TIMEOUT = 10  # seconds that an administrator may wait
DEFAULT_FROM_EMAIL = CITY.contact if "@" in CITY.contact else f"mahalleh@{ALLOWED_HOSTS[0]}"
HAS_MAIL = bool(mail := os.environ.get("MAHALLEH_MAIL_URL", ""))
if HAS_MAIL:
    parts = urlsplit(mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = parts.hostname or "localhost", parts.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(parts.username or ""), unquote(parts.password or "")
    EMAIL_USE_TLS = parts.scheme == "smtp" and bool(parts.username)
    EMAIL_USE_SSL = parts.scheme == "smtps"

# --- logs: structured, and without anything about who asked (see logs.py)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mahalleh_site.logs.Formatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        "nowhere": {"class": "logging.NullHandler"},  # without any handler Python writes to stderr by itself
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "mahalleh": {"level": "INFO"},
        "mahalleh_site": {"level": "INFO"},
        "django.server": {"handlers": ["nowhere"], "propagate": False},
        # what a visitor was refused, and when, is nobody's business
        "django.request": {"level": "ERROR"},
        "django.security": {"handlers": ["nowhere"], "propagate": False},
    },
}
