"""What the commands that convert files share: how their result and their trouble are told."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper

from faxes.errors import FaxError
from faxes.services.convert_files import Converted
from faxes.wording import sentence


@contextmanager
def told_in_a_line(stderr: OutputWrapper) -> Iterator[None]:
    """Turn what can be expected to go wrong into one line and the exit code 1."""
    try:
        yield
    except FaxError as error:
        stderr.write(sentence(error))
    except OSError as error:
        stderr.write(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    else:
        return
    sys.exit(1)


def tell(converted: Converted, stdout: OutputWrapper, *, as_json: bool) -> None:
    """Print what was made, for people or for programs."""
    if as_json:
        stdout.write(json.dumps(converted.as_json(), indent=2))
        return
    for page in converted.pages:
        stdout.write(f"{page.number:4}  {page.decided:8} {page.bytes:8} bytes  {page.source}")
    pages = len(converted.pages)
    stdout.write(
        f"{converted.out}: {pages} {'page' if pages == 1 else 'pages'}, {converted.bytes} bytes, "
        f"{converted.seconds:.2f} s"
    )
