"""The weekly sample of what was decided without a person, by the sizes of the settings."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.conf import settings

from childindex.access.sign_in import operator
from childindex.kernel.people import Channel
from childindex.upkeep.panel import SampleDrawn, Sizes
from childindex.upkeep.usecases import quality

_SEED_BITS: Final = 63


def run(*, until: datetime, at: datetime) -> SampleDrawn:
    """Draw the sample of what was decided up to a moment, unless one was drawn less than a week before."""
    return quality.draw_sample(
        actor=operator(channel=Channel.WORKER, at=at),
        until=until,
        sizes=Sizes(links=settings.SAMPLE_LINKS, near_misses=settings.SAMPLE_NEAR_MISSES),
        seed=secrets.randbits(_SEED_BITS),
        at=at,
    )
