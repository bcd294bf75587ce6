"""Reads environment variables into settings, and explains every missing one in a single error."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CURVE25519_KEY_BYTES = 32


class MissingSettingsError(Exception):
    """One or more settings are missing or unreadable; the text lists each with what it is for."""


@dataclass(slots=True)
class Environment:
    """Typed readers of environment variables.

    A reader never raises: it notes the problem and gives back an empty value, and `complain()` raises once with
    the whole list, so that somebody setting up a machine is told everything in one go. `generated` gives the
    value of a setting when none is set, which only the demo has.
    """

    values: Mapping[str, str]
    generated: Mapping[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def optional(self, name: str, default: str = "") -> str:
        """The variable's text, or `default` when it is absent or blank."""
        return self.values.get(name, "").strip() or self.generated.get(name, "") or default

    def text(self, name: str, *, advice: str) -> str:
        """A text that must be set."""
        value = self.optional(name)
        if not value:
            self.problems.append(f"{name} is not set. {advice}")
        return value

    def words(self, name: str, *, advice: str) -> list[str]:
        """A comma-separated list with at least one entry."""
        return [word.strip() for word in self.text(name, advice=advice).split(",") if word.strip()]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True for 1, false for 0; anything else is a problem, because guessing at a security switch is worse."""
        value = self.optional(name, "1" if default else "0")
        if value not in {"0", "1"}:
            self.problems.append(f"{name} is {value!r}. Give 1 for yes or 0 for no.")
        return value == "1"

    def number(self, name: str, *, default: int) -> int:
        """A whole number, zero or more."""
        value = self.optional(name, str(default))
        if not value.isdecimal():
            self.problems.append(f"{name} is {value!r}. Give a whole number.")
            return default
        return int(value)

    def choice(self, name: str, options: tuple[str, ...], *, default: str) -> str:
        """One of the given words."""
        value = self.optional(name, default)
        if value not in options:
            self.problems.append(f"{name} is {value!r}. Give one of: {', '.join(options)}.")
            return default
        return value

    def key(self, name: str, *, advice: str) -> str:
        """A 32-byte key written in base64; stays text, the package that uses it decodes it."""
        value = self.text(name, advice=advice)
        if value and not _is_key(value):
            self.problems.append(f"{name} is not a base64 text of {CURVE25519_KEY_BYTES} bytes. {advice}")
        return value

    def complain(self, *, error: Callable[[str], Exception] = MissingSettingsError) -> None:
        """Raises `error` with every problem noted so far; does nothing if there was none."""
        if not self.problems:
            return
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        raise error(
            f"The settings are not complete:\n{lines}\nAll settings are environment variables; `make demo` needs none of them."
        )


def _is_key(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == CURVE25519_KEY_BYTES
    except (binascii.Error, ValueError):
        return False
