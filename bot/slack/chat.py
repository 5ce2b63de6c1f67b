"""Slack as a chat: takes requests in over Socket Mode, shows posts in threads."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from bot.overview import Books
from bot.shapes import Address, Chat, Handle, Post, Rules, has_thread, no_rules, plain
from bot.slack.api import SECONDS, client, reason, wire_log
from bot.slack.files import Files
from bot.slack.incoming import Arrival, Incoming, Me, Read
from bot.slack.names import Names
from bot.slack.outgoing import PACE, Outgoing, Place
from bot.slack.reach import Reach
from bot.slack.replies import Replies
from bot.slack.socket import PING, Socket
from core.errors import DexterError, Misconfigured, Unavailable

log = structlog.get_logger("slack")

ACKNOWLEDGE = 2.5
"""Seconds until a request is acknowledged, handled or not; Slack gives 3 and then sends it again."""

MOST = 1000
"""Requests in hand; one more is not acknowledged, so that Slack brings it again later."""

LAST_WORDS = 5.0
"""Seconds that `stop` gives to what is in hand."""


class SlackChat(Chat):
    """One workspace, by its two tokens."""

    name = "slack"

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        base_url: str = "https://slack.com/api/",
        *,
        pace: float = PACE,
        ping: float = PING,
        acknowledge: float = ACKNOWLEDGE,
    ) -> None:
        self._web = client(bot_token, base_url)
        self._app_token, self._pace, self._ping, self._patience = app_token, pace, ping, acknowledge
        self._out = Outgoing(self._web, pace)
        self._replies = Replies(self._out)
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: Socket | None = None
        self._handle: Handle = _not_started

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        """Connect and hand each request to `handle`. Raises `Misconfigured` or `Unavailable`, each with the remedy."""
        self._handle = handle
        self._web.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        try:
            me, bot = await self._who()
            app = self._app(me, bot)
            Incoming(me, Names(self._web), Reach(self._web), Files(self._web), self._take).listen(app)
            self._socket = Socket(app, self._web, self._app_token, self._ping)
            await self._socket.connect()
        except BaseException:
            await self.stop()
            raise
        log.info("slack is connected", tenant=me.tenant)

    async def stop(self) -> None:
        """Disconnect, let what is in hand finish for a few seconds, and let go of everything."""
        if self._socket is not None:
            await self._socket.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._web.session is not None:
            await self._web.session.close()

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show a post in a channel or thread, as `Chat.show` says; an id is the message's time stamp."""
        return await self._out.show(Place.of(address), post, key, message, again)

    def thread(self, address: Address, message: str) -> Address:
        """Return the address of the thread under `message`."""
        return address if has_thread(address) else f"{address}:{message}"

    def pace(self, address: Address) -> float:
        """Return the seconds that Slack wants between two messages in one channel."""
        return self._pace

    async def _who(self) -> tuple[Me, AuthorizeResult]:
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._web.auth_test()
        except SlackApiError as error:
            code = reason(error)
            if not code or int(error.response.status_code or 0) >= 500:
                raise Unavailable(f"Slack does not answer properly at {self._web.base_url}.") from error
            raise Misconfigured(
                f"Slack does not accept the bot token ({code}): set SLACK_BOT_TOKEN to the one that begins "
                "with xoxb-, from OAuth & Permissions."
            ) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"Slack does not answer at {self._web.base_url}.") from error
        bot = AuthorizeResult.from_auth_test_response(bot_token=self._web.token, auth_test_response=answer)
        return Me(str(answer["team_id"]), str(answer["user_id"])), bot

    def _app(self, me: Me, bot: AuthorizeResult) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            return bot

        return AsyncApp(
            logger=wire_log(),
            client=client(None, self._web.base_url),  # bolt's own, for what it never does here
            authorize=authorize,
            process_before_response=True,  # the listener ends before the acknowledgement is sent, not after
            request_verification_enabled=False,  # there is no HTTP request: the socket is Slack's
        )

    async def _take(self, read: Read, more: float) -> None:
        """Have an arrival handled; return when it is, or when Slack will wait no longer, or `more` seconds later."""
        if len(self._tasks) >= MOST:
            raise Unavailable("Too many requests at once.")
        await asyncio.wait({self._spawn(self._serve(read))}, timeout=self._patience + more)

    async def _serve(self, read: Read) -> None:
        arrival = await read()
        if arrival is None:
            return
        post = await self._answer(arrival)
        if post is not None:
            self._spawn(self._replies.reply(arrival, post))

    async def _answer(self, arrival: Arrival) -> Post | None:
        try:
            post = await self._handle(arrival.request)
        except DexterError as error:
            return plain(str(error), private=True, failed=True)
        except Exception:
            log.exception("a request from slack failed", tenant=arrival.request.tenant)
            return plain("That went wrong inside Dexter. Please try again; its log says what happened.", private=True)
        return _elsewhere() if post is None and arrival.elsewhere else post

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work for slack failed", error=f"{type(error).__name__}: {error}")


def _elsewhere() -> Post:
    return plain(
        "I am not in this channel, so the answer comes in our direct messages. To have it here, type /invite @Dexter "
        "and ask again.",
        private=True,
    )


async def _not_started(_request: object) -> Post | None:
    raise Unavailable("Slack is not connected yet.")
