"""Windows over a chat: opened within the three seconds for which Slack lets a press open one."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from bot.slack.api import FAILURES, call
from bot.slack.arrival import Body, Entrance
from bot.slack.modals import View, notice
from bot.slack.place import Place
from bot.words import key
from core.errors import DexterError

SOON = 1.0
"""Seconds after which a window is opened while its content is still being looked up."""

CLOSED = key("Slack did not open the window in time. Please press once more.")
LOOKING = key("Looking it up …")


class Windows:
    """Opens windows and puts something else into them."""

    def __init__(self, entrance: Entrance) -> None:
        self._in = entrance

    async def open(self, body: Body, place: Place | None, building: Awaitable[View]) -> None:
        """Open what `building` returns; what goes wrong is said to the person."""
        user = user_of(body)
        work = asyncio.ensure_future(building)
        try:
            trigger = str(body.get("trigger_id", ""))
            await asyncio.wait({work}, timeout=SOON)
            if work.done():
                await call(self._in.web.views_open(trigger_id=trigger, view=work.result()))
                return
            waiting = notice(await self._in.words(user), LOOKING)
            opened = (await call(self._in.web.views_open(trigger_id=trigger, view=waiting))).get("view") or {}
            await call(self._in.web.views_update(view_id=str(opened.get("id")), view=await work))
        except DexterError as error:
            await self._say(body, place, (await self._in.words(user)).error(error))
        except FAILURES:
            await self._say(body, place, CLOSED)
        finally:
            work.cancel()

    async def change(self, body: Body, building: Awaitable[View]) -> None:
        """Put what `building` returns into the window in which a button was pressed."""
        window: Mapping[str, Any] = body.get("view") or {}
        try:
            view = await building
            await call(self._in.web.views_update(view_id=str(window.get("id")), hash=window.get("hash"), view=view))
        except DexterError as error:
            await self._say(body, None, (await self._in.words(user_of(body))).error(error))
        except FAILURES:
            await self._say(body, None, CLOSED)

    async def _say(self, body: Body, place: Place | None, text: str) -> None:
        key, url = str(body.get("trigger_id", "")), str(body.get("response_url") or "")
        await self._in.take(lambda: self._in.sentence(key, user_of(body), place, text, url), 0.0)


def user_of(body: Body) -> str:
    """Return who pressed, typed or sent."""
    user = body.get("user")
    return str(user.get("id") if isinstance(user, Mapping) else body.get("user_id") or "")
