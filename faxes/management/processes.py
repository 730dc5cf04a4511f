"""Processes as the kernel tells of them in /proc: who descends from whom, and how each fares."""

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Final

STOPPED: Final = "T"  # by SIGSTOP: it holds whatever it holds, and does nothing


def family(root: int) -> dict[int, str]:
    """A process and all that descend from it, each with the letter of its state (see ps(1))."""
    states: dict[int, str] = {}
    children = defaultdict(list)
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended meanwhile
                # "pid (name) state parent …", and the name may hold anything
                told = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2]
                state, parent = told.split()[:2]
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
