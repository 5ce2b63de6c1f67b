"""The settings of the sandboxes: which one runs the programs that nobody trusts, and what each of them needs."""

from pathlib import Path
from typing import Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr, model_validator

from bot.section import Section
from core.sandbox import Tier


class Container(Section):
    """Docker or Podman."""

    socket: str = ""
    """Of an engine on this machine, as `unix:///path`; empty: `DOCKER_HOST`, else where they usually are."""
    image: str = ""
    """With its digest (`name@sha256:…`); empty: one that Dexter makes from this machine's own Python, offline."""
    runtime: str = ""
    """Name under which the engine knows gVisor (`runsc`), for Docker; Podman has only its default one."""


class Microvm(Section):
    """A small virtual machine of QEMU's."""

    memory: int = Field(default=1024, ge=256, le=65536)
    """Megabytes of one machine; a program can have all but 160 of them."""
    accelerator: Literal["auto", "kvm", "tcg"] = "auto"
    """`tcg` is emulation; `auto`: KVM where a machine boots with it, else emulation."""
    kernel: str = ""
    """`vmlinuz-…` of a kernel whose modules are in /lib/modules; empty: the newest in /boot."""


class VirtualMachine(Section):
    """One of a Windows host's."""

    vm: UUID
    checkpoint: UUID
    """What it is restored to before and after each program."""


class Hyperv(Section):
    """Virtual machines on a Windows host; with no host it is off."""

    host: str = ""
    """Its name, as in its certificate."""
    port: int = Field(default=0, ge=0, le=65535)
    """Of WinRM; 0: 5986 with TLS, 5985 without."""
    tls: bool = True
    """Its certificate is always checked. Without TLS every message is encrypted by what the transport agreed on."""
    transport: Literal["negotiate", "kerberos", "ntlm", "certificate", "credssp"] = "negotiate"
    user: str = ""
    password: SecretStr = SecretStr("")
    authority: Path | None = None
    """Certificates to trust, as PEM; none: those that everybody trusts."""
    certificate: Path | None = None
    """For the transport `certificate`, with its key, as PEM."""
    key: Path | None = None
    key_password: SecretStr = SecretStr("")
    vms: list[VirtualMachine] = []
    """Each runs one program at a time."""
    guest_user: str = ""
    """An administrator in all of them."""
    guest_password: SecretStr = SecretStr("")
    python: str = "python"
    """In the guests: a name or a path."""
    boot: int = Field(default=90, ge=5, le=1800)
    """Seconds that a machine may take to be up."""

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """Return what no log may show."""
        return self.password, self.key_password, self.guest_password

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Refuse a host without machines, without a way in, or with one that anybody could listen to."""
        if self.host and not (self.vms and self.guest_user):
            raise ValueError("a host needs vms, each with its vm and checkpoint, and a guest_user")
        if self.transport == "certificate" and not (self.certificate and self.key and self.tls):
            raise ValueError("the transport certificate needs certificate, key and tls")
        if len({each.vm for each in self.vms}) < len(self.vms):
            raise ValueError("each of vms is another virtual machine")
        return self


class Sandboxes(Section):
    """Where skills run."""

    kind: Literal["auto", "bubblewrap", "container", "microvm", "hyperv"] = "auto"
    """`auto`: the first in this order that proves to be strong enough."""
    parallel: int = Field(default=0, ge=0, le=256)
    """Programs that run at one time; 0: as many as there are cores."""
    waiting: int = Field(default=500, ge=1)
    """Programs that may wait for their turn; one more is told to come back later."""
    container: Container = Container()
    microvm: Microvm = Microvm()
    hyperv: Hyperv = Hyperv()

    @model_validator(mode="after")
    def there(self) -> Self:
        """Refuse to choose a Windows host that is not named."""
        if self.kind == "hyperv" and not self.hyperv.host:
            raise ValueError("kind is hyperv, and hyperv.host names no Windows host")
        return self


class SkillRuns(Section):
    """What skills must be kept apart by, and may take."""

    tier: Tier = Tier.LIMITED
    """The least that running, testing and promoting want: `limited`, `grouped`, `kernel` or `machine`."""
    seconds: float = Field(default=60.0, gt=0, le=3600)
    """Of one run."""
    memory: int = Field(default=512, ge=32, le=65536)
    """Megabytes of one run."""
    packages: list[str] = []
    """Names of Python packages that skills may use; what those need comes along."""
    secrets: dict[str, SecretStr] = {}
    """Name to value: each goes to skills alone whose permission to have it was approved."""
