from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from childindex.project.sign_in_sheet import DemoAccount, DemoChild, SignInSheet, one_time_code

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(now: int, code: str) -> None:
    """The last six digits of the examples in RFC 6238, appendix B."""
    assert one_time_code(RFC_SECRET, now=now) == code


def _sheet() -> SignInSheet:
    account = DemoAccount(role="practitioner", name="Pat", username="pat", password="pw", totp_secret=RFC_SECRET)
    child = DemoChild(why="misspelt", search={"family_name": "Exampel"}, expect="Example")
    return SignInSheet(accounts=(account,), children=(child,))


def test_a_kept_sheet_is_read_back_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "sheet.json"
    _sheet().keep(path)

    assert SignInSheet.read(path) == _sheet()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_printed_sheet_has_what_signing_in_needs() -> None:
    text = _sheet().as_text(url="http://localhost:1", now=59)
    for part in (
        "http://localhost:1",
        "Pat",
        "user name pat",
        "password pw",
        "code now 287082",
        "family name: Exampel",
    ):
        assert part in text


def test_the_object_for_scripts_has_the_agreed_names() -> None:
    made = _sheet().as_json(url="http://localhost:1")
    assert set(made) == {"url", "accounts", "children"}
