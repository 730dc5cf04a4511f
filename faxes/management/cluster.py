"""django-q2's cluster made crash-only: a member that dies by a signal takes all along.

A killed worker may hold a lock of the queue that all members share, and the rest would wait for it
for ever while every process looks alive. So the whole group goes, and whoever guards it starts a
new one; what was under way is found by the sweep.
"""

import os
import signal
from multiprocessing import Process
from typing import Final

from django_q import cluster
from django_q.cluster import Cluster, Sentinel

from faxes.management.children import die_with_parent

_LAST_WORDS: Final = 5.0  # seconds in which a timed-out worker may hand its result over


class CrashOnlySentinel(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Guards the members; does not try to go on with poisoned locks."""

    def reincarnate(self, process: Process) -> None:
        """Replace a member that ended in good order; end everything if one was killed."""
        if process.exitcode is not None and process.exitcode < 0:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        timer = getattr(process, "timer", None)
        if timer is not None and timer.value == 0:
            # The result must leave the pipe before the process is ended, or its lock stays held.
            process.join(_LAST_WORDS)
        super().reincarnate(process)


def run_cluster() -> None:
    """Run a cluster until SIGTERM; no member outlives its parent."""
    os.register_at_fork(after_in_child=die_with_parent)
    cluster.Sentinel = CrashOnlySentinel
    Cluster().start()
