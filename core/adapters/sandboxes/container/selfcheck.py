"""Whether isolation holds in a container, and of which kind it is, proved from inside."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import selfcheck
from core.adapters.sandboxes.container.host import NAME, Host, lacking
from core.errors import Unavailable
from core.sandbox import MEGABYTE, Isolation, Limits, Outcome, Program, Ran, Tier
from core.sentences import Sentence, all_of, said

Run = Callable[[Host, Program, Limits], Awaitable[Ran]]

_BOUNDS = Path(__file__).parent / "inside" / "bounds.py"
_LIMITS = Limits(seconds=30, memory=64 * MEGABYTE, processes=16)
_OWN = ["/etc/passwd", "/run", "/sys", "/var"]
_OWN_GVISOR = ["/proc/1/environ"]
"""What the engine makes for a container; the probe looks for this machine's."""
_LOOK = said("See what the engine's own log says, and that its service runs as docs/security.md has it.")
_GVISOR = said(
    "For a kernel of its own, install gVisor (apt-get install runsc) and start Podman's service with it: "
    "docs/security.md has the line."
)


async def check(host: Host, run: Run) -> tuple[Host | None, Isolation]:
    """Return what runs may go to, and what was found. Raises nothing: what is wrong is in what it returns."""
    try:
        met = await _met(host, run)
        if wrong := await _holes(met, run):
            return None, lacking(wrong, _LOOK)
        held = await _bounded(met, run)
        return (held, _isolation(held)) if held else (None, lacking(said("nothing bounds a run"), _LOOK))
    except Unavailable as error:
        return None, lacking(error.sentence, _LOOK)
    except OSError as error:
        found = said("the self check cannot be set up: {reason}", reason=error)
        return None, lacking(found, said("Make room in /tmp."))


async def _met(host: Host, run: Run) -> Host:
    """Return the host with the kernel that is met inside; without bounds where the engine can have none."""
    program = Program(files={}, argv=("true",))
    try:
        ran = await run(host, program, _LIMITS)
    except Unavailable:  # an engine that may not make cgroups refuses bounds
        host = replace(host, bounded=False)
        ran = await run(host, program, _LIMITS)
    return replace(host, gvisor=ran.tier is Tier.KERNEL)


async def _holes(host: Host, run: Run) -> Sentence | None:
    """Return what is wrong with the walls, if anything is."""
    own = [*_OWN, *(_OWN_GVISOR if host.gvisor else [])]
    with selfcheck.targets() as targets:
        ran = await run(host, selfcheck.probe({**targets, "own": own}), _LIMITS)
    if not ran.returned or not isinstance(ran.value, list):
        reason = " ".join(ran.stderr.split())[-300:] or ran.outcome.value
        return said("the self check failed: {reason}", reason=reason)
    if ran.value:
        return said("isolation has holes: {holes}", holes=all_of([str(hole) for hole in ran.value]))
    return None


async def _bounded(host: Host, run: Run) -> Host | None:
    """Return the host with the bounds that hold: the engine's, or those that process 1 watches over."""
    taken = {"processes": _LIMITS.processes, "memory": _LIMITS.memory}
    program = Program(files={"bounds.py": _BOUNDS.read_bytes()}, entry="bounds.py:take", arguments=taken)
    for bounded in (True, False) if host.bounded else (False,):
        tried = replace(host, bounded=bounded)
        if (await run(tried, program, _LIMITS)).outcome is Outcome.OUT_OF_MEMORY:
            return tried
    return None


def _isolation(host: Host) -> Isolation:
    return Isolation(NAME, host.tier, _found(host), None if host.tier is Tier.KERNEL else _GVISOR)


def _found(host: Host) -> Sentence:
    if host.tier is Tier.KERNEL:
        return said("{engine} with gVisor's kernel; nothing got out", engine=host.engine.name)
    if host.tier is Tier.GROUPED:
        return said("{engine}, bounded by a cgroup; nothing got out", engine=host.engine.name)
    return said("{engine}, bounded by limits and a watchdog; nothing got out", engine=host.engine.name)
