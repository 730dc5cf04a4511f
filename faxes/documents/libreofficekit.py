"""LibreOffice as a library: LibreOfficeKit's C interface, as far as it is needed.

LibreOffice can be loaded once (``preload``) and forked into any number of processes, each of which
finishes its start (``Office``) in some ten milliseconds instead of the second that a new program
takes. Structures as in LibreOfficeKit/LibreOfficeKit.h; they only ever grow at their ends.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_FOLDERS = (
    Path("/usr/lib/libreoffice/program"),
    Path("/usr/lib64/libreoffice/program"),
    Path("/opt/libreoffice/program"),
)
_LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")  # one or the other, as it was built


class OfficeMissing(RuntimeError):
    """LibreOffice is not installed: a fault of the installation."""


class OfficeFailed(Exception):
    """LibreOffice could not load or save a document; its own words."""


class _KitClass(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_size_t),
        ("destroy", ctypes.c_void_p),
        ("document_load", ctypes.c_void_p),
        ("get_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
        (
            "document_load_with_options",
            ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p),
        ),
    )


class _Kit(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_KitClass)),)


class _DocumentClass(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_size_t),
        ("destroy", ctypes.c_void_p),
        (
            "save_as",
            ctypes.CFUNCTYPE(
                ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p
            ),
        ),
    )


class _Document(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_DocumentClass)),)


def folder() -> Path:
    """Return the folder of LibreOffice's programs. Raises OfficeMissing."""
    for place in _FOLDERS:
        if any((place / library).exists() for library in _LIBRARIES):
            return place
    raise OfficeMissing("LibreOffice is not installed (Debian: libreoffice-writer and others)")


def preload(profile: Path) -> None:
    """Load all of LibreOffice into this process, with the settings of a profile; do not start it.

    Raises:
        OfficeMissing: there is none.

    """
    os.environ["SAL_USE_VCLPLUGIN"] = "svp"  # draws into memory, needs no screen
    with _silenced():
        _library().lok_preinit(str(folder()).encode(), profile.as_uri().encode())


class Office:
    """LibreOffice, started in this process; once a process. ``profile`` must be writable."""

    def __init__(self, profile: Path) -> None:
        kit = _library().libreofficekit_hook_2(str(folder()).encode(), profile.as_uri().encode())
        if not kit:
            raise OfficeFailed("LibreOffice did not start")
        self._kit = ctypes.cast(kit, ctypes.POINTER(_Kit))

    def convert(self, path: Path, out: Path, form: str, options: str = "") -> None:
        """Load a document and save it in another form (``pdf``).

        Raises:
            OfficeFailed: it cannot be loaded or saved.

        """
        methods = self._kit.contents.methods.contents
        loaded = methods.document_load_with_options(self._kit, path.as_uri().encode(), b"")
        if not loaded:
            raise OfficeFailed(self._complaint())
        document = ctypes.cast(loaded, ctypes.POINTER(_Document)).contents
        saved = document.methods.contents.save_as(
            loaded, out.as_uri().encode(), form.encode(), options.encode()
        )
        if not saved:
            raise OfficeFailed(self._complaint())

    def _complaint(self) -> str:
        words = self._kit.contents.methods.contents.get_error(self._kit)
        return (words or b"").decode(errors="replace")


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep from standard error what a library in C writes there for its own developers."""
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


@cache
def _library() -> Any:
    program = folder()
    name = next(name for name in _LIBRARIES if (program / name).exists())
    library = ctypes.CDLL(str(program / name), mode=ctypes.RTLD_GLOBAL)
    library.libreofficekit_hook_2.restype = ctypes.c_void_p
    for function in (library.libreofficekit_hook_2, library.lok_preinit):
        function.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    return library
