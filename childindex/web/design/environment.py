"""The Jinja environment behind every page; named by `OPTIONS["environment"]` of Django's Jinja2 backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2.utils import Namespace, missing

from childindex.web.design import components, words

# What the parameters of a design-system macro are made of. Only these may lack an attribute that a template asks for.
_PLAIN = (Mapping, str, int, list, tuple, type(None), Namespace, jinja2.Undefined)

_MACROS = {
    "govukBackLink": "back-link",
    "govukBreadcrumbs": "breadcrumbs",
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukDateInput": "date-input",
    "govukDetails": "details",
    "govukErrorMessage": "error-message",
    "govukErrorSummary": "error-summary",
    "govukFieldset": "fieldset",
    "govukGenericHeader": "generic-header",
    "govukHint": "hint",
    "govukInput": "input",
    "govukInsetText": "inset-text",
    "govukLabel": "label",
    "govukNotificationBanner": "notification-banner",
    "govukPagination": "pagination",
    "govukPanel": "panel",
    "govukPhaseBanner": "phase-banner",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukServiceNavigation": "service-navigation",
    "govukSkipLink": "skip-link",
    "govukSummaryList": "summary-list",
    "govukTable": "table",
    "govukTag": "tag",
    "govukWarningText": "warning-text",
}

_PARTS = {
    "form_field": "design/forms.html",
    "form_fields": "design/forms.html",
    "error_summary": "design/forms.html",
    "identity_bar": "design/parts.html",
    "phone": "design/parts.html",
    "result_list": "design/parts.html",
    "involvement": "design/parts.html",
    "honesty_strip": "design/parts.html",
}


class MacroUndefined(jinja2.ChainableUndefined):
    """A name that is not there, in a macro of the design system.

    Those macros ask for many parameters that nobody gave, so missing keys of plain containers chain and are empty. A
    missing attribute of anything else (a frozen value, a form) raises at once.
    """

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[jinja2.TemplateRuntimeError] = jinja2.UndefinedError,
    ) -> None:
        """Raise `UndefinedError` at once where the thing asked is not a plain container."""
        super().__init__(hint, obj, name, exc)
        if obj is not missing and not isinstance(obj, _PLAIN):
            raise jinja2.UndefinedError(f"{type(obj).__name__} has no attribute {name!r}")


class PageUndefined(MacroUndefined):
    """The same in a template of ours, where a top-level name that nobody gave also raises when it is used.

    So a misspelling in a template is a failing test, not a hole in a page.
    """

    __slots__ = ()

    def _check(self) -> None:
        if self._undefined_obj is missing and self._undefined_hint is None:
            raise jinja2.UndefinedError(f"{self._undefined_name!r} is not defined")

    def __str__(self) -> str:
        """Nothing for a missing key; raises for a top-level name."""
        self._check()
        return ""

    def __bool__(self) -> bool:
        """False for a missing key; raises for a top-level name."""
        self._check()
        return False

    def __iter__(self) -> Any:
        """Empty for a missing key; raises for a top-level name."""
        self._check()
        return iter(())

    def __html__(self) -> str:
        """As text."""
        return str(self)


def environment(**options: Any) -> jinja2.Environment:
    """Build the environment from the options of Django's Jinja2 backend (loader, autoescape, auto_reload).

    Filters: `british_date`, `british_time`, `phone_display`. Globals: `static(path)`, `url(name, ...)`, every macro of
    the design system and every part, and `language` (code, whether it runs right to left). `_()` and `{% trans %}`
    translate into the language of the request. Only the macros listed here can be called: the others have no styles.
    """
    options["undefined"] = PageUndefined
    options["autoescape"] = True
    options["loader"] = options.get("loader") or jinja2.PackageLoader("childindex.web.design", "jinja2")
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], **options)  # noqa: S701 - autoescape is set above
    _translate(env)
    env.filters.update(british_date=words.british_date, british_time=words.british_time, phone=words.phone_display)
    env.globals.update(
        static=static,
        url=_url,
        language=_language,
        phone_href=words.phone_href,
        drawing=components.drawing,
        problems=components.problems,
    )
    library = _library()
    for name, component in _MACROS.items():
        env.globals[name] = _macro(library, f"govuk_frontend_jinja/components/{component}/macro.html", name)
    for name, template in _PARTS.items():
        env.globals[name] = _macro(env, template, name)
    return env


def _library() -> jinja2.Environment:
    """The design system's macros, in an environment of their own.

    What they leave undefined is their business; in a page it is ours. And with none of our globals each of their many
    imports costs a quarter less.
    """
    return jinja2.Environment(
        loader=jinja2.PrefixLoader({"govuk_frontend_jinja": jinja2.PackageLoader("govuk_frontend_jinja")}),
        undefined=MacroUndefined,
        autoescape=True,
        auto_reload=False,
    )


def _translate(env: jinja2.Environment) -> None:
    env.policies["ext.i18n.trimmed"] = True
    install: Callable[..., None] = env.install_gettext_callables  # type: ignore[attr-defined]
    install(
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )


def _macro(env: jinja2.Environment, template: str, name: str) -> Callable[..., Any]:
    """A macro that can be called without an import; its template is loaded on first use and kept by Jinja's cache."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(env.get_template(template).module, name)(*args, **kwargs)

    return call


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def _language() -> dict[str, str]:
    return {
        "code": translation.get_language() or "en-gb",
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
