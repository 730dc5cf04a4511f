"""The walls around a job: no network, no files but its own, limits of the kernel. Linux only.

Each wall is put up where the kernel allows it; where one is missing the others still stand. All
of it is plain system calls through ctypes, as neither Python nor its packages offer them.
"""

import contextlib
import ctypes
import os
import resource
import signal
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from faxes.documents.limits import Limits

_LIBC = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000

# Landlock, linux/landlock.h. The system calls have these numbers on every architecture.
_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14  # since ABI 3
# In a job's own folder: all but to execute, and to make devices, sockets, pipes and symbolic links,
# by which the portal, which takes over what a job made, could be led elsewhere.
_NEVER = 1 << 0 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
_RIGHTS_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_ABI_WITH_SCOPES = 6
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_CAPABILITY_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64

_KILL_MARGIN_SECONDS = 2
_MOST_THREADS = 200


def give_back_memory() -> None:
    """Return free memory to the kernel: what a fork shares, it must copy before writing on it."""
    with contextlib.suppress(AttributeError):  # another C library than GNU's
        _LIBC.malloc_trim(0)


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """Move into a network namespace without any interface; tell whether that was allowed."""
    if _LIBC.unshare(_CLONE_NEWNET) == 0:
        return True
    return bool(_LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def drop_privileges() -> None:
    """Give up all capabilities for good: even root is from now on a user like any other."""
    for capability in range(_MOST_CAPABILITIES):
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _LIBC.capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0))
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def set_limits(limits: Limits) -> None:
    """Put the kernel's limits of memory, processor time, file size and open files on this process.

    Over the processor time the kernel sends SIGXCPU, over the file size SIGXFSZ; memory is refused.
    """
    with open("/proc/self/statm", "rb", buffering=0) as told:  # noqa: PTH123 (quicker by far)
        mapped = int(told.read(100).split()[0]) * resource.getpagesize()
    memory = mapped + limits.memory_bytes
    bounds = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + _KILL_MARGIN_SECONDS),
        resource.RLIMIT_FSIZE: (limits.output_bytes, limits.output_bytes),
        resource.RLIMIT_NOFILE: (limits.open_files, limits.open_files),
        resource.RLIMIT_CORE: (0, 0),
    }
    with contextlib.suppress(OSError):  # if there is no memory left at all, this is to go first
        Path("/proc/self/oom_score_adj").write_text("1000")
    for what, wanted in bounds.items():
        _, ceiling = resource.getrlimit(what)
        free = ceiling == resource.RLIM_INFINITY
        soft, hard = (bound if free else min(bound, ceiling) for bound in wanted)
        resource.setrlimit(what, (soft, hard))


def excess(pid: int, most_written: int) -> signal.Signals | None:
    """Return what a process is to be killed by if it does what no limit of the kernel forbids.

    That is writing more than so many bytes to files that it has removed, or starting threads
    without number. None also where the kernel does not tell.
    """
    process = Path(f"/proc/{pid}")
    with contextlib.suppress(OSError, ValueError):
        if (process / "task").stat().st_nlink - 2 > _MOST_THREADS:
            return signal.SIGKILL
        told = dict(line.split(": ") for line in (process / "io").read_text().splitlines())
        if max(int(told["wchar"]), int(told["write_bytes"])) > most_written:
            return signal.SIGXFSZ
    return None


def work_of(pid: int) -> int | None:
    """Return how much a process has worked, in the kernel's ticks; None while it is at work."""
    ticks = 0
    with contextlib.suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            told = (thread / "stat").read_text().rpartition(")")[2].split()
            if told[0] != "S":
                return None
            ticks += int(told[11]) + int(told[12])
        return ticks
    return None


def confine_files(*, read: Iterable[str], write: str) -> bool:
    """Let this process read only beneath ``read`` and write only beneath ``write`` (Landlock).

    Paths that do not exist are passed over. Also shuts off signals to processes outside. Returns
    False, having done nothing, where the kernel has no Landlock.
    """
    abi = _LIBC.syscall(_SYS_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    if abi < 1:
        return False
    rights = _RIGHTS_OF_ABI[min(abi, 3)]
    scopes = _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if abi >= _ABI_WITH_SCOPES else 0
    attributes = struct.pack("QQQ", rights, 0, scopes)
    size = len(attributes) if scopes else 8
    ruleset = _LIBC.syscall(_SYS_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return False
    for path in read:
        with contextlib.suppress(OSError):
            _allow(ruleset, path, rights & (_READ_FILE | _READ_DIR))
    _allow(ruleset, write, rights & ~_NEVER)
    with contextlib.suppress(OSError):
        _allow(ruleset, "/dev/null", rights & (_READ_FILE | _WRITE_FILE))
    done = bool(_LIBC.syscall(_SYS_RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return done


def _allow(ruleset: int, path: str, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _WRITE_FILE | _READ_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, handle)
        _LIBC.syscall(_SYS_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)
