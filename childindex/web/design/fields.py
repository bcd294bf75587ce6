"""Form fields that draw as design-system components and clean what people and pasted text bring with them.

`help_text` is the hint. A required field that is left empty says "Enter <label>" or "Select <label>"; give
`error_messages={"required": ...}` for a better sentence. No field here takes more than one line of text: the index has
no free text (R 1.28).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.kernel.dates import PartialDate
from childindex.web.design.dates import read_parts
from childindex.web.design.widgets import DatePartsWidget

# Marks that only steer the direction of text or have no width: invisible, and able to make two names look alike.
# The joiners U+200C and U+200D stay, because Persian and Indic names are spelt with them.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS_ON_A_LETTER = 4

# Composing can shorten a text but never by more than this, so a longer one is refused before any work is done on it.
_MOST_COMPOSED = 4


def _lower_first(label: object) -> str:
    """A label inside a sentence: "Family name" becomes "family name"; "NHS number" and "I agree" stay."""
    text = str(label)
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


_in_a_sentence = lazy(_lower_first, str)


def _say_which(field: forms.Field, given: dict[str, Any] | None, limit: int = 0, **sentences: Any) -> None:
    """Give a field's errors in the words of its own label, unless it has none or the form has given better ones.

    In a sentence `{Label}` stands for the label, `{label}` for the label inside a sentence, `{limit}` for a length.
    """
    if not field.label:
        return
    label = _in_a_sentence(field.label)
    for code, sentence in sentences.items():
        if code not in (given or {}):
            field.error_messages[code] = format_lazy(sentence, Label=field.label, label=label, limit=limit)


def clean_line(text: str) -> str:
    """One line of text as it is kept: composed (NFC), without invisible direction marks, single spaces, trimmed.

    Raises ValidationError (code "characters") for control, private and unassigned characters, line breaks, and letters
    buried under more than four marks.
    """
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()
    marks = 0
    for character in composed:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        if category in _UNPRINTABLE or marks > _MOST_MARKS_ON_A_LETTER:
            raise ValidationError(_("Remove characters that cannot be printed"), code="characters")
    return " ".join(composed.split())


class LineField(forms.CharField):
    """One line of text, cleaned by `clean_line`, of at most `max_length` characters.

    `width` is how many characters the box suggests (2, 3, 4, 5, 10, 20, 30; None for the full width). `autocomplete` is
    "off" unless given, because what is typed here is hardly ever about the person typing.
    """

    def __init__(
        self,
        *,
        max_length: int = 100,
        width: int | None = 20,
        attrs: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Further keywords are those of Django's CharField; `attrs` are HTML attributes of the input."""
        html = {"autocomplete": "off"} | (attrs or {})
        if width is not None:
            html["class"] = f"govuk-input--width-{width}"
        kwargs.setdefault("widget", forms.TextInput)
        super().__init__(max_length=max_length, strip=False, **kwargs)
        self.widget.attrs.update(html)
        _say_which(
            self,
            kwargs.get("error_messages"),
            limit=max_length,
            required=gettext_lazy("Enter {label}"),
            max_length=gettext_lazy("{Label} must be {limit} characters or fewer"),
        )

    def to_python(self, value: Any) -> str:
        """The cleaned line; raises ValidationError."""
        text = str(value or "")
        if self.max_length is not None and len(text) > self.max_length * _MOST_COMPOSED:
            raise ValidationError(self.error_messages["max_length"], code="max_length")
        return clean_line(text)


class NameField(LineField):
    """A person's name: never spell-checked, since a spelling service may be somebody else's computer."""

    def __init__(self, *, attrs: dict[str, str] | None = None, **kwargs: Any) -> None:
        """As LineField."""
        super().__init__(attrs={"spellcheck": "false"} | (attrs or {}), **kwargs)


class CodeField(LineField):
    """A number or reference of a known form: capitals, spaces kept out, matching `pattern` whole or saying `mistake`."""

    def __init__(
        self, *, pattern: re.Pattern[str], mistake: Any, attrs: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        """`pattern` is matched against the value in capitals without spaces; `mistake` is the sentence if it is not."""
        super().__init__(attrs={"spellcheck": "false", "autocapitalize": "characters"} | (attrs or {}), **kwargs)
        self.pattern, self.mistake = pattern, mistake

    def to_python(self, value: Any) -> str:
        """The code in capitals without spaces; raises ValidationError (code "form")."""
        code = super().to_python(value).upper().replace(" ", "")
        if code and not self.pattern.fullmatch(code):
            raise ValidationError(self.mistake, code="form")
        return code


class PhoneField(LineField):
    """A telephone number, kept in its international form (+441632960001)."""

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        super().__init__(max_length=40, widget=forms.TextInput(attrs={"type": "tel"}), **kwargs)
        self.widget.attrs["inputmode"] = "tel"

    def to_python(self, value: Any) -> str:
        """The number in international form; raises ValidationError (code "form")."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "GB")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(_("Enter a telephone number, like 01632 960 001 or 07700 900 982"), code="form")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class UserNameField(LineField):
    """The name a person signs in with; password managers may fill it."""

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        html = {"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"}
        super().__init__(attrs=html, **kwargs)


class PasswordField(forms.CharField):
    """A password, taken exactly as typed; `new` tells password managers to offer a fresh one."""

    def __init__(self, *, new: bool = False, max_length: int = 200, **kwargs: Any) -> None:
        """The length is bounded because hashing a megabyte is somebody's way to stop the service."""
        attrs = {
            "autocomplete": "new-password" if new else "current-password",
            "autocapitalize": "none",
            "spellcheck": "false",
            "class": "govuk-input--width-20",
        }
        super().__init__(widget=forms.PasswordInput(attrs=attrs), max_length=max_length, strip=False, **kwargs)
        _say_which(
            self,
            kwargs.get("error_messages"),
            limit=max_length,
            required=gettext_lazy("Enter {label}"),
            max_length=gettext_lazy("{Label} must be {limit} characters or fewer"),
        )


class OneTimeCodeField(CodeField):
    """The six digits of an authenticator, spaces allowed; phones offer to fill it."""

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        super().__init__(
            pattern=re.compile(r"[0-9]{6}"),
            mistake=gettext_lazy("Enter the 6 digits your authenticator shows now"),
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"},
            max_length=12,
            width=5,
            **kwargs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice: the value sent, its words, and a hint under them (radios and checkboxes only)."""

    value: str
    label: Any
    hint: Any = ""


class _OptionsMixin(forms.ChoiceField):
    """Choices given as `Option`s; `set_options` changes them for one form."""

    def __init__(self, *, options: Iterable[Option] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.set_options(options)
        select = gettext_lazy("Select {label}")
        _say_which(self, kwargs.get("error_messages"), required=select, invalid_choice=select, invalid_list=select)

    def set_options(self, options: Iterable[Option]) -> None:
        """Offer these instead; for choices that depend on who is asking."""
        kept = list(options)
        self.choices = [(option.value, option.label) for option in kept]
        self.widget.hints = {option.value: option.hint for option in kept if option.hint}


class RadiosField(_OptionsMixin):
    """One of a few, all in sight."""

    widget = forms.RadioSelect


class SelectField(_OptionsMixin):
    """One of many. The first line asks; choosing it is choosing nothing."""

    widget = forms.Select

    def set_options(self, options: Iterable[Option]) -> None:
        """Offer these instead, after the line that asks."""
        super().set_options([Option(value="", label=gettext_lazy("Choose one")), *options])


class ChecksField(_OptionsMixin, forms.MultipleChoiceField):
    """Any number of a few."""

    widget = forms.CheckboxSelectMultiple


class CheckField(forms.BooleanField):
    """One box to tick; required means it must be."""

    def __init__(self, **kwargs: Any) -> None:
        """Keywords are those of Django's BooleanField."""
        super().__init__(**kwargs)
        _say_which(self, kwargs.get("error_messages"), required=gettext_lazy("Tick the box: {Label}"))


class PartialDateField(forms.Field):
    """A date in three boxes, of which the year alone is enough; gives a `PartialDate` or None.

    With `complete`, day and month are needed too. Months may be names. An error says which box is wrong, and the error
    summary leads there.
    """

    widget = DatePartsWidget

    def __init__(self, *, complete: bool = False, **kwargs: Any) -> None:
        """Further keywords are those of Django's Field."""
        super().__init__(**kwargs)
        self.complete = complete
        _say_which(
            self,
            kwargs.get("error_messages"),
            required=gettext_lazy("Enter {label}"),
            invalid=gettext_lazy("{Label} must be a real date"),
        )

    def to_python(self, value: Any) -> PartialDate | None:
        """The PartialDate that the three texts say; None where all are empty; raises ValidationError."""
        if value in self.empty_values:
            return None
        return read_parts(tuple(value), complete=self.complete, unreal=self.error_messages["invalid"])
