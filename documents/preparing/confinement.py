"""What a process may no longer do once it has locked itself in. Linux, x86-64 and arm64; needs no privilege.

Four layers, each of which holds alone: resource limits; no capability and no way to gain one; a seccomp filter that
refuses every socket (every one but AF_UNIX where programs may be started), io_uring, new processes and new process
groups; and, where the kernel has Landlock, no file outside the paths named by the caller.
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from errno import EACCES, ENOSYS, EPERM
from pathlib import Path

from documents.preparing.words import Limits

_LIBC = ctypes.CDLL(None, use_errno=True)

_PR_SET_DUMPABLE = 4
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 22, 24, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63  # the kernel answers EINVAL past its own last one

# BPF: <opcode, jump if true, jump if false, constant>; offsets into struct seccomp_data (linux/seccomp.h).
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000
_AF_UNIX = 1

_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 0, "aarch64": 1}
# System call numbers: (x86-64, arm64). None: that architecture has no such call.
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_NEVER = {
    "io_uring_setup": (425, 425),  # would reach the network past the socket rule
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "setsid": (112, 157),  # leaving the process group would outlive the deadline
    "setpgid": (109, 154),
}
_PROGRAMS = {"fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281)}

# Landlock (linux/landlock.h): access rights on files by version of its interface.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_RULE_PATH_BENEATH = 1
_NET_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS = 3, 3
_DEVICES = tuple(Path("/dev") / name for name in ("null", "zero", "urandom"))


def confine(limits: Limits, *, parent: int, programs: bool, readable: list[Path], writable: list[Path]) -> None:
    """Locks this process in, for good. Call before a byte of a hostile file is read, while there is one thread.

    `parent` is the process that must outlive this one. OSError when a layer that every supported kernel has is refused.
    """
    _limit(limits)
    _die_with(parent)
    _prctl(_PR_SET_DUMPABLE, 0)  # no other cage reads our memory, also where the kernel has no Landlock
    _drop_capabilities()
    _restrict_paths(readable, writable, programs)
    _filter_calls(programs)


def _limit(limits: Limits) -> None:
    # RLIMIT_DATA counts private writable memory, so it bounds what a decoder really takes; RLIMIT_AS would count
    # the address space that libraries merely reserve. RLIMIT_NPROC counts a whole user's processes and does not
    # hold for root: the filter below refuses new processes instead.
    for what, soft, hard in (
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_DATA, limits.memory, limits.memory),
        (resource.RLIMIT_FSIZE, limits.output, limits.output),
        (resource.RLIMIT_NOFILE, 256, 256),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        ceiling = resource.getrlimit(what)[1]
        allowed = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
        resource.setrlimit(what, (min(soft, allowed), allowed))


def _die_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent went before the kernel was told to watch it


def _drop_capabilities() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(_LAST_CAPABILITY + 1):
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused without CAP_SETPCAP: then nothing to drop
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header, none = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
    _check(_LIBC.capset(header, none), "capset")


def _restrict_paths(readable: list[Path], writable: list[Path], programs: bool) -> None:
    version = _LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return  # a kernel without Landlock: the other three layers stand
    rights = _RIGHTS[max(known for known in _RIGHTS if known <= version)]
    network = _NET_BIND_AND_CONNECT if version >= 4 else 0
    scope = _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    handled = struct.pack("=QQQ", rights, network, scope)
    rules = _LIBC.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    _check(rules, "landlock_create_ruleset")
    read = _READ_FILE | _READ_DIR | (_EXECUTE if programs else 0)
    for path in readable:
        _allow(rules, path, read & rights)
    for path in (*writable, *_DEVICES):
        _allow(rules, path, rights & ~_EXECUTE)
    _check(_LIBC.syscall(_RESTRICT_SELF, rules, 0), "landlock_restrict_self")
    os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    if not path.exists():
        return
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    allowed = rights if path.is_dir() else rights & _FILE_ONLY
    rule = struct.pack("=Qi", allowed, handle)
    _check(_LIBC.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0), "landlock_add_rule")
    os.close(handle)


def _filter_calls(programs: bool) -> None:
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in _instructions(programs))
    buffer = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer)


def _instructions(programs: bool) -> Iterator[tuple[int, int, int, int]]:
    machine = os.uname().machine
    column = _COLUMN[machine]
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, _AUDIT_ARCHITECTURE[machine]
    yield _RETURN, 0, 0, _KILL  # 32-bit calls have other numbers and would pass unseen
    yield _LOAD, 0, 0, _NUMBER
    if machine == "x86_64":
        yield _AT_LEAST, 0, 1, _X32_BIT
        yield _RETURN, 0, 0, _KILL
    for numbers in _NEVER.values() if programs else (_NEVER | _PROGRAMS).values():
        yield from _answer(numbers[column], EPERM)
    yield from _sockets_of_this_machine(_SOCKET[column]) if programs else _no_socket_no_process(column)
    yield _RETURN, 0, 0, _ALLOW


def _sockets_of_this_machine(socket: int) -> Iterator[tuple[int, int, int, int]]:
    yield _EQUAL, 0, 4, socket
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _EQUAL, 1, 0, _AF_UNIX
    yield _RETURN, 0, 0, _ERROR | EACCES
    yield _RETURN, 0, 0, _ALLOW


def _no_socket_no_process(column: int) -> Iterator[tuple[int, int, int, int]]:
    yield from _answer(_SOCKET[column], EACCES)
    # clone3 hides its flags behind a pointer; told that it does not exist, the C library uses clone.
    yield from _answer(_CLONE3[column], ENOSYS)
    yield _EQUAL, 0, 5, _CLONE[column]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _AND, 0, 0, _CLONE_THREAD
    yield _EQUAL, 0, 1, 0
    yield _RETURN, 0, 0, _ERROR | EPERM
    yield _RETURN, 0, 0, _ALLOW  # a thread of this very process


def _answer(number: int | None, error: int) -> Iterator[tuple[int, int, int, int]]:
    if number is not None:
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ERROR | error


def _prctl(option: int, value: int, pointer: bytes | None = None) -> None:
    _check(_LIBC.prctl(option, value, pointer, 0, 0), f"prctl {option}")


def _check(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what} was refused", sys.platform)
