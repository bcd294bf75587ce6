"""Grounds, askers and steps of a shield, and a broker's answers, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from childindex.brokering.types import (
    Answer,
    Asker,
    DecisionState,
    FamilyKnows,
    Ground,
    Heard,
    ShieldActKind,
    ShieldState,
    Word,
)

Words = Any

GROUNDS: Final[Mapping[Ground, Words]] = {
    Ground.SIGNIFICANT_HARM: _("Somebody could be significantly harmed if it became known where the child is"),
    Ground.HISTORIC_THREAT: _("There was a threat that lasts, though nothing has happened lately"),
    Ground.ADOPTION_AT_RISK: _("A placement for adoption would be at risk"),
    Ground.ADOPTED: _("The child has been adopted"),
    Ground.NEW_IDENTITY: _("The child has a new identity"),
    Ground.SUPPLIER_MARKED: _("A supplier marked the record as confidential"),
}
ASKERS: Final[Mapping[Asker, Words]] = {
    Asker.CHILD: _("The child"),
    Asker.PARENT: _("A parent or carer"),
    Asker.RELATIVE: _("A relative"),
    Asker.PRACTITIONER: _("A practitioner"),
    Asker.REFUGE: _("A refuge"),
    Asker.POLICE: _("The police"),
    Asker.COURT: _("A court"),
}
HEARD: Final[Mapping[Heard, Words]] = {
    Heard.CHILD: _("The child"),
    Heard.PARENTS: _("The parents or carers"),
    Heard.PRACTITIONERS: _("Practitioners who know the child"),
}
WORDS: Final[Mapping[Word, Words]] = {
    Word.CONFIRM: _("Confirm the shield"),
    Word.REFUSE: _("Refuse the request, so that the shield comes off"),
    Word.KEEP: _("Keep the shield for six more months"),
    Word.LIFT: _("Take the shield off"),
}
STATES: Final[Mapping[ShieldState, Words]] = {
    ShieldState.PROVISIONAL: _("On, not decided yet"),
    ShieldState.CONFIRMED: _("On"),
    ShieldState.ENDED: _("Off"),
}
DECISIONS: Final[Mapping[DecisionState, Words]] = {
    DecisionState.PROPOSED: _("one officer has said so, a second has to agree"),
    DecisionState.AGREED: _("two officers have agreed"),
    DecisionState.APPEALED: _("somebody has appealed, a third officer has to hear it"),
}
ACTS: Final[Mapping[ShieldActKind, Words]] = {
    ShieldActKind.ASK: _("Request for a shield"),
    ShieldActKind.PROPOSE: _("Proposal"),
    ShieldActKind.SECOND: _("Answer as second officer"),
    ShieldActKind.APPEAL: _("Appeal"),
    ShieldActKind.HEAR: _("Appeal heard"),
    ShieldActKind.LIFT: _("Taking the shield off"),
}
OUTCOMES: Final[Mapping[str, Words]] = {
    "": _("on its way"),
    "taken": _("done"),
    "not_there": _("not done: the shield is not on your list"),
    "not_now": _("not done: it is not your turn, or something else came first"),
    "near": _("not done: a record that its supplier marked as confidential waits beside this child"),
    "already": _("not done: the child has a shield already"),
}
ANSWERS: Final[Mapping[Answer, Words]] = {
    Answer.WILL_RING: _("Somebody will ring you"),
    Answer.NO_ONE_TO_RING: _("There is nobody to put you in touch with"),
    Answer.ASK_POLICE: _("Ask the police"),
    Answer.PASSED_ON: _("Your request was passed on, and nothing more can be said"),
}
FAMILY_KNOWS: Final[Mapping[FamilyKnows, Words]] = {
    FamilyKnows.YES: _("The family knows that contact is asked for"),
    FamilyKnows.NO: _("The family does not know yet"),
    FamilyKnows.UNSAFE: _("The family must not know: it could put the child at risk"),
}
