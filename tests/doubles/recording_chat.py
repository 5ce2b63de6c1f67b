"""A chat that keeps what it is shown. It proves what Dexter sends and when; not how a platform would take it."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from bot.overview import Books
from bot.shapes import Address, Handle, Post, Request, Rules, no_rules


@dataclass
class Shown:
    address: Address
    post: Post
    key: str
    message: str
    edits: int = 0


@dataclass
class RecordingChat:
    name: str = "slack"
    seconds: float = 0.0
    """The pace it asks for."""
    failures: list[Exception] = field(default_factory=list)
    """Raised by the next calls of `show`, one each; `None` lets a call pass."""
    lose_replies: int = 0
    """How many times the message is shown but its sender is not told (the connection broke)."""
    stalls: int = 0
    """How many calls of `show` never return."""
    messages: dict[str, Shown] = field(default_factory=dict)
    calls: list[tuple[float, str, str | None, bool]] = field(default_factory=list)
    handle: Handle | None = None

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._news = asyncio.Event()

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        self.handle = handle

    async def stop(self) -> None:
        self.handle = None

    async def say(self, request: Request) -> Post | None:
        assert self.handle
        return await self.handle(request)

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        self.calls.append((asyncio.get_running_loop().time(), key, message, again))
        self._news.set()
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        if self.stalls:
            self.stalls -= 1
            await asyncio.Event().wait()
        found = message or (self._by_key(address, key) if again else None)
        if found:
            shown = self.messages[found]
            shown.post, shown.edits = post, shown.edits + 1
        else:
            found = f"m{next(self._ids)}"
            self.messages[found] = Shown(address, post, key, found)
        if self.lose_replies:
            self.lose_replies -= 1
            raise RuntimeError("the connection broke after the message was shown")
        return found

    def thread(self, address: Address, message: str) -> Address:
        return f"{address}:{message}"

    def pace(self, address: Address) -> float:
        return self.seconds

    def slot(self, slot: str) -> list[Shown]:
        return [shown for shown in self.messages.values() if shown.key.endswith(f":{slot}")]

    async def until(self, met) -> None:
        """Wait until `met()` is true, looking after each call."""
        async with asyncio.timeout(20):
            while not met():
                self._news.clear()
                await self._news.wait()
                await asyncio.sleep(0)

    def _by_key(self, address: Address, key: str) -> str | None:
        return next((s.message for s in self.messages.values() if s.key == key and s.address == address), None)
