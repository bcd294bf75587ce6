"""Where Django finds this package's tables."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """What practitioners do to keep an entry right."""

    name = "childindex.upkeep"
    label = "upkeep"
