"""Where Django finds this package's tables."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Organisations, services, areas and suppliers."""

    name = "childindex.directory"
    label = "directory"
