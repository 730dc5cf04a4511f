"""Pages that are turned: each kind of document is laid on the fax sheet anew."""

import io

import numpy as np
import pytest
from PIL import Image

from faxes.documents import pipeline, tiff
from faxes.documents.pipeline import NamedPath
from faxes.enums import ErrorCode, Paper, Quality
from faxes.errors import DocumentError
from tests import papers

DOTS_AN_INCH = 204, 196  # of fine quality


def picture(width, height, kind="PNG"):
    """White, with a black block at its upper left."""
    image = Image.new("L", (width, height), 255)
    image.paste(0, (10, 10, width // 4, height // 8))
    out = io.BytesIO()
    image.save(out, kind, dpi=(100, 100))
    return out.getvalue()


def fax_page():
    """A TIFF that is a fax page already."""
    image = Image.new("1", (1728, 2200), 1)
    image.paste(0, (100, 50, 600, 250))
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", dpi=(204, 196))
    return out.getvalue()


def drawn(tmp_path, content, only, name="x"):
    source, out = tmp_path / "source", tmp_path / "out.tiff"
    source.write_bytes(content)
    pipeline.render(
        [NamedPath(source, name)], out, quality=Quality.FINE, paper=Paper.LETTER, only=only
    )
    pages = tiff.read_fax_tiff(out)
    return [np.unpackbits(tiff.page_bits(out, page.number), axis=1) for page in pages]


def middle(bits):
    """Where the black of a page lies: across and down, from 0 to 1."""
    rows, columns = np.nonzero(bits)
    return columns.mean() / bits.shape[1], rows.mean() / bits.shape[0]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(papers.pdf(1), id="pdf"),
        pytest.param(picture(820, 1080), id="picture"),
        pytest.param(picture(820, 1080, "TIFF"), id="tiff"),
        pytest.param(fax_page(), id="fax"),
        pytest.param(b"A line\n", id="text"),
    ],
)
def test_the_upper_left_goes_around_clockwise(content, tmp_path):
    corners = [middle(drawn(tmp_path, content, [(1, turns)])[0]) for turns in range(4)]
    (left, top), (_, second), (right, third), _ = corners
    assert left < 0.5
    assert top < 0.3
    assert corners[1][0] > 0.7
    assert second < 0.5
    assert right > 0.5
    assert third > 0.6
    assert corners[3][0] < 0.3


def test_a_wide_page_that_lies_across_is_laid_upright_on_the_whole_width(tmp_path):
    wide = picture(1400, 700)  # 14 by 7 inches
    across, upright = drawn(tmp_path, wide, [(1, 0)])[0], drawn(tmp_path, wide, [(1, 3)])[0]
    for bits, ratio in ((across, 77 / 340), (upright, 340 / 77)):
        rows, columns = np.nonzero(bits)
        inches = np.ptp(columns) / DOTS_AN_INCH[0], np.ptp(rows) / DOTS_AN_INCH[1]
        assert inches[0] / inches[1] == pytest.approx(ratio, rel=0.03)
    assert np.ptp(np.nonzero(upright)[1]) == pytest.approx(1728 * 340 / 1400, rel=0.03)


def test_a_part_of_a_long_page_is_turned_as_it_is_seen(tmp_path):
    receipt = picture(300, 6000)
    before = drawn(tmp_path, receipt, None)
    first, second = drawn(tmp_path, receipt, [(1, 2), (2, 0)])
    assert len(before) > 2
    assert middle(first)[1] > 0.5 > middle(before[0])[1]
    assert (second == before[1]).all()


def test_pages_are_gathered_as_they_are_coded(tmp_path):
    pages = drawn(tmp_path, papers.pdf(3), None)
    out = tmp_path / "gathered.tiff"
    pipeline.gather([(tmp_path / "out.tiff", 3), (tmp_path / "out.tiff", 1)], out)
    gathered = [np.unpackbits(tiff.page_bits(out, page), axis=1) for page in (1, 2)]
    assert all((one == other).all() for one, other in zip(gathered, pages[::-2], strict=True))


def test_a_page_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DocumentError) as told:
        drawn(tmp_path, papers.pdf(2), [(3, 0)])
    assert told.value.code == ErrorCode.PAGES_INVALID
    assert not (tmp_path / "out.tiff").exists()
