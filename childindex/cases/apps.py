"""Where Django finds this package's tables."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Requests and reports that somebody must answer."""

    name = "childindex.cases"
    label = "cases"
