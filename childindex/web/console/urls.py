"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from childindex.web.console import (
    allowances,
    leaving,
    matches,
    merges,
    nominations,
    organisations,
    override_rights,
    oversight,
    quality,
    sampled,
    shields,
    splits,
    team,
)

urlpatterns = [
    path("matches", matches.queue, name="matches"),
    path("matches/<uuid:review_id>", matches.pair, name="match"),
    path("merges", merges.worklist, name="merges"),
    path("merges/compare", merges.compare, name="compare_entries"),
    path("merges/propose", merges.propose, name="propose_merge"),
    path("merges/<uuid:merge_id>", merges.merge, name="merge"),
    path("merges/<uuid:merge_id>/answer", merges.answer, name="answer_merge"),
    path("oversight", oversight.queue, name="oversight"),
    path("oversight/<uuid:item_id>", oversight.item, name="oversight_item"),
    path("oversight/<uuid:item_id>/investigate", oversight.investigate, name="investigate"),
    path("quality", quality.panel, name="quality"),
    path("quality/<uuid:pair_id>", sampled.pair, name="sampled_pair"),
    path("shields", shields.shields, name="shields"),
    path("shields/<uuid:shield_id>", shields.shield, name="shield"),
    path("splits/prepare", splits.prepare, name="prepare_split"),
    path("splits/propose", splits.propose, name="propose_split"),
    path("splits/<uuid:split_id>", splits.split, name="split"),
    path("splits/<uuid:split_id>/answer", splits.answer, name="answer_split"),
    path("notices/<uuid:notice_id>", splits.notice, name="notice"),
    path("notices/<uuid:notice_id>/move", splits.move_notice, name="move_notice"),
    path("organisations", organisations.organisations, name="organisations"),
    path("organisations/<str:code>", organisations.organisation, name="organisation"),
    path("organisations/<str:code>/limits", allowances.allowances, name="allowances"),
    path("organisations/<str:code>/limits/<uuid:quota_id>", allowances.approve_quota, name="approve_quota"),
    path("organisations/<str:code>/suspended/<uuid:account_id>", allowances.lift, name="lift_suspension"),
    path("team", team.team, name="team"),
    path("team/nominate", nominations.nominate, name="nominate"),
    path("team/nominations", nominations.nominations, name="nominations"),
    path("team/nominations/<uuid:nomination_id>", nominations.nomination, name="nomination"),
    path("team/<uuid:account_id>/leave", leaving.leave, name="leave"),
    path("team/override-rights", override_rights.override_rights, name="override_rights"),
    path("team/override-rights/<uuid:right_id>/approve", override_rights.approve, name="approve_override_right"),
    path("team/<uuid:account_id>/reset", team.reset, name="reset_second_factor"),
]
