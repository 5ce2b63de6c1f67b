"""A Hyper-V host that is none: the cmdlets that Dexter's script calls, over virtual machines that are only described.

The script itself is run, statement for statement, by `tests.doubles.powershell`; its time passes 100 times as fast.
"""

import base64
import concurrent.futures
import datetime
import json
import queue
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from psrpcore.types import ErrorCategory

from core.adapters.sandboxes.hyperv.link import SCRIPT
from core.adapters.sandboxes.hyperv.work import GUEST_SCRIPT
from tests.doubles.hyperv_guest import Guests, ordered
from tests.doubles.powershell import Command, PowerShell
from tests.doubles.powershell_values import Raised, to_json
from tests.doubles.psrp_shell import Running, Stopped, Terminating

NO_MACHINE = "Hyper-V was unable to find a virtual machine with id {}."


@dataclass
class Vm:
    """A virtual machine. What a program leaves in it is `dirty`, until a checkpoint is restored."""

    password: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    checkpoint: uuid.UUID = field(default_factory=uuid.uuid4)
    switch: str = ""
    boots: bool = True
    python: str = "Python 3.12.1"
    holes: list[str] = field(default_factory=list)
    refused: str = ""
    says: str = ""
    """What its guest says instead of what it should."""
    hangs: bool = False
    tries: int = 1
    """Logins before the guest is ready for one."""
    state: str = "Off"
    dirty: bool = False
    restored: int = 0
    done: list[str] = field(default_factory=list)
    """Cmdlets that were called for it."""
    running: threading.Event = field(default_factory=threading.Event)
    job: "concurrent.futures.Future[dict[str, Any]] | None" = None
    said: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    """What its information stream has, and nobody has read yet."""
    knocked: int = 0


class Host:
    """The handler of a `psrp_server.Server`."""

    def __init__(self, *vms: Vm) -> None:
        self.vms = {vm.id: vm for vm in vms}
        self.mode = "FullLanguage"
        self.module = True
        self.denied = False
        self.fails: dict[str, str] = {}
        """By cmdlet, what it says when it fails."""
        self.held: set[str] = set()
        """Locks of other processes, by path."""
        self.scripts: list[str] = []
        self.given: list[dict[str, Any]] = []
        self.guests = Guests()
        self._lock = threading.Lock()
        self.fast = 100
        """Times that the clock of the script is faster than ours."""
        self._begun = time.monotonic()

    def __call__(self, running: Running) -> None:
        """Play one pipeline."""
        self.scripts.append(running.text)
        self.given.append({name: value for name, value in running.given.items() if name != "Payload"})
        if running.text != SCRIPT:
            raise Terminating("This host knows one script, and it is another.", "ParserError")
        if self.mode == "NoLanguage":
            raise Terminating("The syntax is not supported by this runspace.", "ScriptsNotAllowed")
        try:
            for each in _Session(self, running).run():
                running.output(each)
        except Raised as error:
            raise Terminating(str(error), error.kind, ErrorCategory.InvalidArgument) from error

    def now(self) -> datetime.datetime:
        passed = (time.monotonic() - self._begun) * self.fast
        return datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=passed)

    def open(self, path: str, *_: str) -> "_Lock":
        with self._lock:
            if path in self.held:
                raise Raised("The process cannot access the file because another process uses it.", "IO.IOException")
            self.held.add(path)
            return _Lock(self, path)

    def close(self) -> None:
        for vm in self.vms.values():
            _turned_off(vm)
        self.guests.close()


@dataclass
class _Lock:
    host: Host
    path: str

    def dispose(self) -> None:
        self.host.held.discard(self.path)


@dataclass(frozen=True)
class _Job:
    vm: Vm
    nonce: str


@dataclass(frozen=True)
class _Says:
    """What guest.ps1 writes to its information stream while a program runs."""

    said: "queue.SimpleQueue[str]"
    nonce: str

    def __call__(self, channel: str, text: str) -> None:
        self.said.put("what somebody else writes there")
        content = base64.b64encode(text.encode(errors="surrogateescape")).decode()
        self.said.put(f"{self.nonce}{'o' if channel == 'stdout' else 'e'}{content}")


@dataclass(frozen=True)
class _Information:
    """A collection of records, which reading empties."""

    said: "queue.SimpleQueue[str]"

    def read_all(self) -> list[dict[str, str]]:
        return [{"kind": "InformationRecord", "messagedata": self.said.get()} for _ in range(self.said.qsize())]


class _Session:
    """One run of the script."""

    def __init__(self, host: Host, running: Running) -> None:
        self._host = host
        self._running = running
        self._files: dict[str, Any] = {}

    def run(self) -> list[Any]:
        commands = {name.replace("_", "-"): self._said(name) for name in _NAMES}
        given = dict(self._running.given)
        known = {
            "env:programdata": r"C:\ProgramData",
            "executioncontext": {"sessionstate": {"languagemode": self._host.mode}},
        }
        shell = PowerShell(SCRIPT, {**commands, "convertto-json": to_json}, self._statics(), self._going)
        return shell.run(given, known)

    def _said(self, name: str) -> Command:
        """Return a cmdlet; what Dexter's own calls are is kept with the machine."""
        command: Command = getattr(self, name)

        def called(positional: list[Any], named: dict[str, Any]) -> Any:
            if message := self._host.fails.get(name.replace("_", "-")):
                raise Raised(message, "VirtualizationException")
            return command(positional, named)

        return called

    def _going(self) -> None:
        if self._running.stopping.is_set():
            raise Stopped

    def _statics(self) -> dict[str, Any]:
        host = self._host
        return {
            "datetime.utcnow": host.now,
            "guid.newguid": uuid.uuid4,
            "io.file.open": host.open,
            "io.file.writeallbytes": self._files.__setitem__,
            "io.file.writealltext": self._files.__setitem__,
            "io.path.gettemppath": lambda: r"C:\Temp",
        }

    def _vm(self, thing: dict[str, Any], cmdlet: str) -> Vm:
        vm = self._host.vms[thing["id"]]
        vm.done.append(cmdlet)
        return vm

    # Cmdlets

    def set_strictmode(self, _: list[Any], __: dict[str, Any]) -> None:
        """Strict it is."""

    def import_module(self, _: list[Any], named: dict[str, Any]) -> None:
        if not self._host.module:
            raise Raised(
                f"The specified module '{named['name']}' was not loaded.",
                "FileNotFoundException",
                "ResourceUnavailable",
            )

    def get_vm(self, _: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        if self._host.denied:
            raise Raised(
                "You do not have the required permission to complete this task.",
                "VirtualizationException",
                "PermissionDenied",
            )
        vm = self._host.vms.get(named["id"])
        if vm is None:
            raise Raised(NO_MACHINE.format(named["id"]), "VirtualizationException", "InvalidArgument")
        beats = "OkApplicationsUnknown" if vm.boots and vm.state == "Running" else "NoContact"
        return {"kind": "VirtualMachine", "id": vm.id, "state": vm.state, "heartbeat": beats}

    def stop_vm(self, _: list[Any], named: dict[str, Any]) -> None:
        assert named["turnoff"]
        _turned_off(self._vm(named["vm"], "Stop-VM"))

    def get_vmsnapshot(self, _: list[Any], named: dict[str, Any]) -> list[Any]:
        vm = self._host.vms[named["vm"]["id"]]
        return [
            {"kind": "VMSnapshot", "id": vm.checkpoint, "of": vm.id},
            {"kind": "VMSnapshot", "id": uuid.uuid4(), "of": vm.id},
        ]

    def restore_vmsnapshot(self, _: list[Any], named: dict[str, Any]) -> None:
        assert named["confirm"] is False
        vm = self._vm({"id": named["vmsnapshot"]["of"]}, "Restore-VMSnapshot")
        assert vm.state != "Running"
        vm.state, vm.dirty, vm.restored, vm.knocked = "Saved", False, vm.restored + 1, 0

    def get_vmnetworkadapter(self, _: list[Any], named: dict[str, Any]) -> list[Any]:
        vm = self._vm(named["vm"], "Get-VMNetworkAdapter")
        return [{"kind": "VMNetworkAdapter", "name": "Network Adapter", "switchname": vm.switch}]

    def start_vm(self, _: list[Any], named: dict[str, Any]) -> None:
        vm = self._vm(named["vm"], "Start-VM")
        vm.state = "Running"

    def start_sleep(self, _: list[Any], named: dict[str, Any]) -> None:
        self._running.sleep((named.get("seconds", 0) + named.get("milliseconds", 0) / 1000) / self._host.fast)

    def write_information(self, _: list[Any], named: dict[str, Any]) -> None:
        self._running.information(named["messagedata"])

    def new_object(self, positional: list[Any], _: dict[str, Any]) -> dict[str, Any]:
        kind, (user, password) = positional
        return {"kind": kind, "user": user, "password": password.decrypt()}

    def new_pssession(self, _: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        vm = self._vm({"id": named["vmid"]}, "New-PSSession")
        vm.knocked += 1
        if vm.knocked <= vm.tries:
            raise Raised("The Hyper-V socket target process has ended.", "PSRemotingTransportException", "OpenError")
        if named["credential"]["password"] != vm.password:
            raise Raised("The credential is invalid.", "PSDirectException", "OpenError")
        return {"kind": "PSSession", "id": vm.id}

    def remove_pssession(self, _: list[Any], named: dict[str, Any]) -> None:
        self._vm(named["session"], "Remove-PSSession")

    def new_item(self, _: list[Any], __: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "DirectoryInfo"}

    def join_path(self, positional: list[Any], _: dict[str, Any]) -> str:
        return "\\".join(positional)

    def copy_item(self, _: list[Any], named: dict[str, Any]) -> None:
        vm = self._vm(named["tosession"], "Copy-Item")
        assert named["destination"] == r"C:\dexter-1"
        assert named["literalpath"] in self._files
        vm.dirty = True

    def remove_item(self, _: list[Any], __: dict[str, Any]) -> None:
        self._files.clear()

    def invoke_command(self, _: list[Any], named: dict[str, Any]) -> Any:
        vm = self._vm(named["session"], "Invoke-Command")
        if "scriptblock" in named:
            return r"C:\dexter-1"
        assert named["asjob"]
        assert self._files[named["filepath"]] == GUEST_SCRIPT
        _, nonce, python = named["argumentlist"]
        payload = next(content for name, content in self._files.items() if name.endswith("payload.zip"))
        if ordered(payload)["argv"][-2:] == ["-Python", python]:
            vm.job = _done(_probed(vm))
        elif not vm.says:
            vm.said = queue.SimpleQueue()
            vm.job = self._host.guests.start(payload, _Says(vm.said, nonce))
        vm.running.set()
        return {"kind": "Job", "job": _Job(vm, nonce), "childjobs": [{"information": _Information(vm.said)}]}

    def wait_job(self, _: list[Any], named: dict[str, Any]) -> Any:
        vm = named["job"]["job"].vm
        if vm.hangs:
            self._running.sleep(named["timeout"] / self._host.fast)
            return None
        if vm.job:
            over = threading.Event()
            vm.job.add_done_callback(lambda _: over.set())
            if not self._running.wait(over, named["timeout"]):
                return None
        return named["job"]

    def receive_job(self, _: list[Any], named: dict[str, Any]) -> Any:
        job = named["job"]["job"]
        if job.vm.says:
            return job.vm.says.replace("{nonce}", job.nonce)
        if job.vm.state != "Running":
            raise Raised("The background process reported an error: the session ended.", "PSRemotingTransportException")
        return job.nonce + json.dumps({"refused": job.vm.refused} if job.vm.refused else job.vm.job.result())


_NAMES = [name for name in vars(_Session) if "_" in name[1:] and not name.startswith("_")]


def _turned_off(vm: Vm) -> None:
    vm.state = "Off"
    vm.running.clear()
    if (job := vm.job) is not None:
        job.cancel()
        with suppress(concurrent.futures.CancelledError, Exception):
            concurrent.futures.wait([job], 10)
        vm.job = None


def _probed(vm: Vm) -> dict[str, Any]:
    result = json.dumps({"reached": vm.holes, "python": vm.python}).encode()
    return {"ended": "exited", "code": 0, "result": base64.b64encode(result).decode()}


def _done(value: dict[str, Any]) -> "concurrent.futures.Future[dict[str, Any]]":
    future: concurrent.futures.Future[dict[str, Any]] = concurrent.futures.Future()
    future.set_result(value)
    return future
