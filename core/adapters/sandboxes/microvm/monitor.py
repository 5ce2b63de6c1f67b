"""Speaks to QEMU while a snapshot is taken: https://www.qemu.org/docs/master/interop/qmp-spec.html."""

import json
import socket
import time
from typing import Any

from core.errors import Unavailable

_ANSWER = 10.0
"""Seconds for one answer."""
_LONGEST = 1 << 20
_LOOK = 0.02
_WHOLE = 1 << 40
"""Bytes a second: as quickly as it goes."""


class Monitor:
    """The control channel of one QEMU. Everything raises `Unavailable`."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(_ANSWER)
        self._rest = b""
        self._line()  # its greeting
        self.ask("qmp_capabilities")

    def freeze(self, file: int, deadline: float) -> None:
        """Write the whole state of the machine to a file; it stands still afterwards."""
        self.ask("migrate-set-parameters", {"max-bandwidth": _WHOLE})
        self.ask("getfd", {"fdname": "state"}, [file])
        self.ask("migrate", {"uri": "fd:state"})
        while (state := self.ask("query-migrate")).get("status") != "completed":
            if state.get("status") in ("failed", "cancelled") or time.monotonic() > deadline:
                reason = state.get("error-desc") or state.get("status")
                raise Unavailable("QEMU cannot keep a snapshot: {reason}.", reason=reason)
            time.sleep(_LOOK)

    def ask(
        self, command: str, arguments: dict[str, Any] | None = None, files: list[int] | None = None
    ) -> dict[str, Any]:
        """Return the answer to a command, with which files may be handed over."""
        words = json.dumps({"execute": command, "arguments": arguments or {}}).encode()
        try:
            socket.send_fds(self._channel, [words], files or [])
        except OSError as error:
            raise Unavailable("QEMU does not answer: {reason}.", reason=error) from error
        while True:
            told = self._line()
            if "error" in told:
                raise Unavailable(
                    "QEMU refuses {command}: {reason}.", command=command, reason=told["error"].get("desc")
                )
            if "return" in told:
                return dict(told["return"])

    def _line(self) -> dict[str, Any]:
        """Return the next thing that it says."""
        while b"\n" not in self._rest:
            try:
                chunk = self._channel.recv(65_536)
            except OSError as error:
                raise Unavailable("QEMU does not answer: {reason}.", reason=error) from error
            if not chunk or len(self._rest) > _LONGEST:
                raise Unavailable("QEMU has closed its control channel.")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line))
