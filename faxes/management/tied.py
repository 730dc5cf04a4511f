"""Runs a command that ends when whoever started it does: ``python tied.py PARENT COMMAND …``.

The kernel is told so by the process itself, after the fork: a hook between fork and exec would run
in a copy of a process with threads. The bond survives the exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie_to_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that forked it ends (Linux prctl(2)).

    ``parent`` is the id of that process, in case it has died meanwhile.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def tie_forks() -> None:
    """From now on, tie each process that this one or a fork of it forks to its parent."""
    parent = os.getpid()

    def remember() -> None:
        nonlocal parent
        parent = os.getpid()

    os.register_at_fork(before=remember, after_in_child=lambda: tie_to_parent(parent))


if __name__ == "__main__":
    tie_to_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 (our own commands, no shell)  # nosec B606
