"""Runs Django's migrations, and makes the one table that is Django's own but not a migration's."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command


def django_migrate(*, verbosity: int) -> None:
    """Brings every package's tables up to date and creates the cache's table. Django must be set up as the owner."""
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", settings.CACHES["default"]["LOCATION"], verbosity=0)
