"""A PowerShell on the Windows host, for one script: everything here blocks, for a bounded time."""

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.adapters.sandboxes.hyperv import wire
from core.adapters.sandboxes.hyperv.heard import SAID, Heard
from core.adapters.sandboxes.hyperv.trouble import SESSION, Lost, Report, Trouble, shown
from core.adapters.sandboxes.hyperv.where import Remote
from core.sentences import said

if TYPE_CHECKING:
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.wsman import WSMan

SCRIPT = (Path(__file__).parent / "host.ps1").read_text("utf-8")
_CONNECT = 10
"""Seconds for a connection."""
_ANSWER = 20
"""Seconds for an answer."""
_IDLE = 60
"""Seconds after which the host ends a session from which nothing came; WinRM takes no less."""
_POLL = 1
"""Seconds that the host keeps a question for news open."""

Value = str | int | bytes


class Stopped(Exception):
    """The script was to end before it was done. `stage` is how far it had come."""

    def __init__(self, stage: str, *, late: bool) -> None:
        super().__init__(stage)
        self.stage = stage
        self.late = late


@dataclass(frozen=True, slots=True)
class Bound:
    """What ends a script early, and who hears of it before it ends."""

    seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    heard: Heard = field(default_factory=Heard)
    """Where what the program says goes meanwhile."""


def asked(remote: Remote, values: Mapping[str, Value], password: str, bound: Bound) -> Report:
    """Run the script with these parameters, the password as a SecureString, and return what it reports.

    Raises `Trouble` where there is no report (`Lost` once it had begun), and `Stopped` where `bound` came first.
    """
    nonce = secrets.token_hex(16)
    with _session(remote) as pool:
        pool.exchange_keys()
        shell = _begun(pool, {**values, "Nonce": nonce}, password)
        try:
            _watched(shell, bound)
            return _report(shell, nonce, remote)
        except (Stopped, Trouble):
            raise
        except Exception as error:
            raise Lost.of(wire.explained(error, remote)) from error


@contextlib.contextmanager
def _session(remote: Remote) -> "Iterator[RunspacePool]":
    """Open a session for the time of the body. Everything that goes wrong in it is a `Trouble`."""
    try:
        from pypsrp.powershell import RunspacePool  # 0.4 s, and only there where it is wanted
    except ImportError as error:
        raise wire.Missing from error
    with contextlib.ExitStack() as stack:
        try:
            wsman = _wsman(remote)
            stack.callback(wsman.close)
            pool = RunspacePool(wsman, no_profile=True, idle_timeout=_IDLE)
            stack.callback(_close, pool)
            pool.open()
            yield pool
        except (Trouble, Stopped):
            raise
        except Exception as error:  # the client raises whatever an answer makes of it
            raise wire.explained(error, remote) from error


def _close(pool: "RunspacePool") -> None:
    with contextlib.suppress(Exception):  # the host closes it by itself
        pool.close()


def _wsman(remote: Remote) -> "WSMan":
    from pypsrp.wsman import WSMan  # as above

    return WSMan(
        remote.host,
        port=remote.port or None,
        username=remote.user or None,
        password=remote.password.get_secret_value() or None,
        ssl=remote.tls,
        auth=remote.transport,
        cert_validation=str(remote.authority) if remote.authority else True,  # type: ignore[arg-type]  # or a path
        certificate_pem=str(remote.certificate) if remote.certificate else None,
        certificate_key_pem=str(remote.key) if remote.key else None,
        certificate_key_password=remote.key_password.get_secret_value() or None,
        connection_timeout=_CONNECT,
        operation_timeout=_ANSWER,
        read_timeout=_ANSWER + 5,
        reconnection_retries=0,
        reconnection_backoff=0,
        no_proxy=True,
    )


def _begun(pool: "RunspacePool", values: Mapping[str, Value], password: str) -> "PowerShell":
    from pypsrp.complex_objects import ObjectMeta  # as above
    from pypsrp.powershell import PowerShell

    shell = PowerShell(pool)
    shell.add_script(SCRIPT)
    shell.add_parameters(dict(values))
    shell.add_parameter("GuestPassword", pool.serialize(password, ObjectMeta("SS")))
    shell.begin_invoke()
    return shell


def _watched(shell: "PowerShell", bound: Bound) -> None:
    """Wait for the end of the script, or end it."""
    from pypsrp.complex_objects import PSInvocationState  # as above

    until, told = time.monotonic() + bound.seconds, 0
    while shell.state == PSInvocationState.RUNNING:
        shell.poll_invoke(timeout=_POLL)
        told = _passed_on(shell, told, bound.heard)
        late = time.monotonic() > until
        if shell.state == PSInvocationState.RUNNING and (late or bound.stop.is_set()):
            with contextlib.suppress(Exception):  # the machine is switched off next, which ends it too
                shell.stop()
            raise Stopped(_stage(shell), late=late)


def _passed_on(shell: "PowerShell", told: int, heard: Heard) -> int:
    """Pass on what the program has said after so many messages, and return how many there are by now."""
    messages = _messages(shell, told)
    for message in messages:
        if message.startswith(SAID):
            heard.news(message)
    return told + len(messages)


def _stage(shell: "PowerShell") -> str:
    return next((each for each in reversed(_messages(shell)) if not each.startswith(SAID)), "?")


def _messages(shell: "PowerShell", after: int = 0) -> list[str]:
    return [str(record.message_data) for record in shell.streams.information[after:]]


def _report(shell: "PowerShell", nonce: str, remote: Remote) -> Report:
    """Return the one object that the script says. An error in a stream does not show in the state alone."""
    try:
        (told,) = shell.output
        report = json.loads(told)
        if report.pop("nonce") != nonce:
            raise ValueError("another run's report")
        return Report(**report)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        reason = shown(" ".join(map(str, shell.streams.error)) or str(error), remote.secrets)
        found = said("PowerShell on {host} did not run the script: {reason}", host=remote.place, reason=reason)
        raise Lost(found, SESSION) from error
