#!/usr/bin/env python3
"""Django's own commands, for development (makemigrations, shell). Everybody else uses `childindex`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "childindex.project.settings.practitioner")
    os.environ.setdefault("CHILDINDEX_PROCESS", "owner")
    execute_from_command_line(sys.argv)
