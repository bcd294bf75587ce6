"""Where Django finds this package's tables."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """What a child or parent decided."""

    name = "childindex.consent"
    label = "consent"
