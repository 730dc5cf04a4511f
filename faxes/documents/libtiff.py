"""libtiff through cffi: the names that are used, and quiet. Nothing else knows C.

The library comes with libspandsp2, which the fax line needs anyway.
"""

import threading
from typing import Any

from cffi import FFI

ffi = FFI()
ffi.cdef(
    """
    typedef struct tiff TIFF;
    TIFF *TIFFOpen(const char *path, const char *mode);
    void TIFFClose(TIFF *tiff);
    int TIFFSetDirectory(TIFF *tiff, uint32_t number);
    int TIFFSetField(TIFF *tiff, uint32_t tag, ...);
    int TIFFWriteDirectory(TIFF *tiff);
    int64_t TIFFWriteRawStrip(TIFF *tiff, uint32_t strip, void *data, int64_t size);
    int64_t TIFFReadEncodedStrip(TIFF *tiff, uint32_t strip, void *data, int64_t size);
    int TIFFReadRGBAImageOriented(
        TIFF *tiff, uint32_t width, uint32_t height, uint32_t *raster, int orientation, int stop);
    void *TIFFSetErrorHandler(void *handler);
    void *TIFFSetWarningHandler(void *handler);
    """
)

_counts = threading.local()


@ffi.callback("void(const char *, const char *, void *)")
def _count(_module: Any, _format: Any, _arguments: Any) -> None:
    _counts.complaints = complaints() + 1


def complaints() -> int:
    """Return how often the library has complained of a file in this thread, in errors, warnings."""
    return getattr(_counts, "complaints", 0)


_SONAMES = ("libtiff.so.6", "libtiff.so.5")


def _load() -> Any:
    for soname in _SONAMES:
        try:
            library: Any = ffi.dlopen(soname)
        except OSError:
            continue
        return library
    raise OSError(f"none of {', '.join(_SONAMES)} is installed (Debian: libtiff6)")


lib = _load()


def listen() -> None:
    """Have the library's complaints counted; else it writes them to our standard error.

    The handlers are the whole process's, and others in it may have set theirs since: so before
    each use of ``complaints``.
    """
    lib.TIFFSetErrorHandler(_count)
    lib.TIFFSetWarningHandler(_count)


listen()
