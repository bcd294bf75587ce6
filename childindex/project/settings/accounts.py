"""How people sign in: passwords, second factors, sessions, and the slowing down of guesses (R 2.01-2.05, T01)."""

from __future__ import annotations

from datetime import timedelta

IDLE_SECONDS = 15 * 60
ABSOLUTE_SECONDS = 12 * 60 * 60

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # Read only: a password kept in an older form is rewritten at the next sign-in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "childindex.access.authentication.AccountBackend",
]

# An account is made by nomination, never by signing oneself up; e-mail is not a way in.
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_ADAPTER = "childindex.web.practitioner.adapters.AccountAdapter"
# The cookie ends with the browser, on a shared computer too; the sitting behind it after SESSION_COOKIE_AGE without use.
ACCOUNT_SESSION_REMEMBER = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Many people share one address behind a school's or council's network, so what is counted by address is generous.
# "login_failed" counts wrong codes of somebody whose password was right.
# "wrong_passwords" counts them for an address whatever the name: one password tried on many names, which no count by name sees.
# "enrol" keeps whoever tries made-up links from filling the ledger.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "10/5m/key",
    "wrong_passwords": "100/15m/ip",
    "enrol": "60/m/ip",
}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True

MFA_ADAPTER = "childindex.access.authentication.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Children's Index"
MFA_RECOVERY_CODE_COUNT = 10

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "childindex.web.practitioner.adapters.address_of"
AXES_LOCKOUT_CALLABLE = "childindex.web.practitioner.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False  # its log lines name the person

SESSION_COOKIE_AGE = IDLE_SECONDS
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
