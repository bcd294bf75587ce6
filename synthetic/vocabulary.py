"""Columns of text as numbers: every distinct text is kept once, and a column is an array of its positions."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
NONE = -1


class Vocabulary:
    """Every text the population uses. Codes are positions; `NONE` (-1) stands for an empty value.

    Changing a name means appending the changed text and pointing at it, so a million rows are changed without touching a million strings.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._column = pl.Series([], dtype=pl.String)

    def add(self, texts: Sequence[str]) -> Codes:
        """Codes of the texts, each kept once."""
        codes, kept = self._codes, self.texts
        found = np.empty(len(texts), dtype=np.int32)
        for position, text in enumerate(texts):
            code = codes.get(text)
            if code is None:
                code = codes[text] = len(kept)
                kept.append(text)
            found[position] = code
        return found

    def code(self, text: str) -> int:
        """The code of one text, added when it is new."""
        return int(self.add([text])[0])

    def words(self, codes: Codes) -> list[str]:
        """The texts behind codes that are all present."""
        texts = self.texts
        return [texts[code] for code in codes.tolist()]

    def series(self, codes: Codes) -> pl.Series:
        """One polars column of the texts, null where the code is `NONE`."""
        if len(self._column) < len(self.texts):
            self._column = pl.concat(
                [self._column, pl.Series(self.texts[len(self._column) :], dtype=pl.String)]
            ).rechunk()
        return gather(self._column, codes)


def gather(values: pl.Series, codes: NDArray[np.int32] | NDArray[np.int64]) -> pl.Series:
    """values[codes], null where a code is negative."""
    positions = pl.Series(codes)
    if len(codes) and int(codes.min()) < 0:
        positions = (
            pl.DataFrame({"code": positions}).select(pl.when(pl.col("code") >= 0).then(pl.col("code"))).to_series()
        )
    return values.gather(positions)
