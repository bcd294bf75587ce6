"""The roles there are: data, read by the gate, the pages and the generated matrix (R 2.02-2.06, 2.27). Deny is the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop

from childindex.access.types import Permission, Role

# What a school's people see: whom to ring about a pupil. Not where the child lives or who has stopped helping, nor (by sector,
# R 6.11) that a sensitive service helps: young people asked that teachers should not know that (R 2.06, 3.24; threats 2).
_SCHOOL: Final = (
    Permission.CHILD_ENTRY_PROPOSE,
    Permission.CHILD_ENTRY_VIEW,
    Permission.CHILD_INVOLVEMENT_DECLARE,
    Permission.CHILD_SEARCH_MAKE,
    Permission.CHILD_SHIELD_ASK,
    Permission.CONTACT_REQUEST_MAKE,
)

_SEES_MORE: Final = (
    Permission.CHILD_HISTORY_VIEW,
    Permission.CHILD_WHEREABOUTS_VIEW,
)

_PRACTITIONER: Final = tuple(sorted((*_SCHOOL, *_SEES_MORE)))

# Somebody who meets a child once and does not go on working with them has no involvement to declare.
_PASSING: Final = tuple(
    sorted(
        (
            Permission.CHILD_ENTRY_VIEW,
            Permission.CHILD_SEARCH_MAKE,
            Permission.CHILD_SHIELD_ASK,
            Permission.CONTACT_REQUEST_MAKE,
            *_SEES_MORE,
        )
    )
)

# Whoever looks after a team puts colleagues forward, and says yes to those whom another has put forward.
_TEAM: Final = (
    Permission.ACCESS_GRANT_APPROVE,
    Permission.ACCESS_GRANT_NOMINATE,
    Permission.ACCESS_TEAM_MANAGE,
)

_ALL: Final = (
    Role(
        code="school_safeguarding_lead",
        name=gettext_noop("Designated safeguarding lead"),
        sector="education",
        about=gettext_noop(
            "One of a few named people in a school. They may look up a pupil to see which services work with the child"
            " and how to reach them, say that the school is involved, and propose an entry for a child who has none. They"
            " do not see where the child lives, who has stopped helping, or whether a sensitive service helps."
        ),
        permissions=_SCHOOL,
    ),
    Role(
        code="health_visitor",
        name=gettext_noop("Health visitor"),
        sector="health",
        about=gettext_noop(
            "A nurse who visits families with young children. They may look up a child in their care to see who else"
            " is helping, and say that they are involved. They see no medical notes here: there are none."
        ),
        permissions=_PRACTITIONER,
    ),
    Role(
        code="school_nurse",
        name=gettext_noop("School nurse"),
        sector="health",
        about=gettext_noop(
            "A nurse who works with schools. They may look up a child to see who else is helping, and say that they"
            " are involved."
        ),
        permissions=_PRACTITIONER,
    ),
    Role(
        code="emergency_practitioner",
        name=gettext_noop("Emergency department practitioner"),
        sector="health",
        about=gettext_noop(
            "A doctor or nurse in an emergency department. They may look up a child who has come in, to ring somebody"
            " who already knows the child. They change nothing."
        ),
        permissions=_PASSING,
    ),
    Role(
        code="social_worker",
        name=gettext_noop("Social worker"),
        sector="social_care",
        about=gettext_noop(
            "A social worker in a council's children's services. They may look up a child they work with or have been"
            " told about, say that they are involved, and propose an entry for a child who has none. A few of them, each by a"
            " right of their own that two managers gave, may see what a shield hides; every time is investigated."
        ),
        permissions=tuple(sorted((*_PRACTITIONER, Permission.CHILD_SHIELD_OVERRIDE))),
    ),
    Role(
        code="youth_justice_worker",
        name=gettext_noop("Youth justice worker"),
        sector="youth_justice",
        about=gettext_noop(
            "Somebody who works with young people in trouble, for the young person's welfare only. They may look up a"
            " child they work with and say that they are involved. The index is not for investigating crime."
        ),
        permissions=_PRACTITIONER,
    ),
    Role(
        code="voluntary_practitioner",
        name=gettext_noop("Voluntary sector practitioner"),
        sector="voluntary",
        about=gettext_noop(
            "A practitioner of an accredited charity. They may look up a child they work with, and say that they are"
            " involved."
        ),
        permissions=_PRACTITIONER,
    ),
    Role(
        code="access_manager",
        name=gettext_noop("Access manager"),
        sector="management",
        about=gettext_noop(
            "Looks after the accounts of colleagues in their own organisation: puts somebody forward for a role, says yes"
            " or no to those whom another manager has put forward, sees whose checks and training are in date, helps"
            " somebody who has lost their passkey, and suspends at once. They cannot look up any child in this role."
        ),
        permissions=_TEAM,
        manages=True,
    ),
    Role(
        code="data_steward",
        name=gettext_noop("Data steward"),
        sector="management",
        about=gettext_noop(
            "Keeps entries right for the council: decides whether two records or entries are the same child, takes apart"
            " what was wrongly joined, checks each week how often the computer was wrong, and looks after"
            " the accounts of colleagues. Everything they look at is written down like everybody else's."
        ),
        permissions=(
            *_TEAM,
            Permission.CHILD_ENTRY_MERGE,
            Permission.CHILD_ENTRY_VIEW,
            Permission.CHILD_HISTORY_VIEW,
            Permission.CHILD_PROTECTION_JUDGE,
            Permission.CHILD_SEARCH_MAKE,
            Permission.CHILD_WHEREABOUTS_VIEW,
            Permission.MATCHING_QUALITY_VIEW,
            Permission.MATCHING_REVIEW_DECIDE,
            Permission.MATCHING_REVIEW_VIEW,
        ),
        manages=True,
    ),
    Role(
        code="shield_officer",
        name=gettext_noop("Shield officer"),
        sector="management",
        about=gettext_noop(
            "Decides for the council about shields, which hide where a child is: takes requests from anybody, says yes or no"
            " together with a second officer, looks at every shield again after six months, and hears appeals about what two"
            " others decided. Of a shielded child they see the four fields that everybody sees, and why the shield is on."
        ),
        permissions=(
            Permission.CHILD_ENTRY_VIEW,
            Permission.CHILD_SEARCH_MAKE,
            Permission.CHILD_SHIELD_ASK,
            Permission.CHILD_SHIELD_DECIDE,
        ),
        manages=True,
    ),
    Role(
        code="safeguarding_broker",
        name=gettext_noop("Safeguarding broker"),
        sector="management",
        about=gettext_noop(
            "Puts people in touch for the council where a service or a child's whereabouts may not be named: sees who asks about"
            " which child and by when, and which services help, asks those, and answers with one of four sentences. They cannot"
            " look up any child, and do not see where a child lives."
        ),
        permissions=(Permission.CONTACT_REQUEST_ANSWER,),
        manages=True,
    ),
    Role(
        code="index_administrator",
        name=gettext_noop("Index administrator"),
        sector="management",
        about=gettext_noop(
            "Decides for the council which organisations may use the index and how many of their people: looks at the proof"
            " that an organisation gives, accredits it together with a second administrator, suspends it at once, and lifts"
            " the suspension of a person. They cannot look up any child in this role."
        ),
        permissions=(
            Permission.ACCESS_GRANT_APPROVE,
            Permission.ACCESS_GRANT_NOMINATE,
            Permission.ACCESS_QUOTA_GIVE,
            Permission.ACCESS_STANDING_MOVE,
            Permission.ACCESS_SUSPENSION_LIFT,
            Permission.ACCESS_TEAM_MANAGE,
        ),
        manages=True,
    ),
    Role(
        code="audit_officer",
        name=gettext_noop("Audit officer"),
        sector="management",
        about=gettext_noop(
            "Looks at how the index is used in the council's area: reads what the computer found that may be misuse, says what"
            " explains it, or suspends the account at once and opens an investigation. They cannot look up any child in this"
            " role and are not told which child it was; what they look at is written down as well."
        ),
        permissions=(Permission.OVERSIGHT_ITEM_ANSWER,),
        manages=True,
    ),
)

OPERATOR: Final = Role(
    code="operator",
    name=gettext_noop("Operator"),
    sector="management",
    about=gettext_noop(
        "Somebody at the command line of the machine the index runs on, or the background worker. They put suppliers'"
        " files through; they have no page and see no child."
    ),
    permissions=(
        Permission.ACCESS_ACCOUNT_ESTABLISH,
        Permission.ACCESS_STANDING_CHANGE,
        Permission.CHILD_HIDDEN_DISCLOSE,
        Permission.CHILD_PROTECTION_SET,
        Permission.DELIVERY_FILE_APPLY,
        Permission.DIRECTORY_REGISTER_CHANGE,
        Permission.INDEX_BATCH_MATCH,
        Permission.INDEX_ENTRIES_JOIN,
        Permission.INDEX_LINKS_EXPORT,
        Permission.INDEX_TRACES_FORGET,
        Permission.MATCHING_REVIEW_APPLY,
        Permission.MATCHING_SAMPLE_DRAW,
        Permission.OVERSIGHT_LEDGER_SCAN,
    ),
    manages=True,
)

ROLES: Final[Mapping[str, Role]] = {role.code: role for role in _ALL}


def permissions_of(code: str) -> frozenset[Permission]:
    """What a role may do; a role nobody knows may do nothing."""
    role = ROLES.get(code)
    return frozenset(role.permissions) if role is not None else frozenset()


def name_of(code: str) -> str:
    """The name of a role as people say it; empty for one nobody knows."""
    role = ROLES.get(code)
    return role.name if role is not None else ""


def matrix() -> tuple[tuple[Role, frozenset[Permission]], ...]:
    """Every role, the operator's last, with what it may do: for the generated permission matrix."""
    return tuple((role, frozenset(role.permissions)) for role in (*_ALL, OPERATOR))
