"""What the pages of merging and splitting call codes, and the reviewed sentences that notices are made of (N 18).

A sentence of a notice is changed here, by whoever owns the words, and nowhere else: nobody writes into a notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from childindex.kernel.identity import Sex
from childindex.upkeep.joins import Ground, NoticeCode, NoticeState, State

Words = str | Promise

GROUNDS_TO_MERGE: Final[Mapping[Ground, Words]] = {
    Ground.CHECKED_WITH_SUPPLIER: _("Checked with a supplier"),
    Ground.CHECKED_WITH_FAMILY: _("Checked with the family"),
    Ground.SAME_NUMBER: _("The same NHS number or pupil number"),
    Ground.AS_SHOWN: _("The entries agree, as shown here"),
}
GROUNDS_TO_SPLIT: Final[Mapping[Ground, Words]] = {
    Ground.CHECKED_WITH_SUPPLIER: _("Checked with a supplier"),
    Ground.CHECKED_WITH_FAMILY: _("Checked with the family"),
    Ground.TWIN_OR_SIBLING: _("Twins or siblings"),
    Ground.REPORTED: _("Somebody reported that two children are mixed up"),
}
GROUNDS: Final[Mapping[Ground, Words]] = {**GROUNDS_TO_MERGE, **GROUNDS_TO_SPLIT}

STATES: Final[Mapping[State, Words]] = {
    State.PROPOSED: _("Waits for a second steward"),
    State.CONFIRMED: _("Confirmed, being carried out"),
    State.DONE: _("Done"),
    State.DECLINED: _("Declined"),
    State.OBJECTED: _("The other authority objected"),
    State.DROPPED: _("No longer possible"),
}

NOTICE_STATES: Final[Mapping[NoticeState, Words]] = {
    NoticeState.DRAFTED: _("Drafted"),
    NoticeState.APPROVED: _("Approved, to be sent by post or e-mail by your team"),
    NoticeState.SENT: _("Sent by your team"),
}

FIELDS: Final[Mapping[str, Words]] = {
    "index_number": _("Index number"),
    "name": _("Name"),
    "other_names": _("Other names"),
    "birth_date": _("Born"),
    "sex": _("Gender"),
    "addresses": _("Addresses"),
    "carers": _("Carers"),
    "authority": _("Responsible authority"),
    "records": _("Suppliers’ records"),
    "lines": _("Services"),
}

SEXES: Final[Mapping[Sex, Words]] = {
    Sex.FEMALE: _("Female"),
    Sex.MALE: _("Male"),
    Sex.OTHER: _("Other"),
    Sex.UNKNOWN: _("Not specified"),
}

EVENTS: Final[Mapping[str, Words]] = {
    "children:search:shown": _("Saw the child in a list of results"),
    "child:visit:opened": _("Opened the child’s page"),
    "child:entry:viewed": _("Read the child’s page"),
    "contact:request:made": _("Asked to be put in touch"),
    "involvement:entry:added": _("Added an involvement"),
    "involvement:entry:confirmed": _("Confirmed an involvement"),
    "involvement:entry:ended": _("Ended an involvement"),
    "involvement:phone:reported": _("Reported a wrong number"),
}
SAW: Final = _("Looked at the entry to put it right")

# What is wrong, by the refusal's detail; anything else has one answer, whatever the reason.
PROBLEMS: Final[Mapping[str, Words]] = {
    "same": _("Enter the index numbers of two different entries"),
    "waiting": _("A second steward is already asked about this entry"),
    "records": _("Choose from the records shown"),
    "lines": _("Choose from the involvements shown"),
    "nothing_chosen": _("Select at least one record to move"),
    "nothing_stays": _("Leave at least one record with this entry"),
    "no_merge": _("There is no merge to undo"),
    "state": _("This has been answered already"),
    "second": _("Somebody else has to confirm what you proposed"),
}
NOT_THERE: Final = _("There is no open entry with this index number. Check it and try again.")
NOT_YOURS: Final = _("Another authority is responsible for this entry. Its data steward decides.")

NOTICES: Final[Mapping[NoticeCode, tuple[Words, ...]]] = {
    NoticeCode.LOOKED: (
        _("Two children’s entries in the Children’s Index were mixed up. They have been put right."),
        _("People of your organisation saw the mixed entry. Who, and when, is listed below."),
        _("Anything copied from it may be about another child. Please find what was copied and correct or destroy it."),
        _("Look the child up again by the index number before you contact anybody."),
        _("Please tell us when this is done, and at once if a child or family was contacted by mistake."),
    ),
    NoticeCode.SHOWN_WRONGLY: (
        _("Two children’s entries in the Children’s Index were mixed up. They have been put right."),
        _("Your organisation’s involvement with one of them was shown on an entry that was also about the other."),
        _(
            "Nothing is wrong with what you supplied. You need do nothing unless somebody contacted you about the wrong child."
        ),
    ),
    NoticeCode.FAMILY: (
        _(
            "The Children’s Index says which services work with a child and how to reach them. It holds no case records."
        ),
        _("Your child’s entry was mixed up with another child’s. It has been put right."),
        _(
            "While it was mixed up, people whose work is with children may have seen your child’s entry by mistake, or been given"
            " the number of a service that does not work with your child."
        ),
        _(
            "We are writing to every organisation whose staff saw it, to ask them to correct or destroy what they copied."
        ),
        _("You may ask us who saw your child’s entry and when. We are sorry that this happened."),
    ),
}
