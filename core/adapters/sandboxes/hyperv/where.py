"""Where programs run: a Windows host, virtual machines on it, and what lets Dexter in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import SecretStr

Transport = Literal["negotiate", "kerberos", "ntlm", "certificate", "credssp"]
_NONE = SecretStr("")
_PORTS = {True: 5986, False: 5985}


@dataclass(frozen=True, slots=True)
class Remote:
    """The Windows host, and who Dexter is there."""

    host: str
    user: str = ""
    password: SecretStr = _NONE
    transport: Transport = "negotiate"
    tls: bool = True
    """Its certificate is always checked. Without TLS every message is encrypted by what the transport agreed on."""
    port: int = 0
    """0: the usual one."""
    authority: Path | None = None
    """Certificates that are trusted, as PEM; none: those that are trusted everywhere."""
    certificate: Path | None = None
    """For the transport `certificate`, with its key, both as PEM."""
    key: Path | None = None
    key_password: SecretStr = _NONE

    @property
    def place(self) -> str:
        """Return host and port, as a person would look for them."""
        return f"{self.host}:{self.port or _PORTS[self.tls]}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what no sentence may repeat."""
        return tuple(filter(None, (self.password.get_secret_value(), self.key_password.get_secret_value())))


@dataclass(frozen=True, slots=True)
class Guest:
    """What is the same in all virtual machines: an administrator there, and where Python is."""

    user: str
    password: SecretStr
    python: str = "python"
    boot: int = 90
    """Seconds from the start of a virtual machine until its heartbeat is there, and as many again until it lets in."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual machine, and what it is restored to before and after each program."""

    vm: UUID
    checkpoint: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """All of it, for one run."""

    remote: Remote
    guest: Guest
    machine: Machine
