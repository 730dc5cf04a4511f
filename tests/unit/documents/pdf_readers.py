"""Three independent readers of PDF: each gives the pixels of a page as flags, black is true."""

import ctypes
import subprocess

import numpy as np
import pypdfium2.raw as pdfium
from PIL import Image


def by_pdfium(pdf, page, width, rows):
    document = pdfium.FPDF_LoadDocument(bytes(pdf), None)
    handle = pdfium.FPDF_LoadPage(document, page)
    pixels = np.full((rows, width), 255, np.uint8)
    bitmap = pdfium.FPDFBitmap_CreateEx(
        width, rows, pdfium.FPDFBitmap_Gray, pixels.ctypes.data_as(ctypes.c_void_p), width
    )
    pdfium.FPDF_RenderPageBitmap(bitmap, handle, 0, 0, width, rows, 0, pdfium.FPDF_GRAYSCALE)
    pdfium.FPDFBitmap_Destroy(bitmap)
    pdfium.FPDF_ClosePage(handle)
    pdfium.FPDF_CloseDocument(document)
    return pixels < 128


def by_poppler(pdf, page, width, rows):
    size = ["-scale-to-x", str(width), "-scale-to-y", str(rows)]
    which = ["-f", str(page + 1), "-l", str(page + 1), "-singlefile"]
    root = pdf.with_suffix("")
    done = subprocess.run(
        ["pdftoppm", "-gray", *size, *which, pdf, root], check=True, capture_output=True, text=True
    )
    assert not done.stderr
    with Image.open(root.with_suffix(".pgm")) as image:
        return np.asarray(image) < 128


def by_ghostscript(pdf, page, width, rows):
    out = pdf.with_suffix(".pgm")
    done = subprocess.run(
        [
            *("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pgmraw", "-r204x196"),
            *(f"-g{width}x{rows}", f"-sPageList={page + 1}", f"-sOutputFile={out}", pdf),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert not done.stdout
    with Image.open(out) as image:
        return np.asarray(image) < 128


READERS = [by_pdfium, by_poppler, by_ghostscript]
