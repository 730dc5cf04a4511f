"""What integrators are shown runs as it stands: in a shell, in Python, in JavaScript."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.conftest import Running
from tests.real.running import ROOT

RUN_BY = {
    "sh": ["bash", "-eu", "-o", "pipefail"],
    "python": [sys.executable],
    "javascript": ["node"],
}
SHOWN = [
    ("integrator.md", "sh", "delivered"),
    ("integrator.md", "python", "delivered"),
    ("integrator.md", "javascript", "delivered"),
    ("kazoo.md", "sh", "completed"),
    ("signalwire.md", "sh", '"status": "delivered"'),
    ("fax2.md", "sh", '"status":"sent"'),
    ("voipnow.md", "sh", "delivered"),
]
ENDINGS = {"sh": "sh", "python": "py", "javascript": "mjs"}

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("page", "language", "end"), SHOWN)
def test_the_lines_shown_do_what_they_say(
    demonstration: Running, tmp_path: Path, page: str, language: str, end: str
):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert blocks
    program = tmp_path / f"shown.{ENDINGS[language]}"
    program.write_text("\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [*RUN_BY[language], str(program)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PORTAL": demonstration.url},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert end in done.stdout
