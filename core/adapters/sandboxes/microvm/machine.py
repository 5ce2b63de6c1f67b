"""One QEMU, from its command line to its end: no network, no file of the host but the disks that it is handed."""

import contextlib
import os
import resource
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO

from core.adapters.sandboxes.bubblewrap import owner
from core.adapters.sandboxes.bubblewrap.host import user

CHANNELS = ("order", "told", "out", "err", "result")
"""Of the guest, in the order of their numbers there."""
_DENIED = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
"""To QEMU's own process."""
_ALONE = ("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--")
"""QEMU dies with the thread that started it."""
_CODE = 64
"""Megabytes of translated code, where the guest is emulated."""
_SPACE = 3 << 30
"""Bytes of address space beside the guest's memory."""
_HANDLES = 128
_GRACE = 5.0
_PREFERRED = 900
"""Added to how likely the kernel takes a guest, and not Dexter, when this machine runs out of memory."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a guest finds; one that was frozen can only go on with the same."""

    qemu: str
    accelerator: str
    """`kvm`, or `tcg`, which is QEMU's name for emulation."""
    memory: int
    """Megabytes."""
    groups: tuple[int, ...] = ()
    """Of those who may use KVM."""

    def words(self) -> list[str]:
        """Return the part of the command line that never changes."""
        emulated = self.accelerator == "tcg"
        return [
            *(self.qemu, "-M", "microvm,acpi=on,rtc=on,pit=on,pic=on,pcie=off,usb=off", "-smp", "1"),
            *("-accel", f"tcg,tb-size={_CODE}" if emulated else "kvm", "-cpu", "max" if emulated else "host"),
            *("-m", str(self.memory), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-name", f"{owner.mine()}guest"),
            *("-sandbox", _DENIED),
        ]


class Machine:
    """A QEMU that runs. Start it from a thread that outlives it: it dies with that thread."""

    def __init__(
        self,
        hardware: Hardware,
        number: int,
        disks: Sequence[Path],
        extra: Sequence[str],
        given: Sequence[int] = (),
    ) -> None:
        """Start it with these disks, read-only; `given` are descriptors that `extra` names. Raises OSError.

        No other that runs has this `number`: where Dexter is root, each is another user, who is nobody else.
        """
        pairs = {name: socket.socketpair() for name in (*CHANNELS, "console", "monitor")}
        self.monitor, _ = pairs["monitor"]
        self.channels = {
            name: FileIO(ours.detach(), "r+") for name, (ours, _) in pairs.items() if ours is not self.monitor
        }
        with contextlib.ExitStack() as stack, contextlib.ExitStack() as failed:
            failed.callback(self._hang_up)
            theirs = {name: stack.enter_context(end).fileno() for name, (_, end) in pairs.items()}
            files = [stack.enter_context(disk.open("rb")).fileno() for disk in disks]
            words = [*_ALONE, *hardware.words(), *_disks(files), *_channels(theirs), *extra]
            self.process = _started(words, user(number), hardware.groups, [*theirs.values(), *files, *given])
            failed.pop_all()
        assert self.process.stderr  # noqa: S101  it was asked for
        self.errors: IO[bytes] = self.process.stderr
        self.over = os.pidfd_open(self.process.pid)
        """Readable once it has ended."""
        self._bound(hardware.memory << 20)

    def end(self) -> int:
        """Make sure that it has ended, and return its exit code."""
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait(_GRACE)

    def close(self) -> None:
        """End it, and give the channels back."""
        self.end()
        self.errors.close()
        os.close(self.over)
        self._hang_up()

    def _hang_up(self) -> None:
        self.monitor.close()
        for channel in self.channels.values():
            channel.close()

    def _bound(self, memory: int) -> None:
        bounds = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: _HANDLES, resource.RLIMIT_AS: memory + _SPACE}
        with contextlib.suppress(OSError):  # it may have ended already
            for what, most in bounds.items():
                resource.prlimit(self.process.pid, what, (most, most))
            Path(f"/proc/{self.process.pid}/oom_score_adj").write_text(str(_PREFERRED))


def _started(
    words: Sequence[str], uid: int | None, groups: Sequence[int], handed: Sequence[int]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        bufsize=0,
        pass_fds=handed,
        env={"PATH": os.defpath},
        cwd="/",
        start_new_session=True,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else groups,
    )


def _disks(files: Sequence[int]) -> list[str]:
    words = []
    for at, file in enumerate(files):
        words += ["-add-fd", f"fd={file},set={at}"]
        words += ["-blockdev", f"driver=file,node-name=file{at},filename=/dev/fdset/{at},read-only=on,locking=off"]
        words += ["-blockdev", f"driver=raw,node-name=disk{at},file=file{at},read-only=on"]
        words += ["-device", f"virtio-blk-device,drive=disk{at}"]
    return words


def _channels(ends: dict[str, int]) -> list[str]:
    words = ["-device", "virtio-serial-device"]
    for name, end in ends.items():
        words += ["-chardev", f"socket,id={name},fd={end}"]
    for at, name in enumerate(CHANNELS, start=1):
        words += ["-device", f"virtserialport,chardev={name},nr={at}"]
    return [*words, "-serial", "chardev:console"]
