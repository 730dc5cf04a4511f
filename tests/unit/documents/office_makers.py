"""Office documents for the tests, made by LibreOffice itself from one source of each sort."""

import subprocess
from pathlib import Path

WORDS = "Dear Doctor Hale"

_LETTER = f"<html><body><h1>{WORDS}</h1>{'<p>The results are enclosed.</p>' * 60}</body></html>"
_TABLE = "\n".join(f"{WORDS},{row},{row * row}" for row in range(30))
_SLIDES = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.presentation">
<office:body><office:presentation><draw:page><draw:frame svg:width="20cm" svg:height="3cm"
 svg:x="2cm" svg:y="2cm"><draw:text-box><text:p>{WORDS}</text:p></draw:text-box></draw:frame>
</draw:page></office:presentation></office:body></office:document>"""
_SOURCES = {
    "letter.html": (_LETTER, ("doc", "docx", "odt", "rtf"), "--writer"),
    "table.csv": (_TABLE, ("xls", "xlsx", "ods"), "--calc"),
    "slides.fodp": (_SLIDES, ("ppt", "pptx", "odp"), "--impress"),
}


def make_office_documents(folder: Path) -> dict[str, Path]:
    """Make one document of each type, all of them with ``WORDS`` in it, by type."""
    made = {}
    for name, (content, kinds, program) in _SOURCES.items():
        source = folder / name
        source.write_text(content)
        for kind in kinds:
            command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
            command += [program, "--headless", "--convert-to", kind, "--outdir", str(folder)]
            subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=60)
            made[kind] = source.with_suffix(f".{kind}")
    return made
