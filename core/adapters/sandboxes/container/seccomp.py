"""The filter of system calls as container engines take it: the same lists as bubblewrap's, in their JSON.

It holds for process 1 and before; the program itself runs behind `filter.compiled` as well, which can do what this form
cannot: every call newer than the lists "does not exist"; a personality may be asked for, but not be set.
https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
"""

import json
import platform
from typing import Any

from core.adapters.sandboxes.bubblewrap.calls import DENIED
from core.adapters.sandboxes.bubblewrap.filter import FAMILIES, KINDS, NAMESPACES, TO_TERMINAL

_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_KIND_BITS = 0xF
_MACHINES = {"x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], "aarch64": ["SCMP_ARCH_AARCH64"]}
"""x32 is let through to the program's own filter, where its calls do not exist; here they would kill."""
_LAST_FAMILY = 64
"""Above all that the kernel has; all families from here on are denied with one comparison."""


def profile() -> bytes:
    """Return the profile."""
    rules = [_denied(sorted(DENIED), _EPERM), _denied(["clone3"], _ENOSYS)]
    rules += [_masked("clone", 0, flag) for flag in _bits(NAMESPACES)]
    rules += [_compared("ioctl", 1, "SCMP_CMP_EQ", request) for request in TO_TERMINAL]
    rules.append(_compared("prlimit64", 0, "SCMP_CMP_NE", 0))
    for call in ("socket", "socketpair"):
        rules += [_family(call, "SCMP_CMP_EQ", each) for each in range(_LAST_FAMILY) if each not in FAMILIES]
        rules.append(_family(call, "SCMP_CMP_GE", _LAST_FAMILY))
        rules += [_masked(call, 1, kind, _KIND_BITS) for kind in range(_KIND_BITS + 1) if kind not in KINDS]
    whole = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": _MACHINES[platform.machine()], "syscalls": rules}
    return json.dumps(whole, indent=1).encode()


def _denied(names: list[str], errno: int, *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": errno, "args": list(arguments)}


def _compared(call: str, at: int, how: str, value: int) -> dict[str, Any]:
    return _denied([call], _EPERM, {"index": at, "value": value, "op": how})


def _family(call: str, how: str, value: int) -> dict[str, Any]:
    return _denied([call], _EAFNOSUPPORT, {"index": 0, "value": value, "op": how})


def _masked(call: str, at: int, value: int, mask: int | None = None) -> dict[str, Any]:
    """Deny where an argument, under a mask, is a value; without a mask where it has all bits of the value."""
    look = {"index": at, "value": value if mask is None else mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
    return _denied([call], _EPERM, look)


def _bits(flags: int) -> list[int]:
    return [1 << at for at in range(flags.bit_length()) if flags >> at & 1]
