"""The conditions in words for the person they concern: what each is called, and what to do when it has lapsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from childindex.access.types import Condition

CONDITION_NAMES: Final[Mapping[Condition, str | Promise]] = {
    Condition.ORGANISATION_ACCREDITED: gettext_lazy("Your organisation is accredited"),
    Condition.ORGANISATION_OPEN: gettext_lazy("The index is open to your organisation"),
    Condition.AGREEMENT_ACCEPTED: gettext_lazy("You have accepted the agreement"),
    Condition.CHECK_IN_DATE: gettext_lazy("Your enhanced check is in date"),
    Condition.TRAINING_IN_DATE: gettext_lazy("Your training is in date"),
    Condition.ROLE_ACTIVE: gettext_lazy("You have a role that is current"),
    Condition.ACCOUNT_ACTIVE: gettext_lazy("Your account is active"),
    Condition.SECOND_FACTOR: gettext_lazy("You signed in with a second factor"),
}

CONDITION_LAPSED: Final[Mapping[Condition, str | Promise]] = {
    Condition.ORGANISATION_ACCREDITED: gettext_lazy(
        "Your organisation is not accredited at the moment. Nobody there can use the index until it is."
    ),
    Condition.ORGANISATION_OPEN: gettext_lazy("The index is not yet open to your organisation."),
    Condition.AGREEMENT_ACCEPTED: gettext_lazy("You have not yet accepted the current agreement."),
    Condition.CHECK_IN_DATE: gettext_lazy(
        "We have no enhanced check for you, with the children’s barred list, that is less than three years old."
    ),
    Condition.TRAINING_IN_DATE: gettext_lazy("You have not completed the current training in the last 12 months."),
    Condition.ROLE_ACTIVE: gettext_lazy("Your role in the index has ended or has not begun."),
    Condition.ACCOUNT_ACTIVE: gettext_lazy("Your account is suspended or closed."),
    Condition.SECOND_FACTOR: gettext_lazy(
        "You signed in with a password alone. A one-time code or a passkey is needed as well, and none is set up."
    ),
}
