"""Process 1 of a container: starts the program, passes on what it says, and says how it ended.

All of that goes through the one stream that an engine has to the outside, in frames: a letter for the channel, four
bytes of length, the content. The program holds pipes of its own, never that stream; it cannot look into this process
(it is not dumpable) or kill it (process 1 takes no signal from its own).
"""

import ctypes
import json
import os
import resource
import selectors
import signal
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(__file__))

import counts  # type: ignore[import-not-found]  # both lie beside this file, in the sandbox
import first  # type: ignore[import-untyped]

_DUMPABLE, _NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 4, 38, 22, 2
_DROP, _CAPABILITIES = 24, 64
"""PR_CAPBSET_DROP, and more than there are."""
_STREAM = 1
"""Standard output of the container, which the engine carries out."""
_CHUNK = 65_536
_LOOK = 0.02
"""Seconds between two looks at the memory."""
_CHANNELS = {"o": 1, "e": 2, "r": 3}
"""By letter: the descriptor that the program writes to."""

system = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Say hello, wait for a byte, run the program, pass on and tell. In the child it returns where it is to call."""
    if os.getpid() != 1:
        sys.exit("there is no namespace of processes")
    order: dict[str, Any] = json.loads(sys.argv[1])
    system.prctl(_DUMPABLE, 0, 0, 0, 0)
    for name in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    gvisor = counts.is_gvisor()
    _say("h", json.dumps({"release": os.uname().release, "gvisor": gvisor}).encode())
    if not os.read(0, 1):  # Dexter died while this was being set up
        return
    pipes = {letter: os.pipe() for letter in _CHANNELS}
    program = os.fork()
    if program == 0:
        _become(order, pipes)
        if not order["function"]:
            first.execute(sys.argv[2:])
        return
    for _, writer in pipes.values():
        os.close(writer)
    readers = {letter: reader for letter, (reader, _) in pipes.items()}
    told = Relay(program, readers, order, gvisor=gvisor).run()
    _say("t", json.dumps(told).encode())


class Relay:
    """Passes on until the program has ended, or Dexter is gone, or a bound is reached; then nothing of it is left."""

    def __init__(self, program: int, readers: dict[str, int], order: dict[str, Any], *, gvisor: bool) -> None:
        self._program, self._readers = program, readers
        self._left = dict.fromkeys(readers, order["output"])
        self._watch, self._gvisor = order["watch"], gvisor
        self._most = order["processes"] if gvisor else 0  # Debian's knows no limit on them
        self._status: int | None = None
        self._used: resource.struct_rusage | None = None
        self._peak = 0
        self._found = {"flood": False, "full": False, "oom": False, "crowd": False}
        self._chooser = selectors.DefaultSelector()
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(self._woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        for letter, reader in readers.items():
            os.set_blocking(reader, False)
            self._chooser.register(reader, selectors.EVENT_READ, letter)
        self._chooser.register(self._woken, selectors.EVENT_READ)
        self._chooser.register(0, selectors.EVENT_READ)

    def run(self) -> dict[str, Any]:
        """Return how the program ended."""
        self._bury()
        while self._status is None and not any(self._found.values()) and self._moved():
            self._bury()
            self._look()
        self._end()
        used = self._used or resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = max(self._peak, counts.peak(), used.ru_maxrss * 1024)
        return {"status": self._status, "cpu": used.ru_utime + used.ru_stime, "peak": peak, **self._found}

    def _moved(self) -> bool:
        """Pass on what there is, and tell whether Dexter is still there."""
        for key, _ in self._chooser.select(_LOOK if self._watch else 5 * _LOOK):
            if key.fd == 0:
                return False
            if key.fd == self._woken:
                os.read(self._woken, _CHUNK)
            elif not self._pass_on(key.data):
                self._chooser.unregister(key.fd)
        return True

    def _pass_on(self, letter: str) -> bool:
        """Pass on what one channel has, up to its bound; tell whether more may come."""
        try:
            chunk = os.read(self._readers[letter], _CHUNK)
        except BlockingIOError:
            return True
        room = self._left[letter]
        self._left[letter] -= min(room, len(chunk))
        self._found["flood"] |= len(chunk) > room
        if chunk[:room]:
            _say(letter, chunk[:room])
        return bool(chunk) and not self._found["flood"]

    def _bury(self) -> bool:
        """Take note of everything that has ended, and tell whether something still lives."""
        while True:
            try:
                ended, status, _ = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not ended:
                return True
            if ended == self._program:
                self._status, self._used = status, resource.getrusage(resource.RUSAGE_CHILDREN)

    def _look(self) -> None:
        """See whether a bound is passed, by what the kernel counts and by what this adds up."""
        self._found["oom"] = counts.killed_for_memory()
        if self._most and self._status is None and counts.tasks() > self._most:
            self._found["crowd"] = True
            return _say("e", f"\nkilled: it started more than {self._most} processes and threads\n".encode())
        if self._watch and self._status is None:
            now = counts.anonymous() if self._gvisor else first.held(self._watch)
            self._peak = max(self._peak, now)
            self._found["full"] = now > self._watch

    def _end(self) -> None:
        """Kill until all are gone (under gVisor one that is just being born can get away), and pass on the rest."""
        while self._bury():
            first.kill_all()
            self._chooser.select(_LOOK)
        self._look()
        for letter, reader in self._readers.items():
            os.set_blocking(reader, True)
            while self._pass_on(letter):
                pass


def _say(letter: str, content: bytes) -> None:
    rest = letter.encode() + len(content).to_bytes(4, "big") + content
    while rest:
        rest = rest[os.write(_STREAM, rest) :]


def _become(order: dict[str, Any], pipes: dict[str, tuple[int, int]]) -> None:
    """Keep nothing of process 1, and take on user, bounds, environment and the filter of system calls."""
    if order["user"]:
        _step_down(order["user"])
    system.prctl(_DUMPABLE, 1, 0, 0, 0)
    given = os.open(f"{os.path.dirname(__file__)}/given", os.O_RDONLY)
    for source, target in ((given, 0), (pipes["o"][1], 1), (pipes["e"][1], 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environment"])
    first.become({**order, "told": given, "result": pipes["r"][1]})
    _confine(f"{os.path.dirname(__file__)}/filter")


def _step_down(user: int) -> None:
    """Be somebody else than process 1: under gVisor, which knows no `dumpable`, its owner may look into it."""
    for capability in range(_CAPABILITIES):
        system.prctl(_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def _confine(path: str) -> None:
    """Let the kernel filter system calls from here on; gVisor applies none from the outside."""
    with open(path, "rb") as file:
        rules = file.read()
    text = ctypes.create_string_buffer(rules, len(rules))
    program = (ctypes.c_uint64 * 2)(len(rules) // 8, ctypes.addressof(text))  # struct sock_fprog
    privileges = system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if privileges or system.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        sys.stderr.write(f"there is no filter of system calls: {os.strerror(ctypes.get_errno())}\n")
        os._exit(126)


if __name__ == "__main__":
    main()
    if os.getpid() != 1:
        import call  # type: ignore[import-not-found]

        call.main(*sys.argv[2:])
