"""The technical log: what broke and where, never about whom. The ledger is another thing and lives in `audit`."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import Any


class QuietFormatter(logging.Formatter):
    """Writes an exception as its type and the lines of code it passed, without its message: a database's message may quote a child's row."""

    def formatException(  # noqa: N802 - the name is the standard library's
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The exception and those that caused it, innermost last."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
            lines.extend(
                f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            )
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name is the standard library's
        """Nothing: the exception's own lines suffice."""
        del stack_info
        return ""


class NoRequestFilter(logging.Filter):
    """Replaces the address of a request in Django's own lines: an address may have been typed by hand, with a name in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keeps the record, with the status and nothing that was asked for."""
        status = getattr(record, "status_code", "")
        record.msg, record.args = f"request answered with {status}" if status else "request failed", ()
        return True


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: one line per event on standard error, without personal data."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "quiet": {"()": QuietFormatter, "format": "{asctime} {levelname} {name} {message}", "style": "{"}
        },
        "filters": {"no_request": {"()": NoRequestFilter}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "quiet"},
            "requests": {"class": "logging.StreamHandler", "formatter": "quiet", "filters": ["no_request"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # What Django writes by itself names the address asked for; SQL with its values is never written.
            "django.request": {"handlers": ["requests"], "level": "ERROR", "propagate": False},
            "django.security": {"handlers": ["requests"], "level": "WARNING", "propagate": False},
            "django.db.backends": {"handlers": [], "level": "CRITICAL", "propagate": False},
            # Writes what each job was asked to do.
            "procrastinate": {"level": "WARNING"},
            # Names the person who signs in.
            "axes": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
