"""django-q2's cluster made crash-only: a member that dies by a signal takes all along.

A killed worker may hold a lock of the queue that all members share, and the rest would wait for it
for ever while every process looks alive. So the whole group goes, and whoever guards it starts a
new one; what was under way is found by the sweep.
"""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Process, Semaphore
from typing import Any, Final

from django.db import connections
from django_q import cluster
from django_q.cluster import Cluster, Sentinel
from django_q.conf import Conf
from django_q.status import Stat

from faxes import jobs
from faxes.management import vigil
from faxes.management.tied import tie_forks
from faxes.management.waiting import wait_for_databases
from faxes.queues import slow_at_once

_LAST_WORDS: Final = 5.0  # seconds in which a timed-out worker may hand its result over


class CrashOnlySentinel(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Guards the members; does not try to go on with poisoned locks."""

    def guard(self) -> None:
        """Guard, and hear at once of a member's end, even while waiting for a lock it held."""
        signal.signal(signal.SIGCHLD, self._look_for_killed)
        super().guard()

    def reincarnate(self, process: Process) -> None:
        """Replace a member that ended in good order; end everything if one was killed."""
        if process.exitcode is not None and process.exitcode < 0:
            _end_group()
        timer = getattr(process, "timer", None)
        if timer is not None and timer.value == 0:
            # The result must leave the pipe before the process is ended, or its lock stays held.
            process.join(_LAST_WORDS)
            if process.is_alive():
                _end_group()
        super().reincarnate(process)

    def _look_for_killed(self, *_: Any) -> None:
        for member in (*self.pool, self.monitor, self.pusher):
            if member is not None and member.pid is not None and _was_killed(member.pid):
                _end_group()


class _Sign(Stat):  # type: ignore[misc]
    """Instead of statistics, which nobody reads and which would be written to the cache."""

    def save(self) -> None:
        """Show that the sentinel looks after its members."""
        vigil.show_life()


def run_cluster(queues: Sequence[str] = (), *, workers: int = 0) -> None:
    """Run a cluster for some queues (all) until SIGTERM; no member outlives its parent."""
    tie_forks()
    cluster.Sentinel = CrashOnlySentinel
    cluster.Stat = _Sign
    if workers:
        Conf.WORKERS = Conf.QUEUE_LIMIT = workers
    wait_for_databases()
    broker = jobs.serving(*queues)
    broker.limit_slow(Semaphore(slow_at_once(Conf.WORKERS, broker.queues)))
    broker.release()
    connections.close_all()  # the members are forks, and a connection is for one process
    Cluster(broker).start()


def _was_killed(pid: int) -> bool:
    """Whether a child has died by a signal; its end is left to be noticed by its owner."""
    with suppress(ChildProcessError):  # noticed already
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is not None and ended.si_code != os.CLD_EXITED
    return False


def _end_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)
