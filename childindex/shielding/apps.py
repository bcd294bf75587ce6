"""Where Django finds this package's tables."""

from django.apps import AppConfig


class ShieldingConfig(AppConfig):
    """Who must not be found."""

    name = "childindex.shielding"
    label = "shielding"
