"""What holds a call's process in: limits on memory, time and files, and its parent's life."""

import ctypes
import os
import resource
import signal

from faxes.line.spec import Limits

_PR_SET_PDEATHSIG = 1
_CPU_SECONDS_SPARE = 5


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the one that forked it dies (Linux prctl(2)).

    The signal belongs to the *thread* that forked; so only a process of one thread may fork
    children that call this. ``parent`` is its id, in case it has died in the meantime.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit(limits: Limits, *, wall_seconds: float) -> None:
    """Lower this process's limits for good. A write beyond ``file_bytes`` fails, not kills."""
    cpu_seconds = int(wall_seconds) + _CPU_SECONDS_SPARE
    for which, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
    ):
        _soft, hard = resource.getrlimit(which)
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (within, within))
