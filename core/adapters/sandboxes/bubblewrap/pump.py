"""Moves what flows between Dexter and a program, with a bound on everything that the program sends."""

import os
import selectors
import time
from collections.abc import Callable
from enum import Enum
from io import FileIO
from typing import IO, Any

_CHUNK = 65_536
_LOOK = 0.1
"""Seconds between two looks at something that no channel tells."""


class Why(Enum):
    """What ended a wait."""

    DONE = "done"
    """What was waited for is there."""
    OVER = "over"
    """The process has ended."""
    LATE = "late"
    FLOOD = "flood"
    """More came than may come."""
    STOPPED = "stopped"


class Pump:
    """The channels of one run. Nothing here blocks for longer than the deadline it is given."""

    def __init__(self, over: int, stop: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(over, selectors.EVENT_READ, Why.OVER)
        self._selector.register(stop, selectors.EVENT_READ, Why.STOPPED)
        self._flooded = False

    def take(
        self, channel: "IO[bytes] | FileIO", most: int, pass_on: Callable[[bytes], None] | None = None
    ) -> bytearray:
        """Read from a channel from now on, and return where it is kept, up to `most` bytes, each piece passed on."""
        kept = bytearray()
        os.set_blocking(channel.fileno(), False)

        def move() -> bytes | None:
            chunk = _read(channel.fileno())
            room = most - len(kept)
            self._flooded |= len(chunk or b"") > room
            if taken := (chunk or b"")[:room]:
                kept.extend(taken)
                if pass_on:
                    pass_on(taken)
            return chunk

        self._selector.register(channel, selectors.EVENT_READ, move)
        return kept

    def feed(self, channel: "IO[bytes] | FileIO", content: bytes) -> None:
        """Write to a channel from now on, then close it; that nobody reads it is no error."""
        rest = memoryview(content)
        os.set_blocking(channel.fileno(), False)

        def move() -> bytes | None:
            nonlocal rest
            try:
                rest = rest[os.write(channel.fileno(), rest[:_CHUNK]) :] if rest else rest
            except BlockingIOError:
                return None
            except OSError:
                return b""
            return None if rest else b""

        self._selector.register(channel, selectors.EVENT_WRITE, move)

    def until(self, deadline: float, done: Callable[[], bool] | None = None) -> Why:
        """Move until something ends it; `deadline` is one of `time.monotonic`."""
        while done is None or not done():
            left = deadline - time.monotonic()
            if left <= 0:
                return Why.LATE
            wait = left if done is None else min(left, _LOOK)
            ended = {why for key, _ in self._selector.select(wait) if (why := self._moved(key)) is not None}
            if self._flooded:
                return Why.FLOOD
            if ended:
                return Why.STOPPED if Why.STOPPED in ended else Why.OVER
        return Why.DONE

    def drain(self) -> bool:
        """Take what is left after the end, and tell whether it was more than may come."""
        for key in list(self._selector.get_map().values()):
            if callable(key.data) and key.events & selectors.EVENT_READ:
                while not self._flooded and key.data():
                    pass
        return self._flooded

    def close(self) -> None:
        """Stop looking; the channels belong to others."""
        self._selector.close()

    def _moved(self, key: selectors.SelectorKey) -> Any:
        if isinstance(key.data, Why):
            return key.data
        if key.data() == b"":  # it has come to its end
            self._selector.unregister(key.fileobj)
            if key.events & selectors.EVENT_WRITE:
                key.fileobj.close()  # type: ignore[union-attr]  # it is the channel that was registered
        return None


def _read(channel: int) -> bytes | None:
    """Return what there is; nothing at the end, `None` where there is nothing yet."""
    try:
        return os.read(channel, _CHUNK)
    except BlockingIOError:
        return None
