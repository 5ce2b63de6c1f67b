"""A chat on a socket that outlives the workers: it forgets nothing, is slow on both sides, and counts every message."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.overview import Books
from bot.shapes import Address, Handle, Post, Rules, TryLater, no_rules

SLOW_SECONDS = 0.05
PATIENCE_SECONDS = 5.0


@dataclass
class ChatServer:
    """Takes a message up to 50 ms after it was sent and says so up to 50 ms later: whoever dies between never knows."""

    keys: dict[str, str] = field(default_factory=dict)
    """Message id to the key that it carries, in the order in which they were posted."""
    edits: Counter[str] = field(default_factory=Counter)
    port: int = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def doubled(self) -> list[str]:
        """The keys that were posted more than once."""
        return [key for key, times in Counter(self.keys.values()).items() if times > 1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            await asyncio.sleep(random.uniform(0, SLOW_SECONDS))
            message = self._show(asked)
            await asyncio.sleep(random.uniform(0, SLOW_SECONDS))
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # a killed worker leaves half a request, or does not wait for its answer
        finally:
            writer.close()

    def _show(self, asked: dict[str, Any]) -> str:
        message: str | None = asked["message"]
        if message is None and asked["again"]:
            message = next((id for id, key in self.keys.items() if key == asked["key"]), None)
        if message is None:
            message = f"m{len(self.keys) + 1}"
            self.keys[message] = asked["key"]
        else:
            self.edits[message] += 1
        return message


class SocketChat:
    """The worker's side of it."""

    name = "socket"

    def __init__(self, port: int) -> None:
        self._port = port

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        """Nothing comes in."""

    async def stop(self) -> None:
        """Nothing is open."""

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._ask({"key": key, "message": message, "again": again})
        except (OSError, TimeoutError, ValueError) as error:
            raise TryLater(str(error)) from error

    async def _ask(self, what: dict[str, Any]) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(json.dumps(what).encode() + b"\n")
        found: str = json.loads(await reader.readline())
        writer.close()
        return found

    def thread(self, address: Address, message: str) -> Address:
        return f"{address}:{message}"

    def pace(self, address: Address) -> float:
        return 0.0
