"""Office documents made PDF by LibreOffice, which stays loaded and is forked for each of them.

Run by ``zygote`` alone: every document has a LibreOffice of its own, in its own jail, that ends
with it. The profile forbids what a document could start: macros, links to other files, the net.
"""

import os
import shutil
import tempfile
from pathlib import Path

from faxes.documents import containers
from faxes.documents.libreofficekit import Office, OfficeFailed, preload
from faxes.documents.zygote import Job
from faxes.enums import ErrorCode
from faxes.errors import DocumentError

IDLE_SECONDS = 600.0  # after which the helper leaves: it is large
_PATH = "/org.openoffice.Office."
_SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "CheckDocumentEvents", "false"),
    ("Common/Misc", "FirstRun", "false"),
    ("Common/Misc", "UseLocking", "false"),
    ("Common/Save/Document", "AutoSave", "false"),
    ("Common/Java/ApplicationSettings", "Enable", "false"),
    ("Writer/Content/Update", "Link", "2"),  # never
    ("Calc/Content/Update", "Link", "2"),
    ("Calc/Formula/Load", "OOXMLRecalcMode", "1"),  # never: what was saved is what is faxed
    ("Calc/Formula/Load", "ODFRecalcMode", "1"),
)


def warm() -> None:
    """Load LibreOffice, so that every job's fork has it."""
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        os.environ["TMPDIR"] = name  # where it leaves folders behind
        preload(_profile(Path(name)))


def to_pdf(job: Job, *, path: str, out: str, suffix: str) -> None:
    """Make a PDF of an office document; ``suffix`` is that of its type (``.docx``).

    Raises DocumentError: DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE.
    """
    # LibreOffice believes names before contents, and keeps notes beside what it opens.
    document = job.folder / f"document{suffix}"
    shutil.copyfile(path, document)
    try:
        Office(_profile(job.folder / "office")).convert(document, Path(out), "pdf")
    except OfficeFailed:
        locked = containers.is_locked(document)
        code = ErrorCode.DOCUMENT_ENCRYPTED if locked else ErrorCode.DOCUMENT_UNREADABLE
        raise DocumentError(code, field="documents") from None
    finally:
        document.unlink()


def _profile(folder: Path) -> Path:
    """Write the profile of a user who trusts nobody."""
    user = folder / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{_PATH}{where}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for where, name, value in _SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>\n'
    )
    # Where this is missing, LibreOffice spends half a second on trying out how it draws.
    (user / "GraphicsRenderTests.log").touch()
    return folder
