"""What somebody would try who had taken over a job: operations that attack the walls from inside.

Each returns what succeeded, in words; so nothing is what is wanted.
"""

import contextlib
import ctypes
import itertools
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, VM_READ, SHMGET, MSGGET, SEMGET, CLONE, CLONE3, TGKILL, PIDFD_OPEN = (
    101, 310, 29, 68, 64, 56, 435, 234, 434,
)  # fmt: skip
IPC_CREATE = 0o1600


def successes(tries):
    """Call each; return the names of those that raised nothing and did not return -1."""
    worked = []
    for name, call in tries.items():
        with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
            if call() != -1:
                worked.append(name)
    return worked


def wait_for_ever(job):
    threading.Event().wait()


def open_sockets(job):
    families = {name: getattr(socket, name) for name in dir(socket) if name.startswith("AF_")}
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
    return successes(
        {
            f"{name} {kind.name}": lambda family=family, kind=kind: socket.socket(family, kind)
            for (name, family), kind in itertools.product(families.items(), kinds)
        }
    )


def read(job, *, paths):
    tries: dict[str, Any] = {}
    for path in paths:
        tries[f"open {path}"] = lambda path=path: Path(path).open("rb").close()
        tries[f"list {path}"] = lambda path=path: list(Path(path).iterdir())
    return successes(tries)


def write(job, *, paths):
    inside = job.folder / "mine"
    inside.write_text("mine")
    tries: dict[str, Any] = {}
    for path in map(Path, paths):
        calls = {
            "append": lambda path=path: path.open("ab").close(),
            "create": lambda path=path: (path / "new").open("xb").close(),
            "create beside": lambda path=path: (path.parent / "new").open("xb").close(),
            "folder": lambda path=path: (path.parent / "newer").mkdir(),
            "remove": lambda path=path: path.unlink(),
            "rename": lambda path=path: path.rename(f"{path}.old"),
            "replace": lambda path=path: inside.replace(path),
            "link out": lambda path=path: os.link(inside, f"{path}.link"),
            "link in": lambda path=path: os.link(path, job.folder / "linked"),
            "symbolic": lambda path=path: (job.folder / "symbolic").symlink_to(path),
            "mode": lambda path=path: path.chmod(0o777),
            "owner": lambda path=path: os.chown(path, 65534, 65534),
            "times": lambda path=path: os.utime(path),
            "attribute": lambda path=path: os.setxattr(path, "user.a", b"b"),
            "truncate": lambda path=path: os.truncate(path, 0),
        }
        tries |= {f"{name} {path}": call for name, call in calls.items()}
    return successes(tries)


def start_processes(job):
    def raw_clone():
        pid = LIBC.syscall(CLONE, signal.SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        return pid

    def raw_clone3():
        arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
        pid = LIBC.syscall(CLONE3, arguments, 64)
        if pid == 0:
            os._exit(0)
        return pid

    def fork():
        pid = os.fork()
        if pid == 0:
            os._exit(0)

    return successes(
        {
            "fork": fork,
            "clone": raw_clone,
            "clone3": raw_clone3,
            "spawn": lambda: os.posix_spawn("/usr/bin/true", ["true"], {}),
            "program": lambda: subprocess.run(["/usr/bin/true"], check=True),
            "exec": lambda: os.execv("/usr/bin/true", ["true"]),  # noqa: S606
            "own file": lambda: os.execv(sys.executable, ["python"]),  # noqa: S606
            "session": os.setsid,
            "group": lambda: os.setpgid(0, os.getppid()),
            "shell": lambda: 0 if LIBC.system(b"true") == 0 else -1,
            "survive the parent": lambda: LIBC.prctl(1, 0, 0, 0, 0),
        }
    )


def reach_processes(job, *, pids):
    tries: dict[str, Any] = {}
    for pid in pids:
        calls = {
            "signal": lambda pid=pid: os.kill(pid, 0),
            "signal its group": lambda pid=pid: os.killpg(pid, 0),
            "signal its thread": lambda pid=pid: LIBC.syscall(TGKILL, pid, pid, 0),
            "handle": lambda pid=pid: LIBC.syscall(PIDFD_OPEN, pid, 0),
            "ptrace": lambda pid=pid: LIBC.ptrace(16, pid, 0, 0),
            "limit": lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_CPU),
            "slow down": lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
            "bind": lambda pid=pid: os.sched_setaffinity(pid, {0}),
            "schedule": lambda pid=pid: os.sched_setscheduler(
                pid, os.SCHED_BATCH, os.sched_param(0)
            ),
            "memory": lambda pid=pid: Path(f"/proc/{pid}/mem").open("rb").close(),
            "environment": lambda pid=pid: Path(f"/proc/{pid}/environ").open("rb").close(),
            "files": lambda pid=pid: list(Path(f"/proc/{pid}/fd").iterdir()),
        }
        tries |= {f"{name} of {pid}": call for name, call in calls.items()}
    tries["signal all"] = lambda: os.kill(-1, 0)
    tries["signal own group"] = lambda: os.kill(0, 0)
    return successes(tries)


def leave_memory_behind(job):
    return successes(
        {
            "shared memory": lambda: LIBC.syscall(SHMGET, 0, 1 << 20, IPC_CREATE),
            "messages": lambda: LIBC.syscall(MSGGET, 0, IPC_CREATE),
            "semaphores": lambda: LIBC.syscall(SEMGET, 0, 1, IPC_CREATE),
            "memory file": lambda: os.memfd_create("x"),
            "shared file": lambda: Path("/dev/shm/left").open("wb").close(),  # noqa: S108
        }
    )


def gain_privileges(job):
    return successes(
        {
            "be root": lambda: os.setuid(0) if os.getuid() else -1,
            "new root": lambda: os.chroot(job.folder),
            "mount": lambda: LIBC.mount(b"none", bytes(job.folder), b"tmpfs", 0, None),
            "namespace": lambda: LIBC.unshare(0x10000000),
            "raise limits": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)),
            "device": lambda: os.mknod(job.folder / "d", stat.S_IFCHR | 0o600, os.makedev(1, 1)),
            "pipe": lambda: os.mkfifo(job.folder / "fifo"),
            "socket file": lambda: os.mknod(job.folder / "s", stat.S_IFSOCK | 0o600),
        }
    )


def environment(job):
    return Path("/proc/self/environ").read_bytes().decode(errors="replace")


def threads_without_number(job):
    threading.stack_size(32768)
    try:
        for _ in range(5000):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError:
        pass
    time.sleep(60)


def burn_in_threads(job):
    for _ in range(4):
        threading.Thread(target=_burn, daemon=True).start()
    _burn()


def _burn():
    while True:
        pass


def many_empty_files(job):
    for number in range(10_000_000):
        (job.folder / str(number)).touch()


def a_sparse_file(job, *, size):
    with (job.folder / "sparse").open("wb") as file:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file.truncate(size)
    time.sleep(60)


def many_sparse_files(job, *, size):
    for number in range(1000):
        with (job.folder / str(number)).open("wb") as file:
            file.truncate(size)
    time.sleep(60)


def removed_files(job, *, size):
    """Fill the disk with files that nobody sees any more."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    held = []
    while True:
        held.append((job.folder / "hidden").open("wb"))
        (job.folder / "hidden").unlink()
        held[-1].write(bytes(size))
        held[-1].flush()


def deep_folders(job, *, depth):
    for _ in range(depth):
        Path("deeper").mkdir()
        os.chdir("deeper")
    return "done"


def locked_folders(job):
    locked = job.folder / "a" / "b"
    locked.mkdir(parents=True)
    (locked / "file").write_text("x")
    (job.folder / "locked").mkdir(0o000)
    return "done"


def _line():
    """Return the descriptor of the line to the parent."""
    for number in range(3, 64):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
    raise AssertionError("no line")


def flood(job, *, words):
    """Talk without end."""
    line, data = _line(), words.encode() * max(1, 60000 // len(words))
    while True:
        os.write(line, data)


def forge(job, *, lines, crash=True):
    """Say what only others should say; then crash, or do not."""
    for line in lines:
        os.write(_line(), line.encode())
    if crash:
        os.kill(os.getpid(), signal.SIGSEGV)
