"""The fake server's side of Socket Mode: sockets that greet, go quiet, say that they will close, and close.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

Json = dict[str, Any]

MOST = 10
"""Sockets that one app may have; one more is told `too_many_websockets`."""

GRACE = 0.3
"""Seconds between the word that a socket will close and its end; Slack gives about ten."""


class Sockets:
    """All sockets of one app. What is sent goes to one of those that will stay."""

    def __init__(self, acknowledged: Callable[[Json], None]) -> None:
        self._acknowledged = acknowledged
        self._numbers = itertools.count(1)
        self.closed = False
        """Refuse every socket; what was given out as an address by then is used up for good."""
        self.refused = 0
        self.opened = 0
        """How many sockets have been opened so far."""
        self.most = MOST
        self.open: list[web.WebSocketResponse] = []
        self.there = asyncio.Event()
        self._spent: set[str] = set()
        self._muted: set[web.WebSocketResponse] = set()
        self._leaving: set[web.WebSocketResponse] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._turn = 0

    def ticket(self) -> str:
        """Return what opens one socket, once."""
        return f"t{next(self._numbers)}"

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket."""
        ticket = request.query["ticket"]
        if self.closed or ticket in self._spent:
            self._spent.add(ticket)
            self.refused += 1
            return web.Response(status=403)
        self._spent.add(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self.open) >= self.most:
            self.refused += 1
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        self.open.append(socket)
        self.opened += 1
        await socket.send_json(self._hello())
        self.there.set()
        try:
            await self._read(socket)
        finally:
            self.open.remove(socket)
            self._leaving.discard(socket)
            if not self.open:
                self.there.clear()
        return socket

    async def send(self, message: Json) -> None:
        """Send to the sockets in turn; one that is quiet takes it and says nothing."""
        staying = [socket for socket in self.open if socket not in self._leaving] or self.open
        if not staying:
            return
        self._turn += 1
        socket = staying[self._turn % len(staying)]
        if socket not in self._muted:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(message)

    async def disconnect(self, reason: str = "refresh_requested", grace: float = GRACE) -> None:
        """Tell all open sockets that they will close, and close them `grace` seconds later."""
        for socket in list(self.open):
            self._leaving.add(socket)
            with contextlib.suppress(ConnectionError):
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})
            task = asyncio.create_task(self._close(socket, grace))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def drop(self) -> None:
        """Close all sockets without a word."""
        for socket in list(self.open):
            await self._close(socket)

    def mute(self) -> None:
        """Let the open sockets go quiet without closing: no pong, no event, as happens in the field."""
        self._muted |= set(self.open)

    async def stop(self) -> None:
        """Close everything."""
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.drop()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": "A1"},
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
        }

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.PING and socket not in self._muted:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._acknowledged(message.json())

    async def _close(self, socket: web.WebSocketResponse, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(socket.close(code=WSCloseCode.GOING_AWAY), 1)
