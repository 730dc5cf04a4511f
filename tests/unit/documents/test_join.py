"""Fax TIFFs are joined as they are: the same coded pages, in order, ready for the line."""

import numpy as np
import pytest

from faxes.documents import ifd, pipeline, tiff
from faxes.documents.ifd import Tag
from faxes.enums import Quality


def written(path, pages, quality=Quality.FINE, seed=1):
    random = np.random.default_rng(seed)
    with tiff.FaxTiffWriter(path) as writer:
        for _ in range(pages):
            bits = random.integers(0, 256, (500, tiff.ROW_BYTES), np.uint8)
            writer.add(bits & random.integers(0, 256, bits.shape, np.uint8), quality)
    return path


def coded(path):
    data = path.read_bytes()
    return [
        data[(at := page.integers(Tag.STRIP_OFFSETS)[0]) : at + page.integers(Tag.STRIP_BYTES)[0]]
        for page in ifd.directories(data)
    ]


@pytest.mark.parametrize("quality", Quality)
def test_the_coded_pages_are_carried_over_in_order(quality, tmp_path):
    parts = [
        written(tmp_path / "a.tiff", 1, quality, seed=1),
        written(tmp_path / "b.tiff", 3, quality, seed=2),
    ]
    out = tmp_path / "out.tiff"
    pipeline.join(parts, out)
    assert coded(out) == [page for part in parts for page in coded(part)]
    facts = [page for part in parts for page in tiff.read_fax_tiff(part)]
    joined = [page.facts for page in pipeline.verify(out)]
    assert [(page.rows, page.quality, page.bytes) for page in joined] == [
        (page.rows, page.quality, page.bytes) for page in facts
    ]


def test_joining_makes_what_writing_at_once_makes(tmp_path):
    whole, out = written(tmp_path / "whole.tiff", 2), tmp_path / "out.tiff"
    pipeline.join([whole], out)
    assert out.read_bytes() == whole.read_bytes()


def test_what_is_not_in_our_own_form_is_not_joined(tmp_path):
    path = tmp_path / "foreign.tiff"
    data = bytearray(written(tmp_path / "a.tiff", 1).read_bytes())
    at = data.index((Tag.COMPRESSION).to_bytes(2, "little") + b"\x03\x00\x01\x00\x00\x00\x04")
    data[at + 8] = 3  # Group 3, it says
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not canonical"):
        pipeline.join([path], tmp_path / "out.tiff")
    assert not (tmp_path / "out.tiff").exists()
