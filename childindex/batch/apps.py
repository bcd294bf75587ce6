"""Where Django finds this package's jobs."""

from django.apps import AppConfig


class BatchConfig(AppConfig):
    """Commands and scheduled work."""

    name = "childindex.batch"
    label = "batch"
