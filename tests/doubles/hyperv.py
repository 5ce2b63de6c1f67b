"""A Windows host for tests, and sandboxes on it: a WSMan server on this machine, over virtual machines that are none.

What only a real host can prove is in `NOT_HERE`, with the reason, and in docs/hyperv.md.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from core.adapters.sandboxes.hyperv import Guest, HyperV, Machine, Remote
from tests.doubles.hyperv_host import Host, Vm
from tests.doubles.psrp_server import DOMAIN, USER, Server

BOOT = 200
"""Seconds of the clock in the script, which is two of ours."""
HOST_PASSWORD, GUEST_PASSWORD = "host-Passw0rd-planted", "guest-Passw0rd-planted"


_GUEST = "only a guest on a real Windows host can show it: see the acceptance run in docs/hyperv.md"
_DISK = "nothing bounds what a program writes in a guest but the guest's own disk: see docs/hyperv.md"
NOT_HERE: Mapping[str, str] = {
    "test_a_signal_that_the_program_sends_itself_is_told": "Windows has no signals",
    "test_descriptors_are_bounded": "nothing bounds the handles of a program in a guest: see docs/hyperv.md",
    "test_no_file_is_huge_and_no_folder_either": _DISK,
    "test_many_small_files_do_no_harm": _DISK,
    "test_when_dexter_is_killed_nothing_stays": "its host would die with it: see test_hyperv_killed.py",
    **dict.fromkeys(
        (
            "test_memory_is_bounded",
            "test_memory_is_bounded_over_all_processes_together",
            "test_shared_memory_and_files_in_memory_count",
            "test_forks_are_bounded_and_do_no_harm",
            "test_a_fork_bomb_ends_at_the_deadline",
            "test_no_file_of_the_host_can_be_read",
            "test_a_file_that_is_there_under_the_same_name_is_not_the_hosts",
            "test_the_environment_is_empty",
            "test_no_network_is_reached",
            "test_nothing_can_be_written_but_in_its_folders",
            "test_links_lead_nowhere_outside",
            "test_no_other_process_is_seen_or_signalled",
            "test_the_one_that_watches_cannot_be_killed_stopped_or_looked_into",
            "test_nothing_can_be_traced_mounted_or_unshared",
            "test_it_is_nobody_without_rights",
            "test_runs_side_by_side_do_not_see_each_other",
            "test_a_library_is_read_only_and_lies_elsewhere_than_on_this_machine",
        ),
        _GUEST,
    ),
}
"""Tests of the contract of sandboxes that a host which is none would pass for nothing."""


class Windows:
    """The host, its machines, and the server in front."""

    def __init__(self, machines: int = 1, *, tls: bool = True, most_shells: int = 20) -> None:
        self._closed = False
        self.folder = tempfile.TemporaryDirectory(prefix="windows-")
        self.vms = [Vm(GUEST_PASSWORD) for _ in range(machines)]
        self.host = Host(*self.vms)
        self.server = Server(self.host, HOST_PASSWORD, Path(self.folder.name), tls=tls, most_shells=most_shells)

    def remote(self, **other: Any) -> Remote:
        known = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": f"{DOMAIN}\\{USER}",
            "password": SecretStr(HOST_PASSWORD),
            "authority": self.server.certificates.authority,
            "tls": self.server.tls,
        }
        return Remote(**{**known, **other})

    def sandbox(self, *, waiting: int = 500, guest: Mapping[str, Any] | None = None, **remote: Any) -> HyperV:
        known = {"user": "Administrator", "password": SecretStr(GUEST_PASSWORD), "boot": BOOT}
        machines = [Machine(vm.id, vm.checkpoint) for vm in self.vms]
        return HyperV(self.remote(**remote), Guest(**{**known, **(guest or {})}), machines, waiting=waiting)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.server.close()
        self.host.close()
        self.folder.cleanup()


class OnWindows(HyperV):
    """A sandbox that takes its host with it."""

    def __init__(self) -> None:
        self._windows = Windows(2)
        machines = [Machine(vm.id, vm.checkpoint) for vm in self._windows.vms]
        guest = Guest("Administrator", SecretStr(GUEST_PASSWORD), boot=BOOT)
        super().__init__(self._windows.remote(), guest, machines)

    async def aclose(self) -> None:
        await super().aclose()
        self._windows.close()
