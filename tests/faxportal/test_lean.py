"""Pages carry no indentation."""

from django.template.loader import get_template

from faxportal.lean import lean


def test_what_lines_begin_with_goes_where_nobody_sees_it():
    assert lean("<ul>\n    <li>\n\t one  two </li>\n</ul>") == "<ul>\n<li>\none  two </li>\n</ul>"
    seen = "<pre>\n  a\n   b</pre> <i>c</i>\n  <textarea>\n  d</textarea>"
    assert lean(seen) == seen.replace("\n  <textarea", "\n<textarea")
    told = "{% blocktranslate %}\n  Some\n  words{% endblocktranslate %} and\n"
    assert lean(told) == told


def test_pages_are_lean():
    page = get_template("layout/portal.html").template.source  # type: ignore[attr-defined]
    assert "<link" in page
    assert "\n " not in page
