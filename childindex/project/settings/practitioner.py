"""The practitioner and console site, the worker, and every command of the command line."""

from __future__ import annotations

from childindex.project.settings.base import *  # noqa: F403 - Django reads settings from one module's names

ROOT_URLCONF = "childindex.project.urls"
WSGI_APPLICATION = "childindex.project.wsgi.application"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
CSRF_FAILURE_VIEW = "childindex.web.design.errors.csrf_failure"
