from __future__ import annotations

import logging

from childindex.project.logs import NoRequestFilter, QuietFormatter


def _failing_record() -> logging.LogRecord:
    try:
        try:
            raise KeyError("Amelia Example, 999 123 4567")
        except KeyError as error:
            raise ValueError("born 2015-01-01") from error
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    return logging.LogRecord("childindex", logging.ERROR, __file__, 1, "a page failed", None, info)


def test_an_exception_is_logged_by_type_and_place_and_never_by_its_message() -> None:
    written = QuietFormatter("{message}", style="{").format(_failing_record())

    assert "builtins.ValueError" in written
    assert "builtins.KeyError" in written
    assert "test_logs.py:" in written
    for value in ("Amelia", "999", "2015"):
        assert value not in written


def test_the_address_of_a_request_is_not_logged() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Not Found: %s", ("/Amelia",), None)
    record.status_code = 404

    assert NoRequestFilter().filter(record)
    assert record.getMessage() == "request answered with 404"
