"""Whether isolation holds, proved from inside each virtual machine: a probe reaches for what it must not have."""

from collections.abc import Mapping
from pathlib import Path

from core.adapters.sandboxes.hyperv.trouble import Trouble
from core.adapters.sandboxes.hyperv.where import Guest, Machine, Remote
from core.adapters.sandboxes.hyperv.wire import Missing
from core.errors import DexterError
from core.sandbox import MEGABYTE, Isolation, Limits, Program, Ran, Tier
from core.sentences import Sentence, all_of, joined, said

NAME = "hyperv"
LIMITS = Limits(seconds=60, memory=512 * MEGABYTE)
_PROBE = Path(__file__).parent / "guest" / "probe.ps1"
_SHELL = ("powershell", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File")
_NO_PYTHON = said("For skills in Python install Python for all users in the guest, and make its checkpoint anew.")
_AGAIN = said("Prepare the guest as docs/hyperv.md says, and make its checkpoint anew.")


def probe(guest: Guest) -> Program:
    """Return the program that tries to get out."""
    argv = (*_SHELL, "{files}/probe.ps1", "-Python", guest.python)
    return Program(files={"probe.ps1": _PROBE.read_bytes()}, argv=argv)


def judged(ran: Ran, machine: Machine) -> str:
    """Return which Python the guest has, if any. Raises `Trouble` where isolation does not hold there."""
    value = ran.value if ran.returned and isinstance(ran.value, dict) else {}
    reached, python = value.get("reached"), value.get("python")
    if not isinstance(reached, list) or not isinstance(python, str):
        reason = " ".join(ran.stderr.split())[-300:] or ran.outcome.value
        found = said("the self check in the virtual machine {vm} failed: {reason}", vm=machine.vm, reason=reason)
        raise Trouble(found, _AGAIN)
    if reached:
        holes = all_of([str(hole) for hole in reached])
        raise Trouble(said("the virtual machine {vm} has holes: {holes}", vm=machine.vm, holes=holes), _AGAIN)
    return python


def isolation(remote: Remote, found: Mapping[Machine, str | Trouble | DexterError]) -> Isolation:
    """Return what all of them together are: one that holds is enough, and the others are named."""
    troubles = [each for each in found.values() if not isinstance(each, str)]
    pythons = [each for each in found.values() if isinstance(each, str)]
    if not pythons:
        return lacking(troubles[0])
    what = said("Hyper-V on {host}, virtual machines: {count}; nothing got out", host=remote.place, count=len(pythons))
    remedies = [said("{found}. {remedy}", found=_found(each), remedy=_remedy(each)) for each in troubles[:1]]
    remedies += [] if all(pythons) else [_NO_PYTHON]
    return Isolation(NAME, Tier.MACHINE, what, joined(remedies) if remedies else None)


def lacking(trouble: Trouble | DexterError) -> Isolation:
    """Return that nothing may run there, and why."""
    return Isolation(NAME, None, _found(trouble), _remedy(trouble), not isinstance(trouble, Missing))


def _found(trouble: Trouble | DexterError) -> Sentence:
    return trouble.found if isinstance(trouble, Trouble) else trouble.sentence


def _remedy(trouble: Trouble | DexterError) -> Sentence:
    return trouble.remedy if isinstance(trouble, Trouble) else _AGAIN
