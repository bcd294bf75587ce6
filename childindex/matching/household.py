"""Who lives where a protected child lives: an open brother's or sister's page would say where that is. The worker's alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from childindex.children import selectors as children
from childindex.kernel.identity import Identity
from childindex.matching.engine.keys import search_keys
from childindex.matching.services import standardised


def open_household(protected: Sequence[Identity]) -> list[UUID]:
    """Open children of one home with a child of whom sources said this, by id (R 3.13; T12): for somebody to look at each.

    Looked for among those who share a search key: the sound of a name and the postcode, or a birth date and a carer's telephone
    number. Whoever lives there under quite another name and was born on another day is not found.
    """
    shared = children.open_sharing([search_keys(standardised(identity)) for identity in protected])
    held = children.held(sorted({child for _, child in shared}))
    return [one.id for one in held if any(_one_home(here, there) for here in protected for there in one.identities)]


def _one_home(one: Identity, other: Identity) -> bool:
    """The same property or address, or a carer who is reached by the same number."""
    if one.uprn and one.uprn == other.uprn:
        return True
    if one.postcode and one.postcode == other.postcode and one.address and _letters(one) == _letters(other):
        return True
    return bool({carer.phone for carer in one.carers if carer.phone} & {carer.phone for carer in other.carers})


def _letters(who: Identity) -> str:
    """An address without what is written now so and now so."""
    return "".join(character for character in who.address.casefold() if character.isalnum())
