"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from childindex.web.console import team

urlpatterns = [
    path("team", team.team, name="team"),
    path("team/<uuid:account_id>/reset", team.reset, name="reset_second_factor"),
]
