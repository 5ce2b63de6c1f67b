"""One Socket Mode connection, from its greeting to its end.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.api import SECONDS
from core.errors import Unavailable

log = structlog.get_logger("dexter.slack")

LAST_ACKS = 3.0
"""Seconds that `close` waits for what has come in to be acknowledged: as long as Slack itself does."""

CLOSED = "closed"
"""Why a connection ends without Slack having said so before."""

Answer = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class Link:
    """Reads envelopes and acknowledges each on the connection on which it came, once it is answered."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, answer: Answer) -> None:
        self._socket, self._answer = socket, answer
        self._opened_at = time.monotonic()
        self._hello: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._left: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._serving: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read())

    @property
    def age(self) -> float:
        """Return for how many seconds it has been open."""
        return time.monotonic() - self._opened_at

    async def greeted(self) -> None:
        """Return once Slack has said hello. Raises `Unavailable` where it does not."""
        await asyncio.wait({self._hello, self._left}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not self._hello.done():
            why = self._left.result() if self._left.done() else "no greeting"
            await self.close()
            raise Unavailable("Slack's socket does not open ({why}).", why=why)

    async def leaving(self) -> str:
        """Wait until it ends, or Slack says that it will, and return Slack's word for why."""
        return await asyncio.shield(self._left)

    async def linger(self, seconds: float) -> None:
        """Go on reading until Slack closes it, or for so long; then close it."""
        await asyncio.wait({self._reading}, timeout=seconds)
        await self.close()

    async def close(self) -> None:
        """Read no more, acknowledge what is in hand, and hang up."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        if self._serving:
            await asyncio.wait(self._serving, timeout=LAST_ACKS)
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(SECONDS):
                await self._socket.close()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.ERROR:
                    break  # among other things: no answer to a ping
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            _settle(self._left, CLOSED)

    def _heard(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        match message:
            case {"type": "hello"}:
                log.info("slack socket is open", sockets_of_this_app=message.get("num_connections"))
                _settle(self._hello, "hello")
            case {"type": "disconnect"}:
                _settle(self._left, str(message.get("reason") or CLOSED))
            case {"envelope_id": str(), "payload": dict()}:
                task = asyncio.create_task(self._serve(message))
                self._serving.add(task)
                task.add_done_callback(self._serving.discard)

    async def _serve(self, envelope: Mapping[str, Any]) -> None:
        try:
            response = await self._answer(AsyncBoltRequest(mode="socket_mode", body=envelope["payload"]))
        except Exception as error:  # noqa: BLE001 -- without an acknowledgement Slack brings it again
            log.warning("a request from slack waits for its redelivery", why=f"{type(error).__name__}: {error}")
            return
        if response.status != 200:
            return
        ack: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if response.body and envelope.get("accepts_response_payload"):
            ack["payload"] = _payload(response)
        with contextlib.suppress(aiohttp.ClientError, OSError):  # closed meanwhile: Slack brings it again
            await self._socket.send_json(ack)


def _settle(future: "asyncio.Future[str]", value: str) -> None:
    if not future.done():
        future.set_result(value)


def _payload(response: BoltResponse) -> Mapping[str, Any]:
    kind = response.headers.get("content-type", [""])[0]
    if kind.startswith("application/json"):
        payload: Mapping[str, Any] = json.loads(response.body)
        return payload
    return {"text": response.body}
