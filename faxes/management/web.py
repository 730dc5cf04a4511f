"""Runs the web server so that no worker of it outlives it: ``python -m faxes.management.web …``.

The options are granian's own. Killed, it would leave its workers behind, and they would keep the
port from whoever starts next. The portal is loaded before they are forked: once, not in each.
"""

import multiprocessing
from importlib import import_module

from granian.cli import entrypoint

from faxes.management.tied import tie_forks

if __name__ == "__main__":
    multiprocessing.set_start_method("fork")  # a bond is made in forking
    tie_forks()
    import_module("faxportal.wsgi")
    entrypoint()  # type: ignore[no-untyped-call]
