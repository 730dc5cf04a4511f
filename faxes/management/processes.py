"""Processes as the kernel tells of them in /proc: who descends from whom, and how each fares."""

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Final

_STOPPED: Final = "T"  # by SIGSTOP: it holds whatever it holds, and does nothing
_PROC: Final = Path("/proc")


def stopped(root: int) -> list[int]:
    """Those that are stopped, of a process and all that descend from it.

    It asks these alone, and not all that run on the machine, so that it can be asked often. One
    that begins or ends meanwhile may be missed until the next time (proc(5), ``children``).
    """
    if not (_PROC / "thread-self" / "children").exists():  # a kernel without it
        return [pid for pid, state in family(root).items() if state == _STOPPED]
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):  # it has ended meanwhile
            if _state_and_parent(_PROC / str(pid))[0] == _STOPPED:
                found.append(pid)
            for task in (_PROC / str(pid) / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def family(root: int) -> dict[int, str]:
    """A process and all that descend from it, each with the letter of its state (see ps(1))."""
    states: dict[int, str] = {}
    children = defaultdict(list)
    for entry in os.scandir(_PROC):
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended meanwhile
                state, parent = _state_and_parent(Path(entry.path))
                states[int(entry.name)] = state
                children[int(parent)].append(int(entry.name))
    found: dict[int, str] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in states:
            found[pid] = states[pid]
            waiting += children[pid]
    return found


def _state_and_parent(process: Path) -> tuple[str, str]:
    """As "pid (name) state parent …" has them; the name may hold anything."""
    state, parent = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
    return state, parent
