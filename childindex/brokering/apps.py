"""Where Django finds this package."""

from django.apps import AppConfig


class BrokeringConfig(AppConfig):
    """Ask to be put in touch."""

    name = "childindex.brokering"
    label = "brokering"
