"""One trial from files to figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from childindex.trial import clusters, counting, groups, inputs, joining, review, scores, special
from childindex.trial.figures import BeforeAndAfter, Counts, Curve, Trial

VERSION = 1


def evaluate(
    folder: Path,
    *,
    truth: Path,
    files: Mapping[str, Path] | None = None,
    progress: Callable[[str, float], None] = lambda _done, _share: None,
) -> Trial:
    """Holds what `link` wrote into `folder` against the truth. `files` are supply files by source, for the birth dates of twins.

    Refused with `TrialUnreadable`: a file that is missing or could not be counted rightly.
    """
    progress("reading", 0.0)
    material = inputs.read(folder, truth=truth)
    dates = inputs.birth_dates(files) if files else None
    progress("counting pairs and clusters", 0.4)
    records = material.records.with_columns(asked=review.asked(material.records, material.review))
    person, cluster = records["person"].to_numpy(), records["cluster"].to_numpy()
    reviewed = review.joined(cluster, material.review)
    suppliers = counting.labels(records["source"])
    before = counting.overlap(person, cluster, suppliers)
    after = counting.overlap(person, reviewed, suppliers, true=before.true)
    pairs = counting.both_ways(before)
    people, later = clusters.people(person, cluster), clusters.people(person, reviewed)
    progress("counting by group", 0.6)
    seen = groups.Seen(records=records, review=material.review, before=before, after=after, people=people)
    by_group = groups.groups(seen)
    progress("drawing curves", 0.9)
    return Trial(
        version=VERSION,
        counts=_counts(material, people),
        pairs=pairs,
        clusters=BeforeAndAfter(before=clusters.clusters(people), after=clusters.clusters(later)),
        review=review.load(records, material.review, true_pairs=pairs.cross.true, after=counting.both_ways(after)),
        twins=special.twins(records, dates),
        forbidden=special.forbidden(records, material.forbidden, material.review),
        groups=by_group,
        curves=_curves(material.pairs, person, suppliers, true=pairs.cross.true),
        calibration=None if material.pairs is None else scores.calibration(material.pairs),
        link=material.report,
    )


def _curves(
    pairs: pl.DataFrame | None, person: np.ndarray, suppliers: counting.Labels, *, true: int
) -> tuple[Curve, ...]:
    if pairs is None:
        return ()
    alone = [scores.curve(pairs, score=score, true=true) for score in ("posterior", "bits")]
    at = alone[0].points
    return (*alone, joining.clustered(pairs, person=person, suppliers=suppliers, true=true, at=at))


def _counts(material: inputs.Material, people: clusters.People) -> Counts:
    return Counts(
        records=len(material.records),
        persons=len(people.table),
        clusters=people.clusters,
        held=material.held,
        missing=material.missing,
        unknown=material.unknown,
    )
