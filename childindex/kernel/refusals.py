"""How anything here is refused: with a code, never with prose somebody has to parse."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why something was refused. The ledger keeps the code; the page has the sentence."""

    CONDITION_LAPSED = "condition_lapsed"
    CONFIRM_AGAIN = "confirm_again"
    NOT_PERMITTED = "not_permitted"
    NOT_FOUND = "not_found"
    TOO_FEW_FACTS = "too_few_facts"
    ADDRESS_EXPIRED = "address_expired"
    REASON_NEEDED = "reason_needed"
    REASON_UNINFORMATIVE = "reason_uninformative"
    SEARCH_FIRST = "search_first"
    LIMIT_REACHED = "limit_reached"
    NOT_YOURS = "not_yours"
    LIVE_INDEX = "live_index"
    FEED_UNKNOWN = "feed_unknown"
    FEED_PAUSED = "feed_paused"
    FEED_BUSY = "feed_busy"
    FILE_UNREADABLE = "file_unreadable"
    SIGN_IN_FAILED = "sign_in_failed"
    NOT_ACCEPTED = "not_accepted"
    OWN_HOUSEHOLD = "own_household"


class Denied(Exception):
    """The answer is no. `detail` holds codes only (such as the conditions that lapsed)."""

    def __init__(self, refusal: Refusal, *detail: str) -> None:
        """Keep the code and its details; the message is for developers, never shown."""
        super().__init__(refusal.value)
        self.refusal = refusal
        self.detail = detail
