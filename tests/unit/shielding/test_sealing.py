"""Keyed hashes and encryption: what the guard's tables can and cannot be read for."""

from __future__ import annotations

import base64
from datetime import date
from uuid import UUID

import pytest
from django.test import override_settings
from nacl.exceptions import CryptoError

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import (
    AssessmentState,
    Carer,
    Consent,
    ConsentBasis,
    Identity,
    Sex,
    SourceRecord,
    SuppliedInvolvement,
)
from childindex.shielding import sealing

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def keys() -> object:
    """The worker's keys, made up."""
    with override_settings(
        GUARD_HASH_KEY=base64.b64encode(b"h" * 32).decode(), GUARD_ENCRYPTION_KEY=base64.b64encode(b"e" * 32).decode()
    ):
        yield


def test_a_record_comes_back_as_it_was() -> None:
    """Every field, of every type."""
    record = SourceRecord(
        feed="gp",
        record_id="1",
        row=7,
        identity=Identity(
            family_name="Ó Briain",
            birth_date=PartialDate.parse("2015-03"),
            sex=Sex.FEMALE,
            carers=(Carer(name="Grace", relationship="mother", phone="0161 496 0001"),),
        ),
        unborn=True,
        updated_on=date(2026, 11, 1),
        deceased_on=date(2026, 11, 2),
        confidential=True,
        involvements=(
            SuppliedInvolvement(
                involvement_id="i",
                service_type="counselling",
                organisation_id="ods:C1",
                started_on=date(2026, 1, 1),
                assessment=AssessmentState.COMPLETE,
                consent=Consent(basis=ConsentBasis.CHILD, by="Amara", on=date(2026, 1, 2)),
            ),
        ),
        complete=False,
    )
    assert sealing.read(sealing.unseal(ONE, sealing.seal(ONE, {"record": sealing.written(record)}))["record"]) == record


def test_a_sealed_value_cannot_be_moved_or_changed() -> None:
    """Another row's id, or one bit."""
    sealed = sealing.seal(ONE, {"name": "Amara"})
    assert b"Amara" not in sealed
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(OTHER, sealed)
    with pytest.raises(CryptoError):
        sealing.unseal(ONE, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_the_same_value_is_never_sealed_alike() -> None:
    """Equal payloads would say that two children have the same address."""
    assert sealing.seal(ONE, {"a": "b"}) != sealing.seal(ONE, {"a": "b"})


def test_hashes_depend_on_the_key_and_on_what_they_are_of() -> None:
    """Nobody without the key can try out birth dates; a link and a feed of the same text differ."""
    mine = sealing.hashed_keys([5, -5])
    assert len(set(mine)) == 2
    assert {len(one) for one in mine} == {sealing.HASH_BYTES}
    assert sealing.hashed_feed("a") != sealing.hashed_content(b"a")
    with override_settings(GUARD_HASH_KEY=base64.b64encode(b"x" * 32).decode()):
        assert not set(sealing.hashed_keys([5, -5])) & set(mine)
