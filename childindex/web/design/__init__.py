"""The GOV.UK Design System in Django, with neutral branding; knows no domain.

A page is three things: a frozen value derived from `pages.Page`, a Jinja template in the `jinja2/` folder of its own
package that extends `design/layout.html`, and one call of `pages.render(request, template, page)`. The template sees
that value as `page` and nothing else of the domain. Every macro of the design system (`govukButton`, `govukTable`, ...)
and every part of `design/parts.html` (`identity_bar`, `phone`, `result_list`, `involvement`, `honesty_strip`) can be
called without importing it. Forms are plain Django forms made of the fields in `fields`; `{{ form_fields(page.form) }}`
draws them, and the layout draws the error summary and puts "Error: " before the title when `page.form` has errors.
Every string a person reads goes through `_()`; nothing needs JavaScript.
"""
