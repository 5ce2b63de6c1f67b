"""Whether isolation holds, proved by trying to get out: a probe inside reaches for things that are really there."""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.adapters.sandboxes.bubblewrap.host import NAME, Host, lacking
from core.errors import Unavailable
from core.sandbox import Isolation, Limits, Program, Ran, Tier
from core.sentences import Sentence, all_of, said

Run = Callable[[Program, Limits], Awaitable[Ran]]

_PROBE = Path(__file__).parent / "inside" / "probe.py"
_LIMITS = Limits(seconds=20)
_NO_NAMESPACES = said(
    "Allow users to make namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or "
    "user.max_user_namespaces above 0); in a container, start it with a seccomp profile that lets it."
)
_NO_CGROUP = said(
    "For bounds on a whole run by the kernel, let Dexter make cgroups: a systemd unit with Delegate=yes and "
    "DelegateSubgroup=dexter."
)


async def check(host: Host, run: Run) -> Isolation:
    """Return the tier that holds. Raises nothing: what is wrong is in what it returns."""
    try:
        with targets() as there:
            ran = await run(probe(there), _LIMITS)
    except Unavailable as error:
        return lacking(error.sentence, _NO_NAMESPACES)
    except OSError as error:
        return lacking(said("the self check cannot be set up: {reason}", reason=error), said("Make room in /tmp."))
    if not ran.returned or not isinstance(ran.value, list):
        reason = " ".join(ran.stderr.split())[-300:] or ran.outcome.value
        return lacking(said("the self check failed: {reason}", reason=reason), _NO_NAMESPACES)
    if ran.value:
        holes = all_of([str(hole) for hole in ran.value])
        return lacking(said("isolation has holes: {holes}", holes=holes), said("Update bubblewrap and the kernel."))
    return Isolation(NAME, host.tier, _found(host), None if host.tier is Tier.GROUPED else _NO_CGROUP)


def _found(host: Host) -> Sentence:
    if host.tier is Tier.GROUPED:
        return said("bubblewrap, bounded by a cgroup; nothing got out")
    return said("bubblewrap, bounded by limits and a watchdog; nothing got out")


def probe(targets: Mapping[str, Any]) -> Program:
    """Return the program that reaches for `targets`, and for everything else that is none of its business."""
    return Program(files={"probe.py": _PROBE.read_bytes()}, entry="probe.py:reached", arguments=dict(targets))


@contextlib.contextmanager
def targets() -> Iterator[dict[str, Any]]:
    """Put things on this machine that a program must not reach: a file, a port, and a socket in each namespace."""
    name = f"dexter-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="dexter-canary-"))
        Path(file.name).chmod(0o644)
        port = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        unseen = stack.enter_context(socket.socket(socket.AF_UNIX))
        unseen.bind(f"\0{name}")
        unseen.listen()
        yield {"file": file.name, "port": port.getsockname()[1], "socket": name, "pid": os.getpid()}
