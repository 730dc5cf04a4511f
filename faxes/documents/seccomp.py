"""System calls that no job needs, refused by the kernel (seccomp, BPF).

No sockets, no new processes or programs, nothing said to other processes, nothing changed but what
is in files: a second wall behind namespaces and Landlock, and the first where the kernel has
neither for an ordinary user, or where they do not reach. Plain numbers, as neither Python nor its
packages know the filter language.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Sequence

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_CLONE_THREAD = 0x10000

# Numbers by machine, from the kernel's tables: AUDIT_ARCH, then the calls.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CALLS: dict[str, tuple[int, int]] = {  # name: (x86_64, aarch64); -1 where there is none
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    # Processes: what leaves the job's group would outlive it, and memory is limited for each.
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    # What reaches other processes of the same user.
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    # What outlives the job in the kernel's memory, or is counted nowhere.
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "fallocate": (285, 47),
    # What Landlock leaves open, for files of the same user anywhere.
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "truncate": (76, 45),
    # What stands for another file, or is none: the portal takes over what a job made.
    "symlink": (88, -1),
    "symlinkat": (266, 36),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    # Ways into the kernel.
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
}
# Calls whose first argument decides.
_CLONE, _CLONE3 = (56, 220), (435, 435)
_KILL, _TGKILL = (62, 129), (234, 131)
_PRLIMIT, _PRCTL = (302, 261), (157, 167)

# The filter language: load a word, jump if …, return. linux/bpf_common.h.
_LOAD, _RETURN = 0x20, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data; low word first
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_REFUSE = _ERRNO | errno.EPERM
_OTHER_ABI = 0x40000000  # x32 calls have this bit: another way to the same calls

_Step = tuple[int, int, int, int]


def refuse_calls() -> bool:
    """Refuse this process the calls above from now on (they fail: EPERM).

    It may start threads, but no process, and send signals only to itself. Tells whether that was
    done: not on other machines than x86-64 and ARM64.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        return False
    program = _program(_ARCHITECTURES[machine], list(_ARCHITECTURES).index(machine))
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _program(architecture: int, which: int) -> bytes:
    """Return the filter: kill on a foreign ABI, refuse the numbers, allow the rest."""
    me = os.getpid()
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_IF_AT_LEAST, 0, 1, _OTHER_ABI),
        (_RETURN, 0, 0, _REFUSE),
        # The C library takes this for an old kernel and starts its threads by clone.
        (_IF_EQUAL, 0, 1, _CLONE3[which]),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        *_by_argument(_CLONE[which], _IF_ANY_BIT, _CLONE_THREAD, _ALLOW, _REFUSE),
        *_by_argument(_KILL[which], _IF_EQUAL, me, _ALLOW, _REFUSE),
        *_by_argument(_TGKILL[which], _IF_EQUAL, me, _ALLOW, _REFUSE),
        *_by_argument(_PRLIMIT[which], _IF_EQUAL, 0, _ALLOW, _REFUSE),
        *_by_argument(_PRCTL[which], _IF_EQUAL, _PR_SET_PDEATHSIG, _REFUSE, _ALLOW),
    ]
    return _packed(steps) + _REFUSALS[which]


def _refusals(which: int) -> bytes:
    """Return the end of the filter: refuse the numbers, allow the rest."""
    numbers = sorted(call[which] for call in _CALLS.values() if call[which] >= 0)
    end = len(numbers)
    return _packed(
        [
            *((_IF_EQUAL, end - index, 0, number) for index, number in enumerate(numbers)),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        ]
    )


def _packed(steps: Sequence[_Step]) -> bytes:
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _by_argument(number: int, condition: int, value: int, yes: int, no: int) -> list[_Step]:
    """Return the steps that decide a call by the low word of its first argument."""
    return [
        (_IF_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (condition, 0, 1, value),
        (_RETURN, 0, 0, yes),
        (_RETURN, 0, 0, no),
    ]


# Made once, before any job: most of the filter is the same for all.
_REFUSALS = tuple(map(_refusals, range(len(_ARCHITECTURES))))
