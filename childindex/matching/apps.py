"""Where Django finds this package's tables."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Whether two records are the same child."""

    name = "childindex.matching"
    label = "matching"
