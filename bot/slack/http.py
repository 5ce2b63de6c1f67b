"""Slack over HTTP: an ASGI app that takes signed requests, installs Dexter, and tells machines how it is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.server import Server
from bot.slack.api import Web
from bot.slack.link import Answer
from bot.slack.manifest import EVENTS, INSTALL, REDIRECT
from bot.slack.signature import Signatures
from core.errors import DexterError

log = structlog.get_logger("dexter.slack")

LARGEST = 1_000_000
"""Bytes of a request; what Slack sends is far smaller."""

READ_SECONDS = 10.0
"""For the whole body of a request."""

Ready = Callable[[], Awaitable[None]]
"""Raises a `DexterError` that says why Dexter cannot work just now."""


class Installer(Protocol):
    """Leads an administrator through the installation."""

    def open(self, web: Web) -> None:
        """Get ready; `web` asks Slack."""

    async def begin(self, request: AsyncBoltRequest) -> BoltResponse:
        """Send them to Slack."""

    async def finish(self, request: AsyncBoltRequest) -> BoltResponse:
        """Take the token that Slack gives, and say how it went."""


class HttpDoor:
    """Lets requests in over HTTP, at `/slack/events` for all kinds of them."""

    def __init__(self, secret: str, server: Server, ready: Ready, installer: Installer | None = None) -> None:
        self._signatures, self._server, self._ready, self._installer = Signatures(secret), server, ready, installer
        self._open = False
        self._answered = 0

    async def open(self, answer: Answer, web: Web) -> None:
        """Listen. Raises `Misconfigured` where the address cannot be had."""
        if self._installer is not None:
            self._installer.open(web)
        await self._server.open(self.app(answer))
        log.info("slack may send to this address", port=self._server.port)
        self._open = True

    @property
    def refused(self) -> Mapping[str, int]:
        """Return how many requests were refused since the start, by the reason."""
        return {why: self._signatures.refused[why] for why in ("signature", "old", "replayed")}

    async def close(self) -> None:
        """Let nothing more in, and answer what has come."""
        self._open = False
        await self._server.close()

    def app(self, answer: Answer) -> Starlette:
        """Return the ASGI app; `answer` takes what Slack has signed."""

        async def events(request: Request) -> Response:
            return await self._taken(request, answer)

        routes = [
            Route(EVENTS, events, methods=["POST"]),
            Route("/healthz", self._live, methods=["GET"]),
            Route("/readyz", self._how, methods=["GET"]),
        ]
        if (installer := self._installer) is not None:

            async def begin(request: Request) -> Response:
                return _response(await installer.begin(_without_body(request)))

            async def finish(request: Request) -> Response:
                return _response(await installer.finish(_without_body(request)))

            routes += [Route(INSTALL, begin, methods=["GET"]), Route(REDIRECT, finish, methods=["GET"])]
        return Starlette(routes=routes)

    async def _taken(self, request: Request, answer: Answer) -> Response:
        """Answer a request of Slack's; what Slack should bring again gets a status of 500 or above."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return PlainTextResponse("The request did not come in whole.", 408)
        if body is None:
            return PlainTextResponse("The request is too large.", 413)
        signature = request.headers.get("x-slack-signature", "")
        if not self._signatures.take(body, request.headers.get("x-slack-request-timestamp", ""), signature):
            log.warning("request refused", refused=dict(self._signatures.refused))
            return PlainTextResponse("The request is not signed by Slack, is old, or came before.", 401)
        response = await _answered(request, body, answer)
        if response.status_code >= 500:
            self._signatures.give_back(signature)
        self._answered += 1
        return response

    async def _live(self, request: Request) -> Response:
        return JSONResponse({"live": True})

    async def _how(self, request: Request) -> Response:
        state: dict[str, Any] = {"ready": self._open, "answered": self._answered, "refused": self.refused}
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._ready()
        except (DexterError, TimeoutError) as error:
            state |= {"ready": False, "why": type(error).__name__}
        return JSONResponse(state, 200 if state["ready"] else 503)


async def _answered(request: Request, body: bytes, answer: Answer) -> Response:
    try:
        made = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except (ValueError, TypeError, AttributeError):  # no JSON, or another shape than Slack's
        return PlainTextResponse("The request cannot be read.", 400)
    if made.body.get("type") == "url_verification":
        return JSONResponse({"challenge": str(made.body.get("challenge"))})
    if made.body.get("ssl_check"):
        return PlainTextResponse("")
    try:
        return _response(await answer(made))
    except Exception as error:  # noqa: BLE001 -- whatever it was, Slack brings the request again
        log.warning("a request from slack waits for its redelivery", why=f"{type(error).__name__}: {error}")
        return PlainTextResponse("Please send it again.", 503)


async def _body(request: Request) -> bytes | None:
    """Return the body; nothing where it is too large."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length[:12]) > LARGEST:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _without_body(request: Request) -> AsyncBoltRequest:
    return AsyncBoltRequest(body="", query=request.url.query, headers=dict(request.headers))


def _response(answered: BoltResponse) -> Response:
    response = Response(answered.body, answered.status)
    for name, values in answered.headers.items():
        for value in values:
            response.headers.append(name, value)
    return response
