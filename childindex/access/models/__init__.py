"""People who use the index and every fact the gate asks about; and how much of it anybody may look up."""

from childindex.access.models.limits import OrganisationUse, RoleQuota, Suspension, Use
from childindex.access.models.nominations import Nomination
from childindex.access.models.people import (
    Account,
    Agreement,
    AgreementAcceptance,
    Course,
    EnhancedCheck,
    Enrolment,
    Grant,
    Standing,
    TrainingRecord,
)

__all__ = [
    "Account",
    "Agreement",
    "AgreementAcceptance",
    "Course",
    "EnhancedCheck",
    "Enrolment",
    "Grant",
    "Nomination",
    "OrganisationUse",
    "RoleQuota",
    "Standing",
    "Suspension",
    "TrainingRecord",
    "Use",
]
