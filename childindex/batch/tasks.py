"""Work that pages ask for and the worker does. A job carries opaque ids and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from childindex.access.sign_in import operator
from childindex.batch import sample
from childindex.brokering.usecases import desk, override, requests, shields
from childindex.kernel.people import Channel
from childindex.lookup import usecases as lookup
from childindex.supply.usecases import settle
from childindex.upkeep.usecases import joining, proposals

# A delivery's decisions all bear the time at which it began; by then it is over.
_SETTLED: Final = timedelta(days=1)


@app.task(name="childindex.match_proposal")
def match_proposal(*, proposal_id: str) -> None:
    """Compare one proposed child with the index; one that has been compared already is refused and stays as it is."""
    at = timezone.now()
    proposals.match_proposal(actor=operator(channel=Channel.WORKER, at=at), proposal_id=UUID(proposal_id), at=at)


@app.task(name="childindex.apply_decision")
def apply_decision(*, review_id: str) -> None:
    """Apply what people decided about one record; one that has been applied already is refused and stays as it is."""
    at = timezone.now()
    settle.apply_decision(actor=operator(channel=Channel.WORKER, at=at), review_id=UUID(review_id), at=at)


@app.task(name="childindex.release_row")
def release_row(*, row_id: str) -> None:
    """Place a row that two people said is no protected child's; one that has been placed already is refused and stays as it is."""
    at = timezone.now()
    settle.release_row(actor=operator(channel=Channel.WORKER, at=at), row_id=UUID(row_id), at=at)


@app.periodic(cron="7-59/15 * * * *")
@app.task(name="childindex.resume_decisions", queueing_lock="childindex.resume_decisions")
def resume_decisions(timestamp: int) -> None:
    """Ask again for decisions whose job was lost; `timestamp` is when it was due, and a late run does the same."""
    del timestamp
    at = timezone.now()
    settle.resume_decisions(actor=operator(channel=Channel.WORKER, at=at), at=at)


@app.task(name="childindex.carry_out_merge")
def carry_out_merge(*, merge_id: str) -> None:
    """Make two entries one, as two people have decided; one that is done already is refused and stays as it is."""
    at = timezone.now()
    joining.carry_out_merge(actor=operator(channel=Channel.WORKER, at=at), merge_id=UUID(merge_id), at=at)


@app.task(name="childindex.carry_out_split")
def carry_out_split(*, split_id: str) -> None:
    """Make one entry two again, as two people have decided; one that is done already is refused and stays as it is."""
    at = timezone.now()
    joining.carry_out_split(actor=operator(channel=Channel.WORKER, at=at), split_id=UUID(split_id), at=at)


@app.task(name="childindex.disclose")
def disclose(*, override_id: str) -> None:
    """Hand over what a shield hides to the browser that overrode it; one that is over is refused and nothing is handed over."""
    at = timezone.now()
    override.disclose(actor=operator(channel=Channel.WORKER, at=at), override_id=UUID(override_id), at=at)


@app.task(name="childindex.take_shield_act")
def take_shield_act(*, act_id: str) -> None:
    """Put a shield on, or take a step of a decision about one; what has been taken already is refused and stays as it is."""
    at = timezone.now()
    shields.take(actor=operator(channel=Channel.WORKER, at=at), act_id=UUID(act_id), at=at)


@app.periodic(cron="3-59/5 * * * *")
@app.task(name="childindex.resume_shield_acts", queueing_lock="childindex.resume_shield_acts")
def resume_shield_acts(timestamp: int) -> None:
    """Take what was asked about shields and whose job was lost; `timestamp` is when it was due, and a late run does the same."""
    del timestamp
    at = timezone.now()
    worker = operator(channel=Channel.WORKER, at=at)
    for act in shields.left_behind(actor=worker, at=at):
        shields.take(actor=worker, act_id=act, at=timezone.now())


@app.task(name="childindex.fill_desk")
def fill_desk(*, desk_id: str) -> None:
    """Hand an officer's list over to the browser that asked; one that is over is refused and nothing is handed over."""
    at = timezone.now()
    desk.fill_desk(actor=operator(channel=Channel.WORKER, at=at), desk_id=UUID(desk_id), at=at)


@app.task(name="childindex.fill_requests")
def fill_requests(*, desk_id: str) -> None:
    """Hand a broker's queue over to the browser that asked; one that is over is refused and nothing is handed over."""
    at = timezone.now()
    requests.fill_requests(actor=operator(channel=Channel.WORKER, at=at), desk_id=UUID(desk_id), at=at)


@app.task(name="childindex.take_answer")
def take_answer(*, answer_id: str) -> None:
    """Close a request with a broker's answer; one that has been taken already is refused and stays as it is."""
    at = timezone.now()
    requests.take_answer(actor=operator(channel=Channel.WORKER, at=at), answer_id=UUID(answer_id), at=at)


@app.periodic(cron="*/15 * * * *")
@app.task(name="childindex.forget_expired", queueing_lock="childindex.forget_expired")
def forget_expired(timestamp: int) -> None:
    """Delete results, visits and handed over fields that are over; `timestamp` is when it was due, and a late run does the same."""
    del timestamp
    at = timezone.now()
    lookup.forget_expired(actor=operator(channel=Channel.WORKER, at=at), at=at)
    override.forget_overridden(actor=operator(channel=Channel.WORKER, at=at), at=at)


@app.periodic(cron="10 2 * * *")
@app.task(name="childindex.draw_sample", queueing_lock="childindex.draw_sample")
def draw_sample(timestamp: int) -> None:
    """Draw the week's sample of automatic decisions; asked for every night, so that a night without a worker costs a day only."""
    del timestamp
    at = timezone.now()
    sample.run(until=at - _SETTLED, at=at)
