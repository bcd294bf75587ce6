"""Where Django finds the ledger's tables."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The ledger."""

    name = "childindex.audit"
    label = "audit"
