"""What Django and allauth are told about our accounts: settings name these two classes."""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import lru_cache

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy
from nacl.secret import SecretBox


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """Password and second factor say who somebody is; whether they may come in is the gate's to say.

    So a closed account gets through here like any other, and the gate tells its owner which condition lapsed and whom to
    ring. Answering "wrong password" instead would be untrue, and an answer of its own would tell a guesser more.
    """

    def user_can_authenticate(self, user: AbstractBaseUser | AnonymousUser | None) -> bool:
        """Every account there is."""
        return user is not None


@lru_cache(maxsize=1)
def _box(key: str) -> SecretBox:
    return SecretBox(b64decode(key))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's hooks for second factors: their secrets are encrypted before they reach the database.

    The key stands in the settings of the processes that sign people in, and nowhere in the database.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That code is not right or has been used. Enter the newest one.")
    }

    def encrypt(self, text: str) -> str:
        """The text in a secret box, in base64."""
        return b64encode(_box(settings.SECOND_FACTOR_KEY).encrypt(text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; raises nacl's CryptoError where the key is another or somebody changed the row."""
        return _box(settings.SECOND_FACTOR_KEY).decrypt(b64decode(encrypted_text)).decode()
