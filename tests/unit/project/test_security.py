"""Django's own check of a deployment, on the settings a live installation gets."""

from __future__ import annotations

import os
import subprocess
import sys

from childindex.project.folders import CHECKOUT
from tests.unit.project.test_environment import LIVE


def _run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", *arguments]
    return subprocess.run(
        command, env={"PATH": os.defpath, **settings}, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def test_a_live_installation_passes_djangos_deployment_check() -> None:
    live = {**LIVE, "SECRET_KEY": "q8%Gz!aB4^" * 7, "CHILDINDEX_PROCESS": "web"}
    result = _run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **live)
    assert result.returncode == 0, result.stderr


def test_cookies_are_bound_to_the_site_and_end_after_fifteen_minutes() -> None:
    program = (
        "import childindex.project.settings.practitioner as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_AGE, s.SESSION_SAVE_EVERY_REQUEST, s.DEBUG,"
        " s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )
    result = _run("-c", program, **LIVE)
    assert result.stdout.split() == [
        "__Host-session",
        "__Host-csrf",
        "True",
        "True",
        "True",
        "900",
        "True",
        "False",
        "False",
    ]
