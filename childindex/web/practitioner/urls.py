"""Addresses of the pages about children. None of them ever says which child: handles and tokens are random."""

from __future__ import annotations

from django.urls import path

from childindex.web.practitioner import child, contact, involvement, override, own_requests, propose, search, shield

urlpatterns = [
    path("", search.search, name="search"),
    path("search", search.search),
    path("results/<str:token>", search.results, name="results"),
    path("results/<str:token>/open", search.open_result, name="open_result"),
    path("child/<str:handle>", child.child, name="child"),
    path("child/<str:handle>/involvement", involvement.declare, name="declare"),
    path("child/<str:handle>/involvement/<uuid:line>/end", involvement.end, name="end"),
    path("child/<str:handle>/involvement/<uuid:line>/confirm", involvement.confirm, name="confirm"),
    path("child/<str:handle>/involvement/<uuid:line>/phone", involvement.report_phone, name="report_phone"),
    path("child/<str:handle>/contact", contact.ask_contact, name="ask_contact"),
    path("child/<str:handle>/contact/asked", contact.contact_asked, name="contact_asked"),
    path("child/<str:handle>/shield", shield.ask_shield, name="ask_shield"),
    path("child/<str:handle>/shield/asked/<uuid:reference>", shield.shield_asked, name="shield_asked"),
    path("my-requests", own_requests.own_requests, name="own_requests"),
    path("child/<str:handle>/override", override.override, name="override"),
    path("hidden/<uuid:override_id>", override.hidden, name="hidden"),
    path("hidden/<uuid:override_id>/leave", override.leave, name="leave_hidden"),
    path("propose", propose.propose, name="propose"),
    path("propose/received", propose.proposed, name="proposed"),
]
