"""What goes wrong between Dexter and a guest, in words: what was found, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.adapters.sandboxes.hyperv.where import Place, Remote
from core.errors import DexterError, Misconfigured, Unavailable
from core.sentences import Sentence, said

_SHOWN = 300
"""Characters of what Windows says of an error."""

GUEST_ADMINISTRATOR = said("Name an administrator of the guest in sandbox.hyperv.guest_user.")
SESSION = said("Let that user have an ordinary session: no JEA, no constrained language mode.")
_TRY_AGAIN = said("Try again; if it stays like that, look at the virtual machine in Hyper-V Manager.")


class Trouble(Exception):
    """No result, and why. `lasting`: only a person can end it."""

    def __init__(self, found: Sentence, remedy: Sentence, *, lasting: bool = True) -> None:
        super().__init__(str(found))
        self.found = found
        self.remedy = remedy
        self.lasting = lasting

    def error(self) -> DexterError:
        """Return it as people read it."""
        kind = Misconfigured if self.lasting else Unavailable
        return kind(said("Nothing ran: {found}. {remedy}", found=self.found, remedy=self.remedy))


class Lost(Trouble):
    """The same, after the script had begun: the virtual machine is in no known state."""

    @classmethod
    def of(cls, other: Trouble) -> "Lost":
        """Return the same trouble, as one that came later."""
        return cls(other.found, other.remedy, lasting=other.lasting)


@dataclass(frozen=True, slots=True)
class Report:
    """What the script on the host says at its end."""

    stage: str
    """Where it came to, or where it failed."""
    error: str
    denied: bool
    restored: bool
    guest: str
    """What the guest says; nothing where it did not come to that."""


def shown(text: str, secrets: Iterable[str]) -> str:
    """Return what another machine says as one short line without secrets in it."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return " ".join(text.split())[:_SHOWN].rstrip(".") or "?"


def failed(report: Report, place: Place) -> Trouble:
    """Return what a stage that failed means."""
    reason = shown(report.error, (*place.remote.secrets, place.guest.password.get_secret_value()))
    if report.denied:
        found = said("{user} may not manage Hyper-V on {host}: {reason}", **_names(place.remote), reason=reason)
        return Trouble(found, said("Add that user to the group Hyper-V Administrators there."))
    if report.stage in _EARLY:
        return _early(report.stage, place.remote, reason)
    return _of_machine(report.stage, place, reason)


_EARLY: Mapping[str, tuple[Sentence, Sentence]] = {
    "language": (said("PowerShell on {host} lets {user} run no script ({reason})"), SESSION),
    "module": (
        said("{host} has no Hyper-V module for PowerShell: {reason}"),
        said("Install it there: Install-WindowsFeature Hyper-V-PowerShell."),
    ),
}
"""What fails before any virtual machine is looked at."""


def _early(stage: str, remote: Remote, reason: str) -> Trouble:
    found, remedy = _EARLY[stage]
    return Trouble(found.but(values={**_names(remote), "reason": reason}), remedy)


def _of_machine(stage: str, place: Place, reason: str) -> Trouble:
    found, remedy, lasting = _OF_MACHINE.get(stage, _BROKEN)
    vm, checkpoint = str(place.machine.vm), str(place.machine.checkpoint)
    values = {**_names(place.remote), "vm": vm, "checkpoint": checkpoint, "guest": place.guest.user, "reason": reason}
    return Trouble(found.but(values={**values, "seconds": place.guest.boot}), remedy, lasting=lasting)


_OF_MACHINE: Mapping[str, tuple[Sentence, Sentence, bool]] = {
    "machine": (
        said("{host} has no virtual machine {vm} that {user} may see: {reason}"),
        said("Get-VM lists those that are there, each with its Id; sandbox.hyperv.vms names the ones to use."),
        True,
    ),
    "lock": (
        said("the virtual machine {vm} is in use by another Dexter: {reason}"),
        said("Try again in a minute, or give each Dexter virtual machines of its own."),
        False,
    ),
    "checkpoint": (
        said("the virtual machine {vm} cannot be restored to its checkpoint {checkpoint}: {reason}"),
        said("Get-VMSnapshot lists its checkpoints, each with its Id; make a new one if it is gone."),
        True,
    ),
    "adapter": (
        said("the virtual machine {vm} is connected to a network ({reason}), so nothing runs in it"),
        said("Remove its network adapter, and make its checkpoint anew."),
        True,
    ),
    "boot": (
        said("the virtual machine {vm} was not up after {seconds} s: {reason}"),
        said("Look at it in Hyper-V Manager; a checkpoint of a running machine is up sooner."),
        False,
    ),
    "guest": (
        said("the guest of the virtual machine {vm} does not let {guest} in: {reason}"),
        said("Set sandbox.hyperv.guest_user and guest_password to what the guest knew when its checkpoint was made."),
        True,
    ),
    "guest language": (
        said("PowerShell in the guest of the virtual machine {vm} lets {guest} run no script"),
        said("Take the policy for scripts out of the guest, and make its checkpoint anew."),
        True,
    ),
    "guest rights": (
        said("{guest} is no administrator in the guest of the virtual machine {vm}, so programs cannot be watched"),
        GUEST_ADMINISTRATOR,
        True,
    ),
}
_BROKEN = (said("the run in the virtual machine {vm} broke off: {reason}"), _TRY_AGAIN, False)


def _names(remote: Remote) -> dict[str, str]:
    return {"host": remote.place, "user": remote.user or str(remote.certificate or "?")}
