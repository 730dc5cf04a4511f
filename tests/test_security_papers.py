"""The security papers name what there is: every line of the standard, every test, every setting."""

import re
from pathlib import Path

import pytest

from faxportal.variables import VARIABLES

TESTS = Path(__file__).resolve().parent
DOCS = TESTS.parent / "docs"
ASVS = (DOCS / "asvs.md").read_text(encoding="utf-8")
LINES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ASVS.splitlines()
    if re.match(r"\| \d", line)
]
# How many lines of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)


def test_every_line_of_the_standard_is_there_once():
    numbers = [line[0] for line in LINES]
    assert len(set(numbers)) == len(numbers) == sum(CHAPTERS)
    chapters = [int(number.split(".")[0]) for number in numbers]
    assert tuple(chapters.count(chapter) for chapter in range(1, 18)) == CHAPTERS


def test_the_sums_are_those_of_the_lines():
    states = [line[2] for line in LINES]
    assert set(states) == {"held", "open", "n/a"}
    told = re.search(r"\*\*(\d+) held\*\*,\s+\*\*(\d+) open\*\*, (\d+) not applicable", ASVS)
    assert told is not None
    assert tuple(map(int, told.groups())) == tuple(map(states.count, ("held", "open", "n/a")))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_what_is_held_is_shown_by_a_test_that_exists(line):
    named = re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?`", line[4])
    assert named or line[2] != "held"
    for path, name in named:
        text = (TESTS / path).read_text(encoding="utf-8")
        assert not name or re.search(rf"def {name}\w*\(", text), f"{path} has no {name}"


@pytest.mark.parametrize("paper", ["asvs.md", "security.md", "hipaa.md"])
def test_settings_that_are_named_exist(paper):
    known = {variable.name for variable in VARIABLES}
    named = set(re.findall(r"`(FAXPORTAL_\w+)", (DOCS / paper).read_text(encoding="utf-8")))
    assert named <= known
