"""What a template may do, and what it may not get away with."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2
import pytest
from django.utils import translation

from childindex.web.design.environment import environment


@dataclass(frozen=True, slots=True)
class Thing:
    """A page value with one field."""

    name: str


@pytest.fixture(scope="module")
def env() -> jinja2.Environment:
    """The environment with no application's templates but the design's own."""
    return environment()


def draw(env: jinja2.Environment, source: str, **context: object) -> str:
    """One template, given as text."""
    return env.from_string(source).render(**context)


def test_a_field_of_a_frozen_value_is_drawn_and_escaped(env: jinja2.Environment) -> None:
    """Markup in a name stays text."""
    assert draw(env, "{{ page.name }}", page=Thing("<b>Ann</b>")) == "&lt;b&gt;Ann&lt;/b&gt;"


@pytest.mark.parametrize(
    "source",
    [
        "{{ page.nickname }}",
        "{% if page.nickname %}{% endif %}",
        "{{ page.nickname.first }}",
        "{{ page.nickname is defined }}",
    ],
)
def test_a_misspelt_field_raises(env: jinja2.Environment, source: str) -> None:
    """Even in a test or a chain, where it would have been quietly empty."""
    with pytest.raises(jinja2.UndefinedError, match="Thing has no attribute 'nickname'"):
        draw(env, source, page=Thing("Ann"))


@pytest.mark.parametrize(
    "source",
    ["{{ pgae.name }}", "{% if pgae.name %}{% endif %}", "{% for x in pgae.names %}{% endfor %}", "{{ pgae }}"],
)
def test_a_misspelt_page_raises(env: jinja2.Environment, source: str) -> None:
    """A name that nobody gave."""
    with pytest.raises(jinja2.UndefinedError, match="'pgae' is not defined"):
        draw(env, source, page=Thing("Ann"))


def test_a_missing_key_of_a_mapping_is_empty(env: jinja2.Environment) -> None:
    """In our own templates too: parameters of macros are built as mappings."""
    source = "{{ given.a.b }}{% if given.a %}yes{% endif %}{% for one in given.a %}one{% endfor %}{{ given.a | e }}"
    assert draw(env, source, given={}) == ""


def test_addresses_are_looked_up_by_name(env: jinja2.Environment) -> None:
    """Never written out."""
    assert draw(env, "{{ url('kitchen-sink') }} {{ static('design/app.css') }}") == "/ /static/design/app.css"


def test_missing_parameters_of_a_macro_chain(env: jinja2.Environment) -> None:
    """The design system's macros ask for much that is not given."""
    assert "Search</button>" in draw(env, '{{ govukButton({"text": "Search"}) }}').replace("\n", "").replace("  ", "")


def test_text_given_to_a_macro_is_escaped(env: jinja2.Environment) -> None:
    """The macros mark their own markup as safe, never what they are given as text."""
    drawn = draw(
        env, '{{ govukInsetText({"text": name}) }}{{ govukInput({"name": "a", "value": name}) }}', name='"><script>'
    )
    assert "<script>" not in drawn
    assert drawn.count("&lt;script&gt;") == 2


def test_a_value_inside_a_translated_sentence_is_escaped(env: jinja2.Environment) -> None:
    """New-style gettext escapes its variables."""
    assert draw(env, '{{ _("Born %(day)s", day=day) }}', day="<i>") == "Born &lt;i&gt;"


def test_sentences_follow_the_language_of_the_request(env: jinja2.Environment) -> None:
    """Django's own catalogue knows the months in Welsh, which shows that `_()` asks the language in force."""
    with translation.override("cy"):
        welsh = draw(env, '{{ language().code }} {{ language().direction }} {{ _("March") }}')
    assert welsh == "cy ltr Mawrth"
    with translation.override("ar"):
        assert draw(env, "{{ language().direction }}") == "rtl"


def test_every_macro_of_the_list_exists(env: jinja2.Environment) -> None:
    """A macro that a newer release renames fails here, not on a page."""
    names = [name for name in env.globals if name.startswith("govuk")]
    assert len(names) >= 25
    for name in names:
        assert draw(env, f'{{{{ {name}({{"text": "x", "items": [], "rows": []}}) }}}}').strip()
