"""The pages of the design package alone: its own settings, whatever the rest of the product has set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory, override_settings

from childindex.web.design.headers import CONTENT_SECURITY_POLICY

DESIGN: dict[str, Any] = {
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": [Path(__file__).parent / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"environment": "childindex.web.design.environment.environment"},
        }
    ],
    "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
    "CSRF_FAILURE_VIEW": "childindex.web.design.errors.csrf_failure",
    "DEBUG": False,
    "DEMO": False,
    "LANGUAGE_CODE": "en-gb",
    "MIDDLEWARE": [
        "childindex.web.design.middleware.SecurityHeadersMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    "ROOT_URLCONF": "tests.unit.web.design.site",
    "STATIC_URL": "/static/",
    "STORAGES": {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    "TIME_ZONE": "Europe/London",
    "USE_TZ": True,
}


@pytest.fixture(autouse=True)
def _design_settings() -> Iterator[None]:
    with override_settings(**DESIGN):
        yield


@pytest.fixture
def http() -> RequestFactory:
    """Makes requests that no server has to answer."""
    return RequestFactory()
