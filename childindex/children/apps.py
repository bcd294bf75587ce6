"""Where Django finds this package's tables."""

from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    """The entry for one child."""

    name = "childindex.children"
    label = "children"
