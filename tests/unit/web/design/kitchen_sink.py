"""Every component on one page, for the tests to look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django import forms

from childindex.kernel.dates import PartialDate
from childindex.web.design import fields, parts
from childindex.web.design.pages import Chrome, Page, SignedIn


class EverythingForm(forms.Form):
    """One field of each kind."""

    family_name = fields.NameField(label="Family name", help_text="Also finds names that sound alike")
    birth_date = fields.PartialDateField(label="Date of birth", help_text="The year alone is enough")
    started_on = fields.PartialDateField(label="Start date", complete=True)
    reason = fields.RadiosField(
        label="Reason for looking",
        options=[
            fields.Option(value="contact", label="To work together", hint="You already work with this child"),
            fields.Option(value="urgent_care", label="Urgent care"),
        ],
    )
    service = fields.SelectField(label="Service", options=[fields.Option(value="hv", label="Health visiting")])
    days = fields.ChecksField(label="Days worked", options=[fields.Option(value="mon", label="Monday")])
    agreed = fields.CheckField(label="I have read the agreement", help_text="Version 3")
    case_reference = fields.CodeField(
        label="Case reference", pattern=re.compile(r"[A-Z0-9/-]{3,30}"), mistake="Use letters, numbers, / and -"
    )
    phone = fields.PhoneField(label="Telephone number")
    user_name = fields.UserNameField(label="User name")
    password = fields.PasswordField(label="Password")
    code = fields.OneTimeCodeField(label="Code from your authenticator")
    hidden = forms.CharField(widget=forms.HiddenInput, initial="opaque")


@dataclass(frozen=True, slots=True, kw_only=True)
class KitchenSink(Page):
    """What the template shows."""

    child: parts.IdentityBar
    results: tuple[parts.Result, ...]
    contacts: tuple[parts.Contact, ...]
    honesty: tuple[parts.HonestyLine, ...]


CHROME = Chrome(
    signed_in=SignedIn(name="Priya Shah", organisation="Leeds Community Health", sign_out="/sign-out"),
    navigation=(
        parts.Link(label="Find a child", href="/search", current=True),
        parts.Link(label="My involvements", href="/involvements"),
        parts.Link(label="My access", href="/access"),
    ),
    footer=(parts.Link(label="Accessibility", href="/accessibility"), parts.Link(label="Privacy", href="/privacy")),
    demo=True,
)
CONTACTS = (
    parts.Contact(
        title="Children’s social care",
        tags=("Lead professional",),
        lines=("Amina Okafor, social worker", "Leeds City Council, North East team"),
        phones=(
            parts.Phone(number="01134960123", note="Monday to Friday, 9am to 5pm"),
            parts.Phone(number="01134960999", note="Out of hours"),
        ),
        email="amina.okafor@example.gov.uk",
        source="From children’s social care, as of 3 March 2026",
        first=True,
    ),
    parts.Contact(
        title="School nursing", lines=("Ended 4 January 2026",), phones=(parts.Phone(number="ext 42"),), ended=True
    ),
)
HONESTY = (
    parts.HonestyLine(kind="Children’s social care", standing=parts.Standing.INVOLVED, as_of=date(2026, 3, 3)),
    parts.HonestyLine(kind="Health visiting", standing=parts.Standing.NOT_INVOLVED, as_of=date(2026, 3, 3)),
    parts.HonestyLine(kind="Youth justice", standing=parts.Standing.NOT_SUPPLIED),
    parts.HonestyLine(kind="Sensitive services", standing=parts.Standing.WITHHELD),
)


def kitchen_sink(form: forms.Form | None = None) -> KitchenSink:
    """The page as it is first seen."""
    return KitchenSink(
        title="Every component",
        chrome=CHROME,
        back=parts.Link(label="Back to results", href="/results"),
        notice=parts.Notice(text="Your involvement was added", success=True),
        form=form or EverythingForm(),
        watermark=parts.Watermark(
            viewer="Priya Shah", organisation="Leeds Community Health", at="3 March 2026 at 4:05pm", entry="7Q2-K4"
        ),
        child=parts.IdentityBar(
            name="Zofia Kowalska-Bright", born=PartialDate(2014, 3, 7), index_number="4821 9930 17"
        ),
        results=(
            parts.Result(
                name="Zofia Kowalska-Bright",
                href="/r/1",
                facts=("Born 2014", "LS8"),
                match="Same date of birth, name sounds alike",
            ),
            parts.Result(
                name="Sofia Kowalski", href="/r/2", facts=("Born 2014",), match="Same year of birth, similar name"
            ),
        ),
        contacts=CONTACTS,
        honesty=HONESTY,
    )


def with_errors() -> KitchenSink:
    """The same page after an empty form was sent."""
    return kitchen_sink(EverythingForm({}))
