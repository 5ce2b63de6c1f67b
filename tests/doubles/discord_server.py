"""A Discord server on a real socket: REST and the gateway, with Discord's limits, for tests.

One server with one channel; people speak, type `/dexter …`, open menus, fill forms and press buttons through the
methods below. Messages are delivered as the app's intents have it: without their text, unless they mention it, are
direct, or the app may read everything. Every request is checked against Discord's own description of its API.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.settings import Discord
from tests.doubles.discord_checks import walk
from tests.doubles.discord_gateway import TOKEN, Gateway
from tests.doubles.discord_rest import Fault, Rest, Storm
from tests.doubles.discord_world import ALL_PERMISSIONS, BOT, CHANNEL, GUILD, Interaction, World

Json = dict[str, Any]
OTHER_GUILD = 999_000
"""A server on which Dexter is not."""


class DiscordServer:
    """The world and the server in front of it."""

    def __init__(self) -> None:
        self.world = World()
        self.gateway = Gateway(self.world, lambda: self.gateway_url, self.notice)
        self.rest = Rest(self.world, self.gateway, self.notice, lambda: f"http://127.0.0.1:{self.port}")
        self.port = 0
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """Return what to give to Dexter as Discord's REST address."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def gateway_url(self) -> str:
        """Return what to give to Dexter as Discord's gateway."""
        return f"ws://127.0.0.1:{self.port}/gateway/"

    def settings(self, token: str = TOKEN, **more: Any) -> Discord:
        """Return what to give to Dexter as its settings."""
        return Discord(token=SecretStr(token), base_url=self.base_url, gateway_url=self.gateway_url, **more)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["DiscordServer"]:
        """Serve on a free port; in the end, every request must have been as Discord describes it."""
        app = web.Application(client_max_size=30_000_000)
        app.add_routes([*self.rest.routes(), web.get("/gateway/", self.gateway.serve)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        try:
            yield self
        finally:
            await self.gateway.drop(1001)
            await self._runner.cleanup()
        assert self.rest.undescribed == []

    async def emit(self, name: str, data: Json) -> None:
        """Tell the app of something, now or when it resumes."""
        await self.gateway.emit(name, data)
        await self.notice()

    async def drop(self, code: int = 4000, *, forget: bool = False) -> None:
        """Break every connection to the gateway."""
        await self.gateway.drop(code, forget=forget)

    async def notice(self) -> None:
        """Wake those who wait for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, true: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Return once something is true, with what it returned."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)
        return true()

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
        await self.gateway.redeliver(kind)

    async def edit(self, channel: int, message: int, text: str) -> None:
        """A person changes their message."""
        row = self.world.message(channel, message)
        row.update(content=text, edited_timestamp="2026-01-01T00:00:00+00:00")
        await self.emit("MESSAGE_UPDATE", row)

    async def delete(self, channel: int, *messages: int) -> None:
        """Somebody deletes messages."""
        rows = self.world.messages[channel]
        rows[:] = [row for row in rows if int(row["id"]) not in messages]
        place: Json = {"channel_id": str(channel)}
        if self.world.channels[channel].get("guild_id"):
            place["guild_id"] = str(GUILD)
        if len(messages) > 1:
            await self.emit("MESSAGE_DELETE_BULK", {"ids": [str(number) for number in messages], **place})
        else:
            await self.emit("MESSAGE_DELETE", {"id": str(messages[0]), **place})

    async def delete_channel(self, channel: int) -> None:
        """Somebody deletes a channel or a thread."""
        gone = self.world.delete_channel(channel)
        await self.emit("THREAD_DELETE" if gone["type"] == 11 else "CHANNEL_DELETE", gone)

    async def kick(self) -> None:
        """Somebody removes Dexter from the server."""
        self.world.kicked = True
        await self.emit("GUILD_DELETE", {"id": str(GUILD)})

    async def leave(self, user: int) -> None:
        """A person leaves the server: they share none with Dexter any more, so no direct message reaches them."""
        self.world.closed_to_dms.add(user)
        await self.emit("GUILD_MEMBER_REMOVE", {"guild_id": str(GUILD), "user": self.world.person(user)})

    async def slash(self, user: int, command: str, /, channel: int = CHANNEL, **options: Any) -> Interaction:
        """A person types `/dexter command` with options, a file as its name and content; Discord checks them."""
        return await self._interact(user, channel, 2, self._slash(command, options))

    async def complete(self, user: int, leaf: str, /, channel: int = CHANNEL, **typed: str) -> Interaction:
        """A person is typing the one option in `typed`, and waits for what completes it."""
        data = self._slash(leaf, dict(typed))
        (row,) = data["options"][0]["options"]
        row["focused"] = True
        assert self._leaf(leaf)[row["name"]].get("autocomplete"), "Discord asks for no completion of this option"
        return await self._interact(user, channel, 4, data)

    def _leaf(self, command: str) -> dict[str, Json]:
        root = next(row for row in self.world.commands if row["name"] == "dexter")
        leaf = next(row for row in root["options"] if row["name"] == command)
        return {row["name"]: row for row in leaf["options"]}

    def _slash(self, command: str, options: Json) -> Json:
        root, known = next(row for row in self.world.commands if row["name"] == "dexter"), self._leaf(command)
        assert set(options) <= set(known), f"unknown options: {set(options) - set(known)}"
        assert all(row["name"] in options for row in known.values() if row["required"])
        kept = {name: self.rest.keep_file(*value) for name, value in options.items() if known[name]["type"] == 11}
        options |= {name: row["id"] for name, row in kept.items()}
        rows = [{"name": name, "type": known[name]["type"], "value": value} for name, value in options.items()]
        return {"id": root["id"], "name": "dexter", "type": 1,
                "options": [{"type": 1, "name": command, "options": rows}],
                "resolved": {"attachments": {row["id"]: row for row in kept.values()}}}  # fmt: skip

    async def menu(self, user: int, name: str, target: int, channel: int = CHANNEL) -> Interaction:
        """A person opens a menu on a message or on a person."""
        command = next(row for row in self.world.commands if row["name"] == name)
        resolved: Json = {}
        if command["type"] == 3:
            resolved["messages"] = {str(target): self.world.message(channel, target)}
        else:
            resolved["users"] = {str(target): self.world.person(target)}
        data = {"id": command["id"], "name": name, "type": command["type"], "target_id": str(target)}
        return await self._interact(user, channel, 2, {**data, "resolved": resolved})

    async def submit(
        self, opened: Interaction, files: tuple[tuple[str, bytes], ...] = (), **fields: Any
    ) -> Interaction:
        """A person sends the form that an interaction opened, its fields by their ids."""
        kept = {row["id"]: row for row in (self.rest.keep_file(*file) for file in files)}
        rows, known = [], {label["component"]["custom_id"]: label["component"] for label in opened.form["components"]}
        assert set(fields) <= set(known)
        for name, field in known.items():
            value = fields.get(name, field.get("value", field.get("default", "")))
            rows.append({"type": 18, "id": len(rows) + 1, "component": _sent(field, value, list(kept))})
        data = {"custom_id": opened.form["custom_id"], "components": rows, "resolved": {"attachments": kept}}
        who = int((opened.payload.get("member") or opened.payload)["user"]["id"])
        more = {"message": opened.payload["message"]} if "message" in opened.payload else {}
        return await self._interact(who, int(opened.payload["channel_id"]), 5, data, **more)

    async def press(self, user: int, channel: int, message: int, label: str) -> Interaction:
        """A person presses a button."""
        return await self.press_on(user, channel, self.world.message(channel, message), label)

    async def press_on(self, user: int, channel: int, shown: Json, label: str) -> Interaction:
        """A person presses a button of a message, one that they alone see included."""
        pressed = next(part for part in walk(shown["components"]) if part.get("label") == label)
        data = {"custom_id": pressed["custom_id"], "component_type": 2, "id": pressed.get("id", 1)}
        return await self._interact(user, channel, 3, data, message=shown)

    async def as_guest(self, user: int, command: str, *, guild: int = OTHER_GUILD, **options: Any) -> Interaction:
        """A person who brought Dexter along types a command on a server, or (0) in a group, where it is no member."""
        channel = user + 7_000
        if channel not in self.world.channels:
            self.world.add_channel(
                channel, 0 if guild else 3, "elsewhere", **({"guild_id": str(guild)} if guild else {})
            )
        about = {"authorizing_integration_owners": {"1": str(user)}, "context": 0 if guild else 2}
        where = (
            {"guild_id": str(guild), "guild": {"id": str(guild), "locale": "en-US", "features": []}} if guild else {}
        )
        return await self._interact(user, channel, 2, self._slash(command, options), **about, **where)

    async def _interact(self, user: int, channel: int, kind: int, data: Json, **more: Any) -> Interaction:
        number, token, place = str(self.world.new_id()), f"t{self.world.new_id()}", self.world.channel(channel)
        who: Json = {"member": self.world.member(user), "guild_id": str(GUILD)}
        if not place.get("guild_id"):
            who = {"user": self.world.person(user)}
        payload = {
            "id": number, "application_id": str(BOT), "type": kind, "token": token, "version": 1, "data": data,
            "channel_id": str(channel), "channel": place, "locale": self.world.locales.get(user, "en-GB"),
            "app_permissions": self.world.permissions, "entitlements": [], "attachment_size_limit": 10485760,
            "authorizing_integration_owners": {"0": str(GUILD)} if "member" in who else {"0": "0"},
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

    def storm(self, every: int, seconds: float) -> Storm:
        """Limit every so many calls for so many seconds."""
        self.rest.storm = made = Storm(every, seconds)
        return made

    def posts(self, channel: int) -> list[Json]:
        """Return what Dexter has said in a channel."""
        return [row for row in self.world.messages.get(channel, []) if row["author"]["id"] == str(BOT)]

    def threads(self) -> list[int]:
        """Return the threads that were opened."""
        return [number for number, row in self.world.channels.items() if row["type"] == 11]


def _sent(field: Json, value: Any, files: list[str]) -> Json:
    """Return a field of a form as Discord hands it over."""
    about = {"type": field["type"], "custom_id": field["custom_id"], "id": 1}
    match field["type"]:
        case 19:
            return {**about, "values": files}
        case 3:
            return {**about, "values": [value] if value else []}
        case _:
            return {**about, "value": value}


__all__ = ["ALL_PERMISSIONS", "BOT", "CHANNEL", "GUILD", "TOKEN", "DiscordServer"]
