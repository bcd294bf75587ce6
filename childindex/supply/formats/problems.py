"""What can be wrong with a supply file or a row, as a code and one sentence. No value from the file is ever repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A file with one of these is held as a whole and changes nothing.
FILE_SENTENCES: Mapping[str, str] = {
    "file_missing": "The file cannot be opened. Check the path and that this account may read it.",
    "empty": "The file is empty.",
    "no_rows": "The file has a header and no rows.",
    "encoding": "The file is not UTF-8 text. Export it again as UTF-8.",
    "nul": "The file contains a NUL character, so it is damaged or is not a text file.",
    "delimiter": "The columns are not separated by commas. Export the file again as comma-separated values.",
    "missing_column": "A required column is missing from the header.",
    "duplicate_column": "A column stands twice in the header.",
    "mapped_column_missing": "The mapping file names a column that the header does not have.",
    "quoting": "A quotation mark is opened and never closed.",
    "line_too_long": "A line is longer than 65,536 characters, so this is not a supply file.",
    "too_large": "The file unpacks to more than 8 GB. Send it in parts as deltas.",
    "truncated": "The file breaks off before its end. Send it again.",
    "gzip": "The packed file is damaged. Send it again.",
    "not_json": "The first line is not one JSON object. Send one object a line.",
    "wrong_supplier": "None of the services in the file is one this feed supplies, so it is probably another supplier's file.",
    "removals": "More records are missing than the agreed share of removals allows, so the file may be incomplete.",
    "older": "The file speaks for an earlier day than the last snapshot that was applied.",
    "mapping": "The mapping file cannot be used.",
}

# A row with one of these is rejected; the rest of the file goes on.
ROW_SENTENCES: Mapping[str, str] = {
    "missing": "This column must not be empty.",
    "cells": "The row has more or fewer cells than the header.",
    "not_json": "The line is not one JSON object of texts, numbers, true, false and null.",
    "too_long": "The text is longer than this column allows.",
    "control_character": "The text contains a line break, a tab or another control character.",
    "combining_marks": "The text piles up more marks on a letter than any language uses.",
    "formula": "The text begins like a spreadsheet formula.",
    "no_letter": "A name needs at least one letter.",
    "date_form": "The date is not written YYYY-MM-DD.",
    "birth_date_form": "The date is not written YYYY-MM-DD, YYYY-MM or YYYY.",
    "date_impossible": "There is no such day.",
    "date_in_future": "The date lies in the future.",
    "birth_in_future": "The birth date lies in the future; for an unborn child give the expected date and unborn = true.",
    "birth_too_long_ago": "The birth date is more than 25 years before the delivery.",
    "expected_date": "For an unborn child give the expected date of birth, from two months past to ten months ahead.",
    "before_birth": "The date lies before the child's birth.",
    "ended_before_started": "The involvement ends before it starts.",
    "not_true_or_false": "Write true or false.",
    "not_in_list": "The value is not in the list for this column.",
    "nhs_number": "The NHS number is not ten digits or its check digit is wrong.",
    "upn": "The pupil number is not in the right form or its check letter is wrong.",
    "postcode": "The postcode is not in the form of a postcode.",
    "uprn": "A property reference number is one to twelve digits.",
    "phone": "This is not a telephone number that can be rung.",
    "email": "This is not an e-mail address.",
    "organisation_form": "Write urn:, ods:, gss: or charity: and the organisation's number.",
    "service_unknown": "The service is not in the index's list of services.",
    "service_missing": "The row gives details of an involvement and no service_type.",
    "service_of_another_feed": "This feed does not supply this kind of service.",
    "consent_missing": "A sensitive service needs consent_basis, consent_by and consent_on.",
    "consent_incomplete": "Give consent_basis, consent_by and consent_on together.",
    "child_columns_differ": "Another row with this record_id says something else about the child.",
    "duplicate_row": "An earlier row of this record says the same.",
    "duplicate_involvement": "An earlier row of this record gives the same involvement differently.",
    "carer_without_name": "The row gives a carer's relationship or telephone number and no carer_name.",
}


class FileHeld(Exception):
    """The file cannot be read or believed as a whole. `code` is for the ledger, `sentence` for the supplier."""

    def __init__(self, code: str, more: str = "") -> None:
        """`more` may name columns of the contract or row numbers, never a value from the file."""
        self.code = code
        self.sentence = FILE_SENTENCES[code] + (f" {more}" if more else "")
        super().__init__(self.sentence)


class Wrong(Exception):
    """One value breaks a rule. Raised while a row is read and turned into a `Rejection` with its place."""

    def __init__(self, code: str, column: str = "") -> None:
        """`column` may be left out where the reader of the row knows it."""
        super().__init__(code)
        self.code = code
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One rejected row. `row` counts as a spreadsheet does: the header is row 1. In JSON the first line is row 1."""

    row: int
    column: str
    code: str

    @property
    def sentence(self) -> str:
        """The rule that was broken, for a person."""
        return ROW_SENTENCES[self.code]
