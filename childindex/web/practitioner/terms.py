"""The fields of a search, a reason and a proposal: what somebody types, made into what use cases take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.kernel.numbers import is_nhs_number, read_index_number
from childindex.kernel.people import CASE_REFERENCE, Reason, ReasonCode
from childindex.kernel.places import read_postcode
from childindex.lookup.types import SearchTerms
from childindex.web.design.fields import LineField, NameField, PartialDateField, RadiosField
from childindex.web.practitioner.words import reason_options


class PostcodeField(LineField):
    """A postcode, in any spacing and case; gives its canonical form."""

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        attrs = {"spellcheck": "false", "autocapitalize": "characters"}
        super().__init__(max_length=10, width=10, attrs=attrs, **kwargs)

    def to_python(self, value: Any) -> str:
        """The postcode as 'AB1 2CD'; raises ValidationError."""
        text = super().to_python(value)
        postcode = read_postcode(text) if text else ""
        if postcode is None:
            raise ValidationError(_("Enter a full postcode, like LS1 4AP"), code="form")
        return postcode


class ChildNumberField(LineField):
    """An index number or an NHS number, in any spacing; gives a pair of (index number, NHS number), either empty.

    Ten digits may pass for both kinds: then both are given.
    """

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        attrs = {"spellcheck": "false", "autocapitalize": "characters"}
        super().__init__(max_length=20, width=20, attrs=attrs, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The pair; raises ValidationError where the check character says that a number was mistyped."""
        text = super().to_python(value)
        compact = text.replace(" ", "").replace("-", "")
        index_number = read_index_number(compact) or ""
        nhs_number = compact if is_nhs_number(compact) else ""
        if text and not (index_number or nhs_number):
            raise ValidationError(
                _("Check the number: it is neither an index number, like K7M2 9XQ 4AB, nor an NHS number"), code="form"
            )
        return index_number, nhs_number

    def validate(self, value: Any) -> None:
        """A pair is always complete."""

    def run_validators(self, value: Any) -> None:
        """The length was checked on the text."""


class NhsNumberField(LineField):
    """An NHS number, in any spacing; gives its ten digits."""

    def __init__(self, **kwargs: Any) -> None:
        """As LineField."""
        super().__init__(max_length=20, width=20, attrs={"inputmode": "numeric", "spellcheck": "false"}, **kwargs)

    def to_python(self, value: Any) -> str:
        """The digits; raises ValidationError where the check digit says that the number was mistyped."""
        compact = super().to_python(value).replace(" ", "").replace("-", "")
        if compact and not is_nhs_number(compact):
            raise ValidationError(_("Check the NHS number: one of its 10 digits is wrong or missing"), code="form")
        return compact


class CaseReferenceField(LineField):
    """The reference of a practitioner's own case. Spaces are a mistake, not squeezed out: prose has them (R 1.28)."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        """The label and hint are the same wherever it is asked for; the label says where it need not be given."""
        super().__init__(
            label=gettext_lazy("Case reference") if required else gettext_lazy("Case reference, if you have one"),
            help_text=gettext_lazy("Letters, numbers, / and - only, for example CIN/2041"),
            max_length=30,
            width=20,
            attrs={"spellcheck": "false", "autocapitalize": "characters"},
            required=required,
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        """The reference in capitals; raises ValidationError."""
        reference = super().to_python(value).upper()
        if reference and not CASE_REFERENCE.fullmatch(reference):
            raise ValidationError(
                _("Case reference must be 3 to 30 letters, numbers, / and -, without spaces"), code="form"
            )
        return reference


class ReasonForm(forms.Form):
    """Why somebody looks, from the list, with the reference of their own case if there is one (R 2.20)."""

    reason = RadiosField(
        label=gettext_lazy("Why are you looking?"),
        error_messages={
            "required": gettext_lazy("Select why you are looking"),
            "invalid_choice": gettext_lazy("Select why you are looking"),
        },
    )
    case_reference = CaseReferenceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every reason there is."""
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        if isinstance(field, RadiosField):
            field.set_options(reason_options())
        field.widget.attrs["class"] = "govuk-radios--small"

    def refuse_reference(self) -> None:
        """Say that the case reference tells nobody anything."""
        self.add_error(
            "case_reference",
            _("Enter the reference of the case in your own system, or leave it empty if there is none yet"),
        )

    def given_reason(self) -> Reason:
        """The reason of a valid form."""
        return Reason(code=ReasonCode(self.cleaned_data["reason"]), case_reference=self.cleaned_data["case_reference"])


class SearchForm(ReasonForm):
    """What is known of a child, and why somebody looks. What is enough is not for the form to say (R 2.22)."""

    family_name = NameField(label=gettext_lazy("Family name"), max_length=100, required=False)
    given_name = NameField(label=gettext_lazy("Given name"), max_length=100, required=False)
    born = PartialDateField(
        label=gettext_lazy("Date of birth"),
        help_text=gettext_lazy("If you only know the year, leave day and month empty"),
        required=False,
    )
    postcode = PostcodeField(label=gettext_lazy("Postcode"), required=False)
    number = ChildNumberField(label=gettext_lazy("Index number or NHS number"), required=False)

    field_order = ("family_name", "given_name", "born", "postcode", "number", "reason", "case_reference")

    def terms(self) -> SearchTerms:
        """What is searched for, of a valid form."""
        typed = self.cleaned_data
        index_number, nhs_number = typed["number"]
        return SearchTerms(
            family_name=typed["family_name"],
            given_name=typed["given_name"],
            birth_date=typed["born"],
            postcode=typed["postcode"],
            index_number=index_number,
            nhs_number=nhs_number,
        )
