"""What the ledger hands out: the events there are, and the receipt that lets a child's record out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Event(StrEnum):
    """Everything that is written down, as area:thing:act. Retired names stay, as comments."""

    ACCESS_AGREEMENT_ACCEPTED = "access:agreement:accepted"
    ACCESS_AGREEMENT_VIEWED = "access:agreement:viewed"
    ACCESS_ACCOUNT_CREATED = "access:account:created"
    ACCESS_FACTOR_CHANGED = "access:factor:changed"
    ACCESS_FACTOR_RESET = "access:factor:reset"
    ACCESS_FACTOR_SHOWN = "access:factor:shown"
    ACCESS_GATE_REFUSED = "access:gate:refused"
    ACCESS_ENROLMENT_OPENED = "access:enrolment:opened"
    ACCESS_ENROLMENT_USED = "access:enrolment:used"
    ACCESS_LIMIT_VIEWED = "access:limit:viewed"
    ACCESS_MINE_VIEWED = "access:mine:viewed"
    ACCESS_ORGANISATION_CHANGED = "access:organisation:changed"
    ACCESS_ROLE_CHOSEN = "access:role:chosen"
    ACCESS_SIGNED_IN = "access:sign_in:accepted"
    ACCESS_SIGN_IN_FAILED = "access:sign_in:failed"
    ACCESS_SIGNED_OUT = "access:sign_out:done"
    ACCESS_ENDED = "access:grants:ended"
    ACCESS_EVIDENCE_SHOWN = "access:evidence:shown"
    ACCESS_NOMINATED = "access:nomination:made"
    ACCESS_NOMINATION_ANSWERED = "access:nomination:answered"
    ACCESS_NOMINATIONS_VIEWED = "access:nominations:viewed"
    ACCESS_STANDINGS_VIEWED = "access:standings:viewed"
    ACCESS_SUSPENDED = "access:account:suspended"
    ACCESS_SUSPENSION_LIFTED = "access:suspension:lifted"
    ACCESS_SUSPENSIONS_VIEWED = "access:suspensions:viewed"
    ACCESS_WELCOME_VIEWED = "access:welcome:viewed"
    ACCESS_ALLOWANCES_VIEWED = "access:allowances:viewed"
    ACCESS_QUOTA_APPROVED = "access:quota:approved"
    ACCESS_QUOTA_PROPOSED = "access:quota:proposed"
    ACCESS_TEAM_VIEWED = "access:team:viewed"
    CHILDREN_SEARCHED = "children:search:made"
    CHILDREN_LISTED = "children:search:shown"
    CHILDREN_MATCHED = "children:batch:matched"
    CHILD_HIDDEN_DISCLOSED = "child:hidden:disclosed"
    CHILD_OPENED = "child:visit:opened"
    CHILD_OVERRIDE_ASKED = "child:override:asked"
    CHILD_OVERRIDE_LEFT = "child:override:left"
    CHILD_OVERRIDE_VIEWED = "child:override:viewed"
    CHILD_VIEWED = "child:entry:viewed"
    CHILD_PROPOSED = "child:entry:proposed"
    CHILD_PROPOSAL_MATCHED = "child:proposal:matched"
    CHILD_PROTECTED = "child:protection:set"
    NEAR_ANSWERED = "protection:near:answered"
    NEAR_LISTED = "protection:near:listed"
    NEAR_ROW_RELEASED = "protection:row:released"
    CONTACT_ANSWER_SENT = "contact:answer:sent"
    CONTACT_ANSWERED = "contact:request:answered"
    CONTACT_ASKED = "contact:request:made"
    CONTACT_OWN_LISTED = "contact:own:listed"
    CONTACTS_ASKED = "contact:list:asked"
    CONTACTS_FILLED = "contact:list:filled"
    CONTACTS_VIEWED = "contact:list:viewed"
    DELIVERY_RECEIVED = "delivery:file:received"
    DELIVERY_CHECKED = "delivery:file:checked"
    DELIVERY_BATCH_APPLIED = "delivery:batch:applied"
    DELIVERY_CLOSED = "delivery:file:closed"
    DESK_ASKED = "desk:list:asked"
    DESK_FILLED = "desk:list:filled"
    DESK_VIEWED = "desk:list:viewed"
    DIRECTORY_SET_UP = "directory:register:changed"
    ENTRIES_COMPARED = "entries:pair:viewed"
    ENTRIES_LISTED = "entries:list:viewed"
    ENTRIES_MERGED = "entries:merge:done"
    ENTRIES_MERGE_ANSWERED = "entries:merge:answered"
    ENTRIES_MERGE_PROPOSED = "entries:merge:proposed"
    ENTRIES_MERGE_VIEWED = "entries:merge:viewed"
    ENTRIES_PARTED = "entries:split:done"
    ENTRIES_SPLIT_ANSWERED = "entries:split:answered"
    ENTRIES_SPLIT_PREPARED = "entries:split:prepared"
    ENTRIES_SPLIT_PROPOSED = "entries:split:proposed"
    ENTRIES_SPLIT_VIEWED = "entries:split:viewed"
    INVOLVEMENT_ADDED = "involvement:entry:added"
    INVOLVEMENT_CONFIRMED = "involvement:entry:confirmed"
    INVOLVEMENT_ENDED = "involvement:entry:ended"
    INVOLVEMENT_PHONE_REPORTED = "involvement:phone:reported"
    LEDGER_RECEIPT_GIVEN = "ledger:receipt:given"
    LEDGER_RESTORE_DECLARED = "ledger:restore:declared"
    LINKS_EXPORTED = "links:file:exported"
    MATCH_DECIDED = "matching:review:decided"
    MATCH_DECISION_APPLIED = "matching:review:applied"
    MATCH_DECISIONS_RESUMED = "matching:reviews:resumed"
    MATCH_QUALITY_VIEWED = "matching:quality:viewed"
    MATCH_QUEUE_VIEWED = "matching:queue:viewed"
    MATCH_SAMPLE_DRAWN = "matching:sample:drawn"
    MATCH_SAMPLE_JUDGED = "matching:sample:judged"
    MATCH_SAMPLE_VIEWED = "matching:sample:viewed"
    MATCH_VIEWED = "matching:review:viewed"
    LOOKUPS_FORGOTTEN = "lookup:expired:forgotten"
    NOTICE_CHANGED = "notice:draft:changed"
    NOTICE_VIEWED = "notice:draft:viewed"
    OVERSIGHT_EXPLAINED = "oversight:item:explained"
    OVERSIGHT_INVESTIGATED = "oversight:item:investigated"
    OVERSIGHT_ITEM_VIEWED = "oversight:item:viewed"
    OVERSIGHT_QUEUE_VIEWED = "oversight:queue:viewed"
    OVERSIGHT_SCANNED = "oversight:ledger:scanned"
    OVERRIDE_RIGHT_APPROVED = "override:right:approved"
    OVERRIDE_RIGHT_PROPOSED = "override:right:proposed"
    OVERRIDE_RIGHTS_LISTED = "override:rights:listed"
    OVERRIDES_FORGOTTEN = "override:expired:forgotten"
    SHIELD_ACT_SENT = "shield:act:sent"
    SHIELD_ACT_TAKEN = "shield:act:taken"
    SHIELD_ACTS_RESUMED = "shield:acts:resumed"
    SHIELD_ASKED = "shield:request:made"


class Outcome(StrEnum):
    """How it ended: done and shown, refused with nothing shown, or failed with nothing shown."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Fault(StrEnum):
    """What can be found wrong with the ledger, each with its sentence in docs/ledger.md."""

    CHECKPOINT_NOT_TRUSTED = "checkpoint_not_trusted"
    CHECKPOINT_OLD = "checkpoint_old"
    FORKED = "forked"
    WITNESSES_SILENT = "witnesses_silent"
    TILES_CHANGED = "tiles_changed"
    ENTRIES_GONE = "entries_gone"
    ENTRY_GONE = "entry_gone"
    ENTRY_CHANGED = "entry_changed"
    COLUMNS_CHANGED = "columns_changed"
    TERMS_CHANGED = "terms_changed"
    HASH_CHANGED = "hash_changed"
    NOT_SEALED = "not_sealed"
    NEVER_QUEUED = "never_queued"
    GONE_BEFORE_SEALING = "gone_before_sealing"
    TABLES_REPLACED = "tables_replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: which, the first position it affects (from 0; none where it has no place in the tree), and how many."""

    fault: Fault
    position: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Entries that a declared restore lost: positions from `first` to `until`, and the minutes in which they had been sealed."""

    first: int
    until: int
    incident: str
    minutes: tuple[datetime, ...]


class ReceiptForged(TypeError):
    """A receipt was made outside an entry. Only the ledger makes receipts."""


_SEAL = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that what it travels with is written down. No receipt, no record.

    Only an open ledger entry can make one; a value with a child in it cannot be built without it.
    """

    entry_id: UUID
    at: datetime
    seal: object

    def __post_init__(self) -> None:
        """Refuse receipts made anywhere but in the ledger; raises ReceiptForged."""
        if self.seal is not _SEAL:
            raise ReceiptForged("a receipt comes from audit.services.entry() and nowhere else")

    def __repr__(self) -> str:
        """The entry's id is all anybody needs to see."""
        return f"Receipt({self.entry_id})"


def issue_receipt(*, entry_id: UUID, at: datetime) -> Receipt:
    """For `audit.services` alone: the contract on imports and a test hold that."""
    return Receipt(entry_id=entry_id, at=at, seal=_SEAL)
