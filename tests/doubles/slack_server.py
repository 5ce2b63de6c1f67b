"""A Slack server on a real socket: the Web API and Socket Mode, with Slack's limits, for tests and by itself.

    python -m tests.doubles.slack_server --port 8065

prints its address; give `http://127.0.0.1:8065/api/` to Dexter as Slack's base URL, with the tokens `xoxb-1` and
`xapp-1`. `POST /control/say`, `/control/command`, `/control/press`, `/control/redeliver` and `/control/fault` drive it
with JSON bodies named like the methods' arguments; `GET /control/transcript?channel=C1` and
`GET /control/messages?channel=C1` show what a person would see, and all of it.
"""

import argparse
import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.doubles.slack_checks import refusal
from tests.doubles.slack_files import FileHost, Kept
from tests.doubles.slack_sockets import Sockets
from tests.doubles.slack_web import Fault, WebApi
from tests.doubles.slack_workspace import Workspace

Json = dict[str, Any]


@dataclass
class Envelope:
    """Something sent over a socket, and whether it was acknowledged."""

    id: str
    kind: str
    payload: Json
    attempt: int = 0
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    acks: list[Json] = field(default_factory=list)
    ts: str = ""
    """Of the message that the event is about."""
    sent_at: float = 0.0
    """When it was last sent, on the event loop's clock."""
    took: float = 0.0
    """Seconds from then to its acknowledgement."""


class SlackServer:
    """One workspace and the server in front of it."""

    def __init__(self, retry_seconds: float = 3.0, retries: int = 3) -> None:
        self.space = Workspace()
        self.files = FileHost()
        self.sockets = Sockets(self._acknowledged)
        self.api = WebApi(
            self.space, lambda: f"ws://127.0.0.1:{self.port}/link/?ticket={self.sockets.ticket()}", self.files
        )
        self.port = 0
        self.envelopes: dict[str, Envelope] = {}
        self._retry_seconds, self._retries = retry_seconds, retries
        self._numbers = itertools.count(1)
        self._sending: set[asyncio.Task[None]] = set()
        self._hooks: dict[str, Json] = {}
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The Web API's address."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def connections(self) -> int:
        """How many sockets have been opened so far."""
        return self.sockets.opened

    async def start(self, port: int = 0) -> None:
        """Listen on `port`, or on a free one."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self.api.answer)
        app.router.add_post("/upload/{number}", self.api.documents.take)
        app.router.add_get("/link/", self.sockets.link)
        app.router.add_get("/files-pri/{number}/{name}", self.files.answer)
        app.router.add_post("/response/{hook}", self._hook)
        app.router.add_post("/control/{act}", self._control)
        app.router.add_get("/control/{show}", self._show)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]
        self.api.origin = f"http://127.0.0.1:{self.port}/"

    async def stop(self) -> None:
        """Close everything."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self.sockets.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def say(
        self, text: str, channel: str = "C1", user: str = "U1", thread_ts: str | None = None, **more: Any
    ) -> Envelope:
        """Write as a person; a mention of Dexter, or a direct message, becomes an event for it."""
        place = self.space.channels[channel]
        body = {"text": text} | ({"thread_ts": thread_ts} if thread_ts else {})
        message = self.space.write(place, user, body, **more)
        event = {**message, "channel": channel, "event_ts": message["ts"]}
        if channel.startswith("D"):
            return self.event(event | {"channel_type": "im"})
        heard = self.event(event | {"channel_type": "group" if place.private else "channel"})
        return self.event(event | {"type": "app_mention"}) if f"<@{self.space.bot_user}>" in text else heard

    def file(self, name: str, content: bytes, kind: str = "text/plain", **more: Any) -> Kept:
        """Upload a file; its `row` goes into `say(…, files=[…])`."""
        return self.files.keep(f"http://127.0.0.1:{self.port}", name, content, kind, **more)

    def event(self, event: Json) -> Envelope:
        """Send an event of any kind."""
        number = next(self._numbers)
        payload = {"type": "event_callback", "team_id": self.space.team, "event_id": f"Ev{number}", "event": event}
        return self._send("events_api", payload, event.get("ts", ""))

    def command(self, text: str, channel: str = "C1", user: str = "U1", name: str = "/dexter") -> Envelope:
        """Type a slash command."""
        payload = {"command": name, "text": text, "channel_id": channel, "channel_name": channel.lower()}
        return self._send("slash_commands", payload | self.asked_by(user, channel) | {"user_id": user})

    def press(self, button: str, channel: str = "C1", user: str = "U1") -> Envelope:
        """Press the newest button in a channel that is labelled so, beside its icon."""
        for message in reversed(self.space.channels[channel].messages):
            for element in _pressable(message):
                if button in (element["text"]["text"], element.get("accessibility_label")):
                    return self._send("interactive", self._pressed(message, element, channel, user))
        raise LookupError(f"There is no button {button!r} in {channel}.")

    def interact(self, payload: Json) -> Envelope:
        """Send what a person does with a button, a form or a shortcut."""
        return self._send("interactive", payload)

    def redeliver(self, envelope: Envelope) -> Envelope:
        """Send the same once more, as after a lost acknowledgement."""
        again = Envelope(f"{envelope.id}-{next(self._numbers)}", envelope.kind, envelope.payload, ts=envelope.ts)
        again.attempt = envelope.attempt + 1
        return self._deliver(again)

    def fault(self, method: str, times: int = 1, **more: Any) -> None:
        """Let the next calls of a method fail; see `Fault`."""
        self.api.faults += [Fault(method, **more) for _ in range(times)]

    async def cut(self, *, say: bool = True) -> None:
        """Close all sockets, with Slack's `disconnect` message ahead or without a word."""
        await (self.sockets.disconnect() if say else self.sockets.drop())

    def mute(self) -> None:
        """Let the open sockets go quiet without closing: no pong, no event, as happens in the field."""
        self.sockets.mute()

    def transcript(self, channel: str = "C1") -> str:
        """Return a channel as a person would see it."""
        return self.space.transcript(channel)

    def asked_by(self, user: str, channel: str) -> Json:
        """Return what Slack adds to what a person does: how to answer, and how to open a window."""
        number = next(self._numbers)
        self._hooks[str(number)] = {"channel": channel, "user": user, "uses": 5}
        url = f"http://127.0.0.1:{self.port}/response/{number}"
        name = self.space.name(user).split()[0].lower()
        self.api.views.trigger(f"{number}.{number}")
        return {"team_id": self.space.team, "user_name": name, "trigger_id": f"{number}.{number}", "response_url": url}

    def _pressed(self, message: Json, element: Json, channel: str, user: str) -> Json:
        asked = self.asked_by(user, channel)
        box = {"type": "message", "message_ts": message["ts"], "channel_id": channel}
        if message.get("thread_ts"):
            box["thread_ts"] = message["thread_ts"]
        who = {"id": user, "username": asked["user_name"], "team_id": self.space.team}
        action = {"type": "button", "action_ts": self.space.stamp(), **element}
        where = {"container": box, "channel": {"id": channel}, "message": message, "team": {"id": self.space.team}}
        return {"type": "block_actions", "user": who, "actions": [action], **where, **asked}

    def _send(self, kind: str, payload: Json, ts: str = "") -> Envelope:
        return self._deliver(Envelope(f"env-{next(self._numbers)}", kind, payload, ts=ts))

    def _deliver(self, envelope: Envelope) -> Envelope:
        self.envelopes[envelope.id] = envelope
        task = asyncio.create_task(self._persist(envelope))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return envelope

    async def _persist(self, envelope: Envelope) -> None:
        """Send until acknowledged, a few times, as Slack does."""
        for _ in range(self._retries + 1):
            await self.sockets.there.wait()
            message = {"type": envelope.kind, "envelope_id": envelope.id, "payload": envelope.payload}
            message |= {"accepts_response_payload": envelope.kind != "events_api", "retry_attempt": envelope.attempt}
            envelope.sent_at = asyncio.get_running_loop().time()
            await self.sockets.send(message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(envelope.acked.wait(), self._retry_seconds)
                return
            envelope.attempt += 1

    def _acknowledged(self, ack: Json) -> None:
        envelope = self.envelopes.get(ack.get("envelope_id", ""))
        if envelope is not None:
            envelope.took = envelope.took or asyncio.get_running_loop().time() - envelope.sent_at
            envelope.acks.append(ack)
            envelope.acked.set()

    async def _hook(self, request: web.Request) -> web.Response:
        hook, body = self._hooks.get(request.match_info["hook"]), await request.json()
        if hook is None or hook["uses"] <= 0:
            return web.Response(status=404, text="used_url")
        if error := refusal(body):
            return web.Response(status=400, text=error)
        hook["uses"] -= 1
        only = {} if body.get("response_type") == "in_channel" else {"only": hook["user"]}
        self.space.write(self.space.channels[hook["channel"]], self.space.bot_user, body, **only)
        return web.Response(text="ok")

    async def _control(self, request: web.Request) -> web.Response:
        act, body = request.match_info["act"], await request.json()
        if act == "fault":
            self.fault(**body)
            return web.json_response({})
        if act == "redeliver":
            sent = self.redeliver(self.envelopes[body["envelope"]])
        else:
            sent = {"say": self.say, "command": self.command, "press": self.press}[act](**body)
        return web.json_response({"envelope": sent.id, "ts": sent.ts})

    async def _show(self, request: web.Request) -> web.Response:
        show, channel = request.match_info["show"], request.query.get("channel", "C1")
        if show == "transcript":
            return web.Response(text=self.transcript(channel))
        if show == "messages":
            return web.json_response(self.space.channels[channel].messages)
        acked = {envelope.id: envelope.acked.is_set() for envelope in self.envelopes.values()}
        return web.json_response({"connected": self.sockets.there.is_set(), "acked": acked})


def _pressable(message: Json) -> Iterator[Json]:
    """Yield what a person can press in a message, as Slack sends it when they do; of feedback buttons each side."""
    for block in message.get("blocks", ()):
        for element in block.get("elements", ()):
            if block["type"] == "actions":
                yield element
            elif element.get("type") == "feedback_buttons":
                sides = (element["positive_button"], element["negative_button"])
                yield from ({"type": element["type"], "action_id": element["action_id"], **side} for side in sides)


@contextlib.asynccontextmanager
async def slack_server(**options: Any) -> AsyncIterator[SlackServer]:
    """Run a server for the length of a test."""
    server = SlackServer(**options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _serve(port: int) -> None:
    server = SlackServer()
    await server.start(port)
    print(server.base_url, flush=True)  # noqa: T201 -- whoever started the process reads it
    await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="A Slack server for tests.")
    arguments.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments.parse_args().port))
