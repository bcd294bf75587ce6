"""The roles are data: what each may do, said once more cell by cell, and deny as the default (R 2.06, 2.27)."""

from __future__ import annotations

import pytest

from childindex.access.roles import OPERATOR, ROLES, matrix, name_of, permissions_of
from childindex.access.types import Permission

SEARCHES = {
    "school_safeguarding_lead",
    "health_visitor",
    "school_nurse",
    "emergency_practitioner",
    "social_worker",
    "youth_justice_worker",
    "voluntary_practitioner",
    "data_steward",
    "shield_officer",
}
MANAGING = {"data_steward", "shield_officer"}
DECLARES = SEARCHES - MANAGING - {"emergency_practitioner"}
ASKS = SEARCHES - MANAGING
SEES_MORE = SEARCHES - {"school_safeguarding_lead", "shield_officer"}
OPERATES = {"operator"}
MANAGES = {"access_manager", "data_steward", "index_administrator"}
ADMINISTERS = {"index_administrator"}
WHO_MAY: dict[Permission, set[str]] = {
    Permission.ACCESS_ACCOUNT_ESTABLISH: OPERATES,
    Permission.ACCESS_GRANT_APPROVE: MANAGES,
    Permission.ACCESS_GRANT_NOMINATE: MANAGES,
    Permission.ACCESS_QUOTA_GIVE: ADMINISTERS,
    Permission.ACCESS_STANDING_CHANGE: OPERATES,
    Permission.ACCESS_STANDING_MOVE: ADMINISTERS,
    Permission.ACCESS_SUSPENSION_LIFT: ADMINISTERS,
    Permission.ACCESS_TEAM_MANAGE: MANAGES,
    Permission.CHILD_ENTRY_MERGE: {"data_steward"},
    Permission.CHILD_ENTRY_PROPOSE: DECLARES,
    Permission.CHILD_ENTRY_VIEW: SEARCHES,
    Permission.CHILD_HIDDEN_DISCLOSE: OPERATES,
    Permission.CHILD_HISTORY_VIEW: SEES_MORE,
    Permission.CHILD_INVOLVEMENT_DECLARE: DECLARES,
    Permission.CHILD_PROTECTION_JUDGE: {"data_steward"},
    Permission.CHILD_PROTECTION_SET: OPERATES,
    Permission.CHILD_SEARCH_MAKE: SEARCHES,
    Permission.CHILD_SHIELD_ASK: ASKS | {"shield_officer"},
    Permission.CHILD_SHIELD_DECIDE: {"shield_officer"},
    Permission.CHILD_SHIELD_OVERRIDE: {"social_worker"},
    Permission.CHILD_WHEREABOUTS_VIEW: SEES_MORE,
    Permission.CONTACT_REQUEST_ANSWER: {"safeguarding_broker"},
    Permission.CONTACT_REQUEST_MAKE: ASKS,
    Permission.DELIVERY_FILE_APPLY: OPERATES,
    Permission.DIRECTORY_REGISTER_CHANGE: OPERATES,
    Permission.INDEX_BATCH_MATCH: OPERATES,
    Permission.INDEX_ENTRIES_JOIN: OPERATES,
    Permission.INDEX_LINKS_EXPORT: OPERATES,
    Permission.INDEX_TRACES_FORGET: OPERATES,
    Permission.MATCHING_QUALITY_VIEW: {"data_steward"},
    Permission.MATCHING_REVIEW_APPLY: OPERATES,
    Permission.MATCHING_REVIEW_DECIDE: {"data_steward"},
    Permission.MATCHING_REVIEW_VIEW: {"data_steward"},
    Permission.MATCHING_SAMPLE_DRAW: OPERATES,
    Permission.OVERSIGHT_ITEM_ANSWER: {"audit_officer"},
    Permission.OVERSIGHT_LEDGER_SCAN: OPERATES,
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", [role.code for role, _ in matrix()])
def test_every_cell_of_the_matrix(role: str, permission: Permission) -> None:
    granted = {role.code: permissions for role, permissions in matrix()}
    assert (permission in granted[role]) == (role in WHO_MAY[permission])


def test_a_role_nobody_knows_may_do_nothing() -> None:
    assert permissions_of("headteacher") == frozenset()
    assert permissions_of("") == frozenset()
    assert name_of("headteacher") == ""


def test_no_person_can_have_the_operators_role() -> None:
    assert OPERATOR.code not in ROLES
    assert permissions_of(OPERATOR.code) == frozenset()


def test_permissions_stand_in_order_and_every_role_reads_like_prose() -> None:
    assert list(Permission) == sorted(Permission)
    for role, _ in matrix():
        assert list(role.permissions) == sorted(role.permissions)
        assert len(role.about) > 40
        assert role.about.endswith(".")


def test_only_managing_roles_manage_and_no_managing_role_declares_involvements() -> None:
    for role, permissions in matrix():
        looks_after_the_index = role.code in {"shield_officer", "safeguarding_broker", "audit_officer"}
        assert role.manages == (
            Permission.ACCESS_TEAM_MANAGE in permissions or role is OPERATOR or looks_after_the_index
        )
        assert not (role.manages and Permission.CHILD_INVOLVEMENT_DECLARE in permissions)
