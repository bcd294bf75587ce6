"""Settings of every site, read from environment variables. The demo needs none; a live installation is told what is missing."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from childindex.project.database import Address, DatabaseError, Process, address_of
from childindex.project.demo_secrets import demo_settings
from childindex.project.environment import Environment
from childindex.project.folders import var_folder
from childindex.project.logs import logging_settings
from childindex.project.settings.accounts import *  # noqa: F403 - Django reads settings from one module's names
from childindex.web.design import headers

_var = var_folder()
_environment = Environment(values=os.environ)
DEMO = _environment.flag("CHILDINDEX_DEMO")
if DEMO:
    _environment = Environment(values={}, generated={**os.environ, **demo_settings(_var)})
PROCESS = Process(_environment.choice("CHILDINDEX_PROCESS", tuple(Process), default=Process.WEB))

# --- What must be set ---------------------------------------------------------------------------------------------------

SECRET_KEY = _environment.text(
    "SECRET_KEY", advice="A long random text that signs sessions and forms; keep it the same over restarts."
)
ALLOWED_HOSTS = _environment.words(
    "ALLOWED_HOSTS", advice="The host names the site is reached by, separated by commas, such as index.example.org."
)
# A process that has an address of its own needs nobody else's, and in production should not have the owner's.
_url = _environment.values.get(f"DATABASE_URL_{PROCESS.name}", "") or _environment.text(
    "DATABASE_URL",
    advice="PostgreSQL 15 or newer, entered as the owner: postgresql://childindex_owner:password@host/childindex.",
)
if PROCESS in {Process.SEALER, Process.MONITOR, Process.AUDIT}:
    LEDGER_FOLDER = _environment.text(
        "LEDGER_FOLDER",
        advice="Where the sealer keeps tiles and checkpoints: outside the database's machine, written by the sealer alone.",
    )
    LEDGER_POLICY = _environment.text(
        "LEDGER_POLICY",
        advice="The file that says whose checkpoints count: the ledger's key, the witnesses, the quorum.",
    )
if PROCESS is Process.SEALER:
    LEDGER_SIGNING_KEY = _environment.text(
        "LEDGER_SIGNING_KEY", advice="Signs checkpoints of the ledger: `childindex ledger-key` makes one."
    )
if PROCESS not in {Process.OWNER, Process.SEALER, Process.MONITOR}:
    LEDGER_TERMS_PUBLIC_KEY = _environment.key(
        "LEDGER_TERMS_PUBLIC_KEY",
        advice="The public half of the key pair that search terms in the ledger are sealed with.",
    )
if PROCESS in {Process.WEB, Process.WORKER}:
    SECOND_FACTOR_KEY = _environment.key(
        "SECOND_FACTOR_KEY",
        advice="Encrypts the secrets of one-time codes in the database; keep it the same over restarts.",
    )
    REVIEW_KEY = _environment.key(
        "REVIEW_KEY", advice="Encrypts what a data steward is shown of a record that waits for a decision."
    )
if PROCESS is Process.AUDIT:
    LEDGER_TERMS_PRIVATE_KEY = _environment.key(
        "LEDGER_TERMS_PRIVATE_KEY", advice="The private half of that pair; only the auditors' process may have it."
    )
if PROCESS is Process.WORKER:
    GUARD_HASH_KEY = _environment.key(
        "GUARD_HASH_KEY", advice="Hashes the search keys of protected children; only the worker may have it."
    )
    GUARD_ENCRYPTION_KEY = _environment.key(
        "GUARD_ENCRYPTION_KEY", advice="Encrypts the hidden fields of protected children; only the worker may have it."
    )
# How many automatic links, and records made new beside somebody, a week's sample asks the stewards of an authority about.
SAMPLE_LINKS = _environment.number("SAMPLE_LINKS", default=60)
SAMPLE_NEAR_MISSES = _environment.number("SAMPLE_NEAR_MISSES", default=40)
# Measurements and journeys ask more than a person may: only where every child is made up can the limits be lifted.
LIMITS_LIFTED = _environment.flag("CHILDINDEX_LIMITS_LIFTED") and DEMO
# Where the same site can be tried out on made-up children; whoever is stopped at their own household is shown the way (R 7.07).
TRAINING_URL = _environment.optional("TRAINING_URL", "")
_behind_proxy = _environment.flag("BEHIND_PROXY")
_level = _environment.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
_environment.complain(error=ImproperlyConfigured)


# --- The database -------------------------------------------------------------------------------------------------------


try:
    _owner = Address.parse(_url)
    _own = address_of(PROCESS, environ=_environment.values, owner=_owner)
except DatabaseError as _error:
    raise ImproperlyConfigured(str(_error)) from _error
if PROCESS is Process.OWNER:
    OWNER_ADDRESS = _owner.parameters
OWN_ADDRESS = _own.text

# A thread of the web server keeps its connection; it is asked whether it still lives before each request.
DATABASES = {
    "default": {**_own.for_django(), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, because what is counted (guesses, used one-time codes) must hold for every process of the site.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "childindex_cache"}}

# The ledger's second sink, on the machine that answers; none only where nothing is served.
_spooled = _environment.optional("LEDGER_SPOOL", str(_var / "ledger-spool"))
LEDGER_SPOOL = None if _spooled == "none" else Path(_spooled)

# Files that suppliers sent, each only while it is on its way into the index.
SPOOL_DIR = _var / "spool"

# --- What is installed --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "procrastinate.contrib.django",
    "childindex.audit",
    "childindex.directory",
    "childindex.access",
    "childindex.children",
    "childindex.shielding",
    "childindex.consent",
    "childindex.matching",
    "childindex.cases",
    "childindex.involvement",
    "childindex.supply",
    "childindex.lookup",
    "childindex.upkeep",
    "childindex.brokering",
    "childindex.oversight",
    "childindex.batch",
    "childindex.web.practitioner",
    "childindex.web.console",
    "childindex.web.design",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_linear_migrations",
]
AUTH_USER_MODEL = "access.Account"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "childindex.web.design.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last, when session, account and language are known: it decides who sees any page at all.
    "childindex.web.practitioner.gate.GateMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "childindex.web.design.environment.environment"},
    },
    {
        # Only what a library brings along and this product has no page of its own for.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# --- Language and time --------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"

# --- Style sheets and pictures ------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = _var / "static"
# Collected files carry a hash in their names and are compressed; before they are collected they are served as they lie.
_collected = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _collected
COLLECTED_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_staticfiles = COLLECTED_STORAGE if _collected else "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": _staticfiles},
}

# --- Security -----------------------------------------------------------------------------------------------------------

DEBUG = False
CONTENT_SECURITY_POLICY = headers.CONTENT_SECURITY_POLICY
_https = not DEMO  # the demo is reached by http://localhost, which browsers treat as safe
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_proxy else None
# Whom tries are counted for: behind a proxy the address it saw last, which nobody can make up.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _behind_proxy else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # web.design's middleware writes X-Frame-Options with the other headers
    "security.W021",  # whether a domain is preloaded in browsers is for its owner to decide
]
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
LANGUAGE_COOKIE_SECURE = _https
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
# A form here is small; whatever is larger is not one of ours.
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS: list[str] = []

LOGGING = logging_settings(_level)
