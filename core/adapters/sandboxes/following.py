"""Passes on what a program says while it runs, from the thread that reads it to the event loop of whoever follows."""

import asyncio
import codecs
from collections.abc import Collection

from pydantic import SecretStr

from core.sandbox import Follow
from core.wishes import Striking

_OUT, _ERR = "stdout", "stderr"


class Following:
    """What one program says, for whoever follows it: `out` and `err` in one thread, `end` on the event loop."""

    def __init__(self, follow: Follow | None, secrets: Collection[SecretStr] = ()) -> None:
        self._follow = follow
        self._loop = asyncio.get_running_loop() if follow else None
        self._texts = {channel: _Text(secrets) for channel in (_OUT, _ERR)}

    def out(self, chunk: bytes) -> None:
        """Pass on what came next on standard output; it may begin and end anywhere, within a letter too."""
        self._take(_OUT, chunk)

    def err(self, chunk: bytes) -> None:
        """Pass on what came next on standard error."""
        self._take(_ERR, chunk)

    def end(self) -> None:
        """Pass on what was held back, once the thread is done."""
        for channel, text in self._texts.items():
            if self._follow and (rest := text.next(b"", last=True)):
                self._follow(channel, rest)

    def _take(self, channel: str, chunk: bytes) -> None:
        if self._follow and self._loop and (text := self._texts[channel].next(chunk)):
            self._loop.call_soon_threadsafe(self._follow, channel, text)


class _Text:
    """One channel as text, the same as if it had come in one piece."""

    def __init__(self, secrets: Collection[SecretStr]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._striking = Striking(secrets)

    def next(self, chunk: bytes, *, last: bool = False) -> str:
        return self._striking.next(self._decoder.decode(chunk, last), last=last)


NOBODY = Following(None)
