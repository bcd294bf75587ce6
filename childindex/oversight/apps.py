"""Where Django finds this package."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Reviewing use."""

    name = "childindex.oversight"
    label = "oversight"
