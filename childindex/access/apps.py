"""Where Django finds this package's tables."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """People who use the index."""

    name = "childindex.access"
    label = "access"
