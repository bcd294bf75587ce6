"""Where Django finds this package's tables."""

from django.apps import AppConfig


class LookupConfig(AppConfig):
    """Find a child and see who is involved."""

    name = "childindex.lookup"
    label = "lookup"
