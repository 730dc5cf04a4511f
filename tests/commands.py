"""Commands of the portal in processes of their own, as an operator gives them."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_WITHIN = 180  # seconds, on a machine where others work too


def manage(env: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` with these variables and no others; it may fail."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=_ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )


def bare(data: Path, **variables: str) -> dict[str, str]:
    """The variables of somebody who has set nothing but these and the data folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "FAXPORTAL_DATA": str(data), **variables}
