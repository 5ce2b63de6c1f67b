"""A Discord server on a real socket: REST and the gateway, with Discord's limits, for tests.

One server with one channel; people speak, type `/dexter …` and press buttons through the methods below. Messages are
delivered as to an app without the message content intent: without their text, unless they mention it or are direct.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.doubles.discord_rest import TOKEN, Fault, Rest
from tests.doubles.discord_world import ALL_PERMISSIONS, BOT, CHANNEL, GUILD, Interaction, World

Json = dict[str, Any]
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12


class DiscordServer:
    """The world and the server in front of it."""

    def __init__(self) -> None:
        self.world = World()
        self.rest = Rest(self.world, self.emit, self.notice, lambda: f"http://127.0.0.1:{self.port}")
        self.port = 0
        self.identifies = self.resumes = 0
        self._changed = asyncio.Condition()
        self._sockets: dict[web.WebSocketResponse, int] = {}
        self._sent: list[Json] = []
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """Return what to give to Dexter as Discord's REST address."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def gateway_url(self) -> str:
        """Return what to give to Dexter as Discord's gateway."""
        return f"ws://127.0.0.1:{self.port}/gateway/"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["DiscordServer"]:
        """Serve on a free port."""
        app = web.Application(client_max_size=30_000_000)
        app.add_routes([*self.rest.routes(), web.get("/gateway/", self._gateway)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        try:
            yield self
        finally:
            for socket in list(self._sockets):
                await socket.close()
            await self._runner.cleanup()

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._told(socket, frame.json())
        self._sockets.pop(socket, None)
        return socket

    async def _told(self, socket: web.WebSocketResponse, said: Json) -> None:
        match said["op"]:
            case 1:
                await socket.send_json({"op": 11})
            case 2 if said["d"]["token"] != TOKEN:
                await socket.close(code=4004)
            case 2:
                self.identifies += 1
                self._sockets[socket] = said["d"]["intents"]
                await self._ready(socket)
            case 6:
                self.resumes += 1
                self._sockets[socket] = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES
                for event in self._sent[said["d"]["seq"] :]:
                    await socket.send_json(event)
                await self._dispatch(socket, "RESUMED", {})

    async def _ready(self, socket: web.WebSocketResponse) -> None:
        hello = {
            "v": 10, "user": self.world.users[BOT], "guilds": [{"id": str(GUILD), "unavailable": True}],
            "session_id": "session", "resume_gateway_url": self.gateway_url,
            "application": {"id": str(BOT), "flags": 0},
        }  # fmt: skip
        await self._dispatch(socket, "READY", hello)
        await self._dispatch(socket, "GUILD_CREATE", self.world.guild())

    async def _dispatch(self, socket: web.WebSocketResponse | None, name: str, data: Json) -> None:
        event = {"op": 0, "t": name, "s": len(self._sent) + 1, "d": data}
        self._sent.append(event)
        if socket is not None and not socket.closed:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(event)

    async def emit(self, name: str, data: Json) -> None:
        """Tell the app of something, as its intents have it, now or when it resumes."""
        if name.startswith("MESSAGE_") and data["author"]["id"] != str(BOT):
            mentioned = f"<@{BOT}>" in data["content"] or "guild_id" not in data
            data = data if mentioned else {**data, "content": "", "embeds": [], "attachments": []}
        await self._dispatch(next(iter(self._sockets), None), name, data)
        await self.notice()

    async def notice(self) -> None:
        """Wake those who wait for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, true: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Return once something is true, with what it returned."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)
        return true()

    async def drop(self, code: int = 4000) -> None:
        """Break every connection to the gateway."""
        for socket in list(self._sockets):
            self._sockets.pop(socket)
            await socket.close(code=code)

    async def say(self, user: int, text: str, channel: int = CHANNEL, files: tuple[tuple[str, bytes], ...] = ()) -> int:
        """A person writes a message."""
        kept = [self.rest.keep_file(name, content) for name, content in files]
        self.world.person(user)
        made, _ = self.world.write(channel, user, {"content": text}, kept)
        about = {"member": self.world.member(user)} if "guild_id" in made else {}
        await self.emit("MESSAGE_CREATE", {**made, **about})
        return int(made["id"])

    async def again(self, kind: str = "MESSAGE_CREATE") -> None:
        """Deliver the newest event of a kind that a person caused once more."""
        event = next(
            row for row in reversed(self._sent) if row["t"] == kind and row["d"].get("author", {}).get("id") != str(BOT)
        )
        await self._dispatch(next(iter(self._sockets)), kind, event["d"])

    async def slash(self, user: int, command: str, channel: int = CHANNEL, **options: Any) -> Interaction:
        """A person types `/dexter command` with options, a file as its name and content; Discord checks them."""
        root = next(row for row in self.world.commands if row["name"] == "dexter")
        leaf = next(row for row in root["options"] if row["name"] == command)
        known = {row["name"]: row for row in leaf["options"]}
        assert set(options) <= set(known), f"unknown options: {set(options) - set(known)}"
        assert all(row["name"] in options for row in known.values() if row["required"])
        kept = {name: self.rest.keep_file(*value) for name, value in options.items() if known[name]["type"] == 11}
        options |= {name: row["id"] for name, row in kept.items()}
        rows = [{"name": name, "type": known[name]["type"], "value": value} for name, value in options.items()]
        data = {"id": root["id"], "name": "dexter", "type": 1,
                "options": [{"type": 1, "name": command, "options": rows}],
                "resolved": {"attachments": {row["id"]: row for row in kept.values()}}}  # fmt: skip
        return await self._interact(user, channel, 2, data)

    async def press(self, user: int, channel: int, message: int, label: str) -> Interaction:
        """A person presses a button."""
        shown = self.world.message(channel, message)
        buttons = [button for row in shown["components"] for button in row["components"]]
        pressed = next(button for button in buttons if button["label"] == label)
        data = {"custom_id": pressed["custom_id"], "component_type": 2, "id": pressed.get("id", 1)}
        return await self._interact(user, channel, 3, data, message=shown)

    async def _interact(self, user: int, channel: int, kind: int, data: Json, **more: Any) -> Interaction:
        number, token, place = str(self.world.new_id()), f"t{self.world.new_id()}", self.world.channel(channel)
        who: Json = {"member": self.world.member(user), "guild_id": str(GUILD)}
        if not place.get("guild_id"):
            who = {"user": self.world.person(user)}
        payload = {
            "id": number, "application_id": str(BOT), "type": kind, "token": token, "version": 1, "data": data,
            "channel_id": str(channel), "channel": place, "locale": "en-GB", "app_permissions": self.world.permissions,
            "entitlements": [], "authorizing_integration_owners": {"0": str(GUILD)}, "attachment_size_limit": 10485760,
            "context": 0 if "member" in who else 1, **who, **more,
        }  # fmt: skip
        interaction = Interaction(payload, asked_at=asyncio.get_running_loop().time())
        self.world.interactions[token] = interaction
        await self.emit("INTERACTION_CREATE", payload)
        return interaction

    def fault(self, method: str, path: str, **how: Any) -> Fault:
        """Order a fault; see `Fault`."""
        self.rest.faults.append(made := Fault(method, path, **how))
        return made

    def posts(self, channel: int) -> list[Json]:
        """Return what Dexter has said in a channel."""
        return [row for row in self.world.messages.get(channel, []) if row["author"]["id"] == str(BOT)]

    def threads(self) -> list[int]:
        """Return the threads that were opened."""
        return [number for number, row in self.world.channels.items() if row["type"] == 11]


__all__ = ["ALL_PERMISSIONS", "BOT", "CHANNEL", "GUILD", "TOKEN", "DiscordServer"]
