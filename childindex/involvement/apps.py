"""Where Django finds this package's tables."""

from django.apps import AppConfig


class InvolvementConfig(AppConfig):
    """Which service is involved with which child."""

    name = "childindex.involvement"
    label = "involvement"
