"""The papers hold: what is generated is up to date, what is linked is there."""

import re
from pathlib import Path

import pytest

from faxes.line.exchange import TEST_NUMBERS
from faxes.phone import readable
from faxportal import env

ROOT = Path(__file__).resolve().parent.parent
PAPERS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_table_of_settings_is_generated_from_the_code():
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == env.table()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_between_papers_leads_somewhere(paper):
    links = re.findall(r"\]\(([^)#]+)\)", paper.read_text(encoding="utf-8"))
    dead = [link for link in links if "://" not in link and not (paper.parent / link).exists()]
    assert not dead


def test_the_readme_lists_every_test_number():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for number in TEST_NUMBERS:
        assert readable(number).replace("-", " ") in readme


def test_make_help_names_the_commands_of_the_readme():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)`", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{target}: ", makefile, re.MULTILINE)
