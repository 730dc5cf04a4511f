"""Pages, styles and scripts carry nothing that only their authors read."""

from django.template.loader import get_template

from faxportal.lean import lean
from faxportal.lean_files import lean_script, lean_sheet


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


def test_sheets_say_the_same_on_one_line():
    sheet = """/* What, "why" */
    @layer lists {
      .row :checked, .row:checked {
        color: light-dark(#fff, #000);
        top: calc(1% - 2px);
      }
      p::before { content: "a, b: c; "; }
    }
    """
    assert lean_sheet(sheet) == (
        "@layer lists{.row :checked,.row:checked{color:light-dark(#fff,#000);top:calc(1% - 2px)}"
        'p::before{content:"a, b: c; "}}'
    )


def test_scripts_keep_their_lines():
    script = "// what\n/* and\n   why */\n\nif (a) {\n  b(`c  d`); // at the end\n}\n"
    assert lean_script(script) == "if (a) {\nb(`c  d`); // at the end\n}\n"
