"""How a page reaches the browser: a frozen value, a template, one call of `render`."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from childindex.web.design.parts import Link, Notice, Watermark


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in, as the header shows it; `sign_out` is the address the sign-out button posts to."""

    name: str
    organisation: str
    sign_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Where the service is on its way ("Beta"), and one sentence about it."""

    tag: str
    text: str


def demo_in_settings() -> bool:
    """Whether settings say that every child here is made up (`settings.DEMO`)."""
    return bool(getattr(settings, "DEMO", False))


def training_in_settings() -> tuple[Link, ...]:
    """The way to the site with made-up children, where settings name one (`settings.TRAINING_URL`; R 7.07)."""
    address = str(getattr(settings, "TRAINING_URL", ""))
    return (Link(label=_("Training mode: try things out on made-up children"), href=address),) if address else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """The frame round a page: the same for every page a person sees in one site.

    `home` is where the service name leads. `navigation` and `footer` are drawn in order; mark the section the reader is
    in with `current=True`. `footer` and `demo` follow the settings unless given; the demo's banner takes the place of the phase banner.
    """

    home: str = "/"
    signed_in: SignedIn | None = None
    navigation: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = field(default_factory=training_in_settings)
    phase: Phase | None = None
    demo: bool = field(default_factory=demo_in_settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every template receives as `page`; derive one frozen dataclass for each page and add its own fields.

    `title` is the heading and, with the service name, the title of the window: never a child's name, because window
    titles end up in a browser's history. `form`, where there is one, gives the error summary and the "Error: " before
    the title; further forms on the same page go in `more_forms`. `back` draws the back link. `watermark` is for pages
    about a child and appears on paper only.
    """

    title: str
    chrome: Chrome
    back: Link | None = None
    notice: Notice | None = None
    form: BaseForm | None = None
    more_forms: tuple[BaseForm, ...] = ()
    watermark: Watermark | None = None


def render(request: HttpRequest, template: str, page: Page, status: int = 200) -> HttpResponse:
    """Draw one page. The template sees `page`, `csp_nonce`, `csrf_input` and the globals of `environment`.

    `csp_nonce` is evaluated only where a template prints it, which is what puts it in the header. The answer is
    no-store even where the middleware is missing.
    """
    context = {"page": page, "csp_nonce": getattr(request, "csp_nonce", "")}
    content = loader.render_to_string(template, context, request=request, using="jinja2")
    response = HttpResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response
