"""Discord's gateway on a real socket: identify, resume, shards, intents and the day's limit on new sessions."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.doubles.discord_world import BOT, GUILD, World

Json = dict[str, Any]
MESSAGE_CONTENT = 1 << 15
MEMBERS = 1 << 1
TOKEN = "token-for-tests"


@dataclass
class Session:
    """One shard's session: what was sent in it, so that it can be resumed."""

    id: str
    shard: tuple[int, int]
    intents: int
    sent: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


@dataclass
class Allowance:
    """How many new sessions may begin."""

    remaining: int = 1000
    total: int = 1000
    reset_after: float = 86_400.0
    """Seconds."""


class Gateway:
    """Takes connections, and tells the app what happens, as its intents have it."""

    def __init__(self, world: World, url: Callable[[], str], notice: Callable[[], Awaitable[None]]) -> None:
        self._world, self._url, self._notice = world, url, notice
        self.sessions: dict[str, Session] = {}
        self.allowance = Allowance()
        self.shards = 1
        """As many as Discord recommends."""
        self.identifies: list[Json] = []
        self.resumes = 0
        self.refuse_content = False
        """The message content intent is not allowed in the portal."""
        self.reachable, self.refused = True, 0
        """Whether connections are taken, and how many were not."""

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        if not self.reachable:
            self.refused += 1
            await self._notice()
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._told(socket, frame.json())
        for session in self.sessions.values():
            session.socket = None if session.socket is socket else session.socket
        return socket

    async def _told(self, socket: web.WebSocketResponse, said: Json) -> None:
        match said["op"]:
            case 1:
                await socket.send_json({"op": 11})
            case 2 if said["d"]["token"] != TOKEN:
                await socket.close(code=4004)
            case 2 if said["d"]["intents"] & MESSAGE_CONTENT and self.refuse_content:
                await socket.close(code=4014)
            case 2:
                await self._identified(socket, said["d"])
            case 6 if said["d"]["session_id"] in self.sessions:
                await self._resumed(socket, self.sessions[said["d"]["session_id"]], said["d"]["seq"])
            case 6:
                await socket.send_json({"op": 9, "d": False})

    async def _identified(self, socket: web.WebSocketResponse, said: Json) -> None:
        self.identifies.append(said)
        self.allowance.remaining -= 1
        shard = tuple(said.get("shard") or (0, 1))
        session = Session(f"session{len(self.identifies)}", (shard[0], shard[1]), said["intents"], socket=socket)
        self.sessions[session.id] = session
        here = [] if self._world.kicked or not _serves(session, GUILD) else [{"id": str(GUILD), "unavailable": True}]
        hello = {
            "v": 10, "user": self._world.users[BOT], "guilds": here, "session_id": session.id, "shard": list(shard),
            "resume_gateway_url": self._url(), "application": {"id": str(BOT), "flags": 0},
        }  # fmt: skip
        await self._send(session, "READY", hello)
        if here:
            await self._send(session, "GUILD_CREATE", self._world.guild())
        await self._notice()

    async def _resumed(self, socket: web.WebSocketResponse, session: Session, seq: int) -> None:
        self.resumes += 1
        session.socket = socket
        for event in session.sent[seq:]:
            await socket.send_json(event)
        await self._send(session, "RESUMED", {})
        await self._notice()

    async def _send(self, session: Session, name: str, data: Json) -> None:
        event = {"op": 0, "t": name, "s": len(session.sent) + 1, "d": data}
        session.sent.append(event)
        if session.socket is not None and not session.socket.closed:
            with contextlib.suppress(ConnectionError):
                await session.socket.send_json(event)

    async def emit(self, name: str, data: Json) -> None:
        """Tell the shard whose matter it is, now or when it resumes."""
        guild = int(data.get("guild_id") or (data["id"] if name.startswith("GUILD_") else 0))
        newest = {session.shard: session for session in self.sessions.values()}
        for session in newest.values():
            if _serves(session, guild) and (session.intents & MEMBERS or not name.startswith("GUILD_MEMBER_")):
                await self._send(session, name, _as_intended(session, name, data))

    async def redeliver(self, kind: str) -> None:
        """Deliver the newest event of a kind that a person caused once more."""
        for session in reversed(self.sessions.values()):
            for row in reversed(session.sent):
                if row["t"] == kind and row["d"].get("author", {}).get("id") != str(BOT):
                    await self._send(session, kind, row["d"])
                    return

    async def drop(self, code: int = 4000, *, forget: bool = False) -> None:
        """Break every connection; `forget` the sessions too, so that they cannot be resumed."""
        sockets = [session.socket for session in self.sessions.values() if session.socket]
        for session in self.sessions.values():
            session.socket = None
        if forget:
            self.sessions.clear()
        for socket in sockets:
            await socket.close(code=code)

    @property
    def connected(self) -> int:
        """How many shards are connected."""
        return sum(session.socket is not None for session in self.sessions.values())


def _serves(session: Session, guild: int) -> bool:
    number, count = session.shard
    return (guild >> 22) % count == number


def _as_intended(session: Session, name: str, data: Json) -> Json:
    """Return a message without its words where the app may not read them."""
    if not name.startswith("MESSAGE_") or "author" not in data or data["author"]["id"] == str(BOT):
        return data
    mentioned = f"<@{BOT}>" in data["content"] or "guild_id" not in data
    if mentioned or session.intents & MESSAGE_CONTENT:
        return data
    return {**data, "content": "", "embeds": [], "attachments": []}
