"""`childindex first-administrator`: the two accounts an index begins with, each with a one-time link to enrol."""

from __future__ import annotations

from datetime import date, datetime

from childindex.access.sign_in import operator
from childindex.access.types import EnrolmentLink, Evidence, NewPerson
from childindex.access.usecases.accounts import first_administrator


def run(person: NewPerson, *, check_issued_on: date, trained_on: date, at: datetime) -> EnrolmentLink:
    """Make the account, as the operator; its role is one that manages. Refused once an index has both of its first two."""
    evidence = Evidence(
        check_issued_on=check_issued_on, barred_list_checked=True, trained_on=trained_on, agreement_accepted=False
    )
    return first_administrator(actor=operator(at=at), person=person, evidence=evidence, at=at)


def lines(link: EnrolmentLink, *, site: str) -> list[str]:
    """What to hand over; the link is shown this once. `site` is the address people reach the index by."""
    return [
        f"{site.rstrip('/')}/enrol/{link.token}",
        f"Works once, until {link.expires_at:%d %B %Y %H:%M} UTC. It is not shown again.",
    ]
