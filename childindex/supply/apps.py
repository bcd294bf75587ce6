"""Where Django finds this package's tables."""

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    """Deliveries and what was rejected of them."""

    name = "childindex.supply"
    label = "supply"
