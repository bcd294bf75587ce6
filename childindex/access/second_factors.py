"""How allauth keeps second factors here: secrets are encrypted before they reach the database."""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import lru_cache

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from nacl.secret import SecretBox


@lru_cache(maxsize=1)
def _box(key: str) -> SecretBox:
    return SecretBox(b64decode(key))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's hooks. The key stands in the settings of the processes that sign people in, and nowhere in the database."""

    def encrypt(self, text: str) -> str:
        """The text in a secret box, in base64."""
        return b64encode(_box(settings.SECOND_FACTOR_KEY).encrypt(text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; raises nacl's CryptoError where the key is another or somebody changed the row."""
        return _box(settings.SECOND_FACTOR_KEY).decrypt(b64decode(encrypted_text)).decode()
