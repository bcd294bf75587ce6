"""The demo's sign-in sheet: who can be signed in as, and which children are worth searching for. Everybody on it is made up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

CODE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A made-up person who can sign in. `totp_secret` is base32, as an authenticator takes it."""

    role: str
    name: str
    username: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChild:
    """A child worth searching for: why, what to type (form field to text), and what should be seen."""

    why: str
    search: Mapping[str, str]
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSheet:
    """The sheet, kept in a file only its owner can read; that it is there says that the demo's data is complete."""

    accounts: tuple[DemoAccount, ...]
    children: tuple[DemoChild, ...]

    def keep(self, path: Path) -> None:
        """Writes the sheet (mode 0600), whole or not at all."""
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2, ensure_ascii=False)
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> SignInSheet:
        """Reads a sheet that was kept."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            accounts=tuple(DemoAccount(**account) for account in kept["accounts"]),
            children=tuple(DemoChild(**child) for child in kept["children"]),
        )

    def as_json(self, *, url: str) -> dict[str, object]:
        """The object that `childindex demo --json` prints."""
        return {"url": url, **asdict(self)}

    def as_text(self, *, url: str, now: float) -> str:
        """The sheet for a person to read. `now` is seconds since 1970, for the codes that are current then."""
        lines = ["", f"Children's Index (demo, every child is made up): {url}", ""]
        for account in self.accounts:
            code = one_time_code(account.totp_secret, now=now)
            lines.append(f"  {account.role}: {account.name}")
            lines.append(f"      user name {account.username}   password {account.password}   code now {code}")
            lines.append(f"      for an authenticator: {account.totp_secret}")
        if self.children:
            lines += ["", "Children worth searching for:"]
        for child in self.children:
            typed = ", ".join(f"{name.replace('_', ' ')}: {text}" for name, text in child.search.items())
            lines += [f"  {child.why}", f"      type {typed}", f"      expect {child.expect}"]
        lines += [
            "",
            "A code changes every 30 seconds; `childindex demo --codes` prints the current ones. Ctrl-C stops the demo.",
        ]
        return "\n".join(lines)


def one_time_code(secret: str, *, now: float) -> str:
    """The six digits that an authenticator with this base32 secret shows at `now` (RFC 6238)."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, int(now // CODE_SECONDS).to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFF_FFFF) % 1_000_000:06d}"
