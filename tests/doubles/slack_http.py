"""The fake Slack server, as an app without Socket Mode meets it: every request signed and posted to the app's address.

    async with slack_over_http("secret") as slack:
        slack.url = "http://127.0.0.1:3000/slack/events"
        slack.say("<@UDEXTER> hello")

Events are sent again after a failure, with `X-Slack-Retry-Num`, as Slack documents it; commands and presses are not.
https://docs.slack.dev/apis/events-api/#retries
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.doubles.slack_server import Envelope, SlackServer

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass
class Posted:
    """One request that was made, and its answer."""

    headers: dict[str, str]
    body: bytes
    status: int
    answer: str = ""
    payload: Any = None
    """What the answer says as JSON: `response_action`, `options`."""


@dataclass
class Signer:
    """Signs as Slack does."""

    secret: str
    now: Any = field(default=time.time)

    def headers(self, body: bytes, kind: str = JSON, at: int | None = None) -> dict[str, str]:
        """Return the headers of a request with this body."""
        stamp = str(int(self.now()) if at is None else at)
        signed = hmac.new(self.secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}


def body_of(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    """Return a payload as Slack posts it, and its content type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), JSON
    fields = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode(fields).encode(), FORM


def understood(envelope: Envelope, done: Posted) -> bool:
    """Tell whether Slack takes an answer as an acknowledgement: a form's is empty or JSON, options are JSON."""
    asked = envelope.payload.get("type")
    if asked == "block_suggestion":
        return done.status == 200 and isinstance(done.payload, dict)
    return done.status == 200 and (asked != "view_submission" or not done.answer or isinstance(done.payload, dict))


class SlackOverHttp(SlackServer):
    """The same workspace, delivering by HTTP; an envelope counts as acknowledged once it is answered with 200."""

    def __init__(self, secret: str, **options: Any) -> None:
        super().__init__(**options)
        self.signer = Signer(secret)
        self.url = ""
        self.posted: list[Posted] = []
        self._stamps: dict[bytes, int] = {}
        self._http: aiohttp.ClientSession | None = None

    async def start(self, port: int = 0) -> None:
        """Listen for the Web API's calls."""
        await super().start(port)
        self._http = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Close everything."""
        await super().stop()
        if self._http is not None:
            await self._http.close()

    async def post(self, body: bytes, headers: dict[str, str]) -> Posted:
        """Post to the app, wait three seconds at most, and return what was said."""
        assert self._http is not None
        timeout = aiohttp.ClientTimeout(total=3)
        async with self._http.post(self.url, data=body, headers=headers, timeout=timeout) as answer:
            made = Posted(headers, body, answer.status, await answer.text())
            if answer.content_type == JSON:
                made.payload = await answer.json()
        self.posted.append(made)
        return made

    async def _persist(self, envelope: Envelope) -> None:
        body, kind = body_of(envelope.kind, envelope.payload)
        for _ in range(self._retries + 1 if envelope.kind == "events_api" else 1):
            again = {"X-Slack-Retry-Num": str(envelope.attempt), "X-Slack-Retry-Reason": "http_error"}
            headers = self.signer.headers(body, kind, self._stamp(body))
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                done = await self.post(body, headers | (again if envelope.attempt else {}))
                if understood(envelope, done):
                    envelope.acks.append({"body": done.answer} | ({"payload": done.payload} if done.payload else {}))
                    envelope.acked.set()
                    return
            envelope.attempt += 1
            await asyncio.sleep(self._retry_seconds)

    def _stamp(self, body: bytes) -> int:
        """Return the time in seconds, or one more than at the last time, or one signature would be sent twice."""
        self._stamps[body] = max(int(self.signer.now()), self._stamps.get(body, 0) + 1)
        return self._stamps[body]


@contextlib.asynccontextmanager
async def slack_over_http(secret: str, **options: Any) -> AsyncIterator[SlackOverHttp]:
    """Run a server for the length of a test."""
    server = SlackOverHttp(secret, **options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
