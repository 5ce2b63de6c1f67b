"""What flows between Dexter and process 1 of a container, through the one connection that an engine gives."""

import os
import selectors
import time
from dataclasses import dataclass, field

from core.adapters.sandboxes.bubblewrap.pump import Why
from core.adapters.sandboxes.following import NOBODY, Following
from core.adapters.sandboxes.pool import Slot

_CHUNK = 65_536
_ENGINE_HEAD, _HEAD = 8, 5
"""Bytes before a piece of the engine's (stream, three of nothing, length) and before a frame of process 1."""
_OUT = 1
_NOISE = 10_000
"""Bytes of what is said outside of frames, which is kept where a container does not come up."""
_LONGEST = 1 << 20
"""Bytes of a frame; process 1 makes smaller ones."""


@dataclass
class Heard:
    """Everything that process 1 has said so far."""

    said: dict[str, bytearray] = field(default_factory=lambda: {letter: bytearray() for letter in "hoert"})
    """By channel: hello, output, errors, result, told."""
    noise: bytearray = field(default_factory=bytearray)
    following: Following = NOBODY
    _pieces: bytearray = field(default_factory=bytearray)
    _frames: bytearray = field(default_factory=bytearray)

    def take(self, chunk: bytes) -> None:
        """Take in what came from the engine."""
        self._pieces += chunk
        while len(self._pieces) >= _ENGINE_HEAD:
            end = _ENGINE_HEAD + int.from_bytes(self._pieces[4:_ENGINE_HEAD], "big")
            if len(self._pieces) < end:
                return
            kept = self._frames if self._pieces[0] == _OUT else self.noise
            kept += self._pieces[_ENGINE_HEAD:end]
            del self._pieces[:end], self.noise[:-_NOISE]
            self._sort()

    def _sort(self) -> None:
        while len(self._frames) >= _HEAD:
            letter, length = chr(self._frames[0]), int.from_bytes(self._frames[1:_HEAD], "big")
            if letter not in self.said or length > _LONGEST:  # not process 1: the runtime, which could not start it
                self.noise += self._frames
                self._frames.clear()
            elif len(self._frames) < _HEAD + length:
                return
            else:
                self._keep(letter, bytes(self._frames[_HEAD : _HEAD + length]))
                del self._frames[: _HEAD + length]

    def _keep(self, letter: str, content: bytes) -> None:
        self.said[letter] += content
        if letter == "o":
            self.following.out(content)
        elif letter == "e":
            self.following.err(content)


class Stream:
    """One connection. Nothing here blocks for longer than the deadline it is given."""

    def __init__(self, connection: int, slot: Slot) -> None:
        """`connection`: its descriptor, which others close."""
        self._socket = connection
        os.set_blocking(self._socket, False)
        self.heard = Heard(following=slot.following)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ, Why.OVER)
        self._selector.register(slot.stop, selectors.EVENT_READ, Why.STOPPED)

    def go(self) -> None:
        """Let process 1 begin. When this connection closes, because Dexter is gone, it ends."""
        os.write(self._socket, b"1")

    def until(self, letter: str, deadline: float) -> Why:
        """Take in what comes until process 1 has spoken on a channel; `deadline` is one of `time.monotonic`."""
        while not self.heard.said[letter]:
            left = deadline - time.monotonic()
            if left <= 0:
                return Why.LATE
            ready = {key.data for key, _ in self._selector.select(left)}
            if Why.STOPPED in ready:
                return Why.STOPPED
            if ready and not self._moved():
                return Why.OVER
        return Why.DONE

    def close(self) -> None:
        """Stop looking."""
        self._selector.close()

    def _moved(self) -> bool:
        """Take in what there is; tell whether more may come."""
        try:
            chunk = os.read(self._socket, _CHUNK)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        self.heard.take(chunk)
        return bool(chunk)
