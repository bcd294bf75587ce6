"""What may be searched for and how much of the answer is shown: rules as functions of values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from childindex.cases.types import StoredResults
from childindex.directory.types import ServiceType
from childindex.involvement.types import InvolvementLine
from childindex.kernel.identity import Tier
from childindex.kernel.people import Reason
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup.types import SearchTerms, Weighed

MOST_CANDIDATES: Final = 10
# A candidate this many bits (log2 odds) behind the best is no rival: it may be shown after it, never crowds it out.
RIVAL_BITS: Final = 6.0
# What agrees must outweigh what differs, before anything about how many children there are.
LEAST_BITS: Final = 0.0
# A case has one child, or a family's.
REPEATED_CHILDREN: Final = 50
_STOPGAPS: Final = frozenset(
    "NA NONE NIL NOTHING UNKNOWN TBC TBA TEST TESTING ASAP ABC ABCD XYZ CASE CHILD CHECK CHECKING LOOK LOOKUP SEARCH REF REFERENCE"
    " QWERTY ASDF 123 1234 12345 123456 OTHER WORK ENQUIRY".split()
)
_WILDCARD: Final = re.compile(r"[*?%_\\]")
_PHONE_DIGITS: Final = 10
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")


def check_terms(terms: SearchTerms) -> None:
    """Refuse a search that could be fishing (R 2.08, 2.22; threats 1.4); raises Denied(TOO_FEW_FACTS).

    Enough is: an index or NHS number; family or given name with the whole date of birth; both names with the year of
    birth; both names with a postcode. A name alone, a postcode alone and anything with a wildcard are not.
    """
    if _WILDCARD.search(terms.family_name + terms.given_name):
        raise Denied(Refusal.TOO_FEW_FACTS, "wildcard")
    if not _is_enough(terms):
        raise Denied(Refusal.TOO_FEW_FACTS)


def check_reason(reason: Reason) -> None:
    """Refuse a case reference that says nothing: one sign over and over, or a stopgap; raises Denied(REASON_UNINFORMATIVE) (T02).

    None at all is no excuse either but may be so: a family may ring before there is a case. How often is counted.
    """
    signs = re.sub(r"[/-]", "", reason.case_reference)
    if reason.case_reference and (len(set(signs)) < 2 or signs in _STOPGAPS):
        raise Denied(Refusal.REASON_UNINFORMATIVE)


def is_repeated(children: int) -> bool:
    """Whether one case reference has now been given for so many children in a row that somebody should ask: fifty, a hundred ..."""
    return children > 0 and children % REPEATED_CHILDREN == 0


def _is_enough(terms: SearchTerms) -> bool:
    """The smallest sets of facts that point to one child rather than to a crowd."""
    if terms.index_number or terms.nhs_number:
        return True
    family, given = _is_name(terms.family_name), _is_name(terms.given_name)
    born = terms.birth_date
    whole_date = born is not None and born.day is not None
    return (whole_date and (family or given)) or (family and given and (born is not None or bool(terms.postcode)))


def _is_name(text: str) -> bool:
    """Whether there are two letters together: an initial or a dash is no name to search by."""
    return _LETTERS.search(text) is not None


def open_children_only(terms: SearchTerms) -> bool:
    """Whether a field that a shield hides is searched for: then open children alone are looked among (R 3.06)."""
    return bool(terms.postcode or terms.nhs_number)


def may_be_numbered(tier: Tier, terms: SearchTerms) -> bool:
    """Whether a child of this tier may be found by index number, given what else was searched for (R 3.06).

    Ten digits may pass for both kinds of number: that alone names no hidden field.
    """
    hidden = bool(terms.postcode) or (bool(terms.nhs_number) and terms.nhs_number != terms.index_number)
    return tier is Tier.OPEN or (tier is Tier.SHIELDED and not hidden)


def shortlist(weighed: Sequence[Weighed]) -> tuple[tuple[Weighed, ...], bool]:
    """The candidates to show, best first, and whether there are too many to show any (R 2.23).

    Too many is when more than ten are so near the best that no order among them means anything.
    """
    ranked = sorted((one for one in weighed if one.bits >= LEAST_BITS), key=lambda one: (-one.bits, one.id))
    rivals = [one for one in ranked if one.bits >= ranked[0].bits - RIVAL_BITS]
    if len(rivals) > MOST_CANDIDATES:
        return (), True
    return tuple(ranked[:MOST_CANDIDATES]), False


def child_at(results: StoredResults, position: int) -> UUID:
    """The child in this row; raises Denied(ADDRESS_EXPIRED) for a row that is not there."""
    if not 1 <= position <= len(results.children):
        raise Denied(Refusal.ADDRESS_EXPIRED)
    return results.children[position - 1]


def carries_over(results: StoredResults, child: UUID) -> bool:
    """Whether the reason given for the search goes for this child: the first one opened from it, and no other (R 2.20)."""
    return results.opened is None or results.opened == child


def most_likely_to_know(
    lines: Sequence[InvolvementLine], *, services: Mapping[str, ServiceType], unconfirmed: Collection[UUID]
) -> InvolvementLine | None:
    """Whom to ring where there is no lead professional: a number nobody has reported before one somebody has,
    a service not everybody has before one everybody has, confirmed before unconfirmed, then the newest word.
    """

    def order(line: InvolvementLine) -> tuple[bool, bool, bool, int, UUID]:
        service = services.get(line.service_type)
        universal = service is None or service.coverage == "universal"
        newest = max(line.as_of, line.confirmed_on or line.as_of).toordinal()
        return (line.phone_reported_on is not None, universal, line.id in unconfirmed, -newest, line.id)

    return min(lines, key=order, default=None)


def surnames(name: str) -> frozenset[str]:
    """The parts of the last word of a name, without accents or case: "Ana Smith-Józwiak" is a Smith and a Jozwiak."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return frozenset(re.findall(r"[^\W\d_]{2,}", plain.casefold().split()[-1])) if plain.strip() else frozenset()


def same_phone(one: str, other: str) -> bool:
    """Whether two telephone numbers are the same however they are written, with the country's code or without."""
    first, second = (re.sub(r"\D", "", phone)[-_PHONE_DIGITS:] for phone in (one, other))
    return len(first) == _PHONE_DIGITS and first == second


def check_household(*, own_name: str, own_phone: str, names: Iterable[str], phones: Iterable[str]) -> bool:
    """Whether the looker bears a name of the child or of who cares for the child; raises Denied(OWN_HOUSEHOLD) where a carer's
    telephone number is theirs as well (R 7.07; T05).
    """
    namesake = any(surnames(own_name) & surnames(name) for name in names)
    if namesake and any(same_phone(own_phone, phone) for phone in phones):
        raise Denied(Refusal.OWN_HOUSEHOLD)
    return namesake
