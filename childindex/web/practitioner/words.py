"""What the pages call the codes that use cases take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from childindex.brokering.types import FamilyKnows, OverrideGround
from childindex.kernel.identity import AssessmentState, Sex
from childindex.kernel.people import PURPOSE_OF, LawfulPurpose, ReasonCode
from childindex.web.design.fields import Option

Words = str | Promise

PURPOSES: Final[Mapping[LawfulPurpose, Words]] = {
    LawfulPurpose.COOPERATION: _("To improve a child’s well-being together: Children Act 2004, section 10"),
    LawfulPurpose.SAFEGUARDING: _("To keep a child safe: Children Act 2004, section 11"),
    LawfulPurpose.SCHOOL_WELFARE: _("A school’s welfare duty: Education Act 2002, section 175"),
    LawfulPurpose.MISSING_EDUCATION: _("A child missing education: Education Act 1996, section 436A"),
}

REASONS: Final[Mapping[ReasonCode, Words]] = {
    ReasonCode.CONTACT: _("I work with the child and need to reach others who do"),
    ReasonCode.NEW_REFERRAL: _("The child has just been referred to me"),
    ReasonCode.URGENT_CARE: _("The child is here and needs care now"),
    ReasonCode.SAFEGUARDING: _("I am worried that the child is not safe"),
    ReasonCode.ASSESSMENT: _("I am assessing what the child needs"),
    ReasonCode.MOVED: _("The child has moved here or away"),
    ReasonCode.SCHOOL_WELFARE: _("I look after the child’s welfare at school"),
    ReasonCode.MISSING_EDUCATION: _("The child may be missing education"),
}

SEXES: Final[Mapping[Sex, Words]] = {
    Sex.FEMALE: _("Female"),
    Sex.MALE: _("Male"),
    Sex.OTHER: _("Other"),
    Sex.UNKNOWN: _("Not specified"),
}

ASSESSMENTS: Final[Mapping[AssessmentState, Words]] = {
    AssessmentState.IN_PROGRESS: _("A common assessment is in progress"),
    AssessmentState.COMPLETE: _("A common assessment has been completed"),
}

OTHER_NAMES: Final[Mapping[str, Words]] = {
    "known_as": _("Known as"),
    "former": _("Former name"),
}

WHEREABOUTS: Final[Mapping[str, Words]] = {
    "current": _("Address"),
    "last_known": _("Last known address"),
    "none_known": _("No address is known"),
    "left_england": _("Has left England"),
}

RETURNING: Final[Mapping[str, Words]] = {
    "returning": _("Expected to return within three years"),
    "not_returning": _("Not expected to return"),
    "not_known": _("Not known whether they will return"),
}

RELATIONSHIPS: Final[Mapping[str, Words]] = {
    "mother": _("Mother"),
    "father": _("Father"),
    "parent": _("Parent"),
    "carer": _("Carer"),
    "guardian": _("Guardian"),
    "grandparent": _("Grandparent"),
    "foster carer": _("Foster carer"),
}

FAMILY_KNOWS: Final[Mapping[FamilyKnows, Words]] = {
    FamilyKnows.YES: _("Yes"),
    FamilyKnows.NO: _("No, not yet"),
    FamilyKnows.UNSAFE: _("No, and telling them could put the child at risk"),
}

OVERRIDE_GROUNDS: Final[Mapping[OverrideGround, Words]] = {
    OverrideGround.PROTECTION_ENQUIRY: _("An enquiry whether the child is suffering significant harm"),
    OverrideGround.POLICE_PROTECTION: _("The child is in police protection, or needs to be"),
    OverrideGround.EMERGENCY_CARE: _("The child needs emergency care now"),
    OverrideGround.COURT_ORDER: _("A court has ordered it"),
}


def reason_options() -> list[Option]:
    """The reasons there are, each with the lawful purpose it stands for. There is no "other" (R 2.07, 2.20)."""
    return [Option(value=code.value, label=label, hint=PURPOSES[PURPOSE_OF[code]]) for code, label in REASONS.items()]
