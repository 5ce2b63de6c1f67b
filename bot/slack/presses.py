"""Presses: a button's value is a request, or asks for a window over the chat."""

import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.opening import opens
from bot.overview import Books
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.asking import Asking
from bot.slack.details import ACTION, details
from bot.slack.home import Home
from bot.slack.modals import View
from bot.slack.place import Place
from bot.slack.skill_forms import SkillForms
from bot.slack.windows import Windows, user_of
from bot.words import key
from core.errors import NotFound

_AGAIN = re.compile(r"again (\w+) --choose\Z")
_SHOW = re.compile(r"show (\w+)(?: --tab ([a-z]+))?\Z")

UNKNOWN = key("I do not know that button any more: it is from another version of me. `help` lists what I can do.")


class Presses:
    """Takes presses in messages, in windows and on the home page."""

    def __init__(
        self, entrance: Entrance, windows: Windows, forms: tuple[Asking, SkillForms], home: Home, books: Books | None
    ) -> None:
        self._in, self._windows, self._home, self._books = entrance, windows, home, books
        self._asking, self._skills = forms

    async def on_button(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a press of one of Dexter's buttons."""
        value, place = str(body["actions"][0].get("value") or ""), _place(body)
        if again := _AGAIN.match(value):
            await self._asking.open_again(body, place, again[1])
        elif (shown := _SHOW.match(value)) and self._books:
            await self._windows.open(body, place, self._details(body, shown[1], shown[2] or "answer", 0))
        elif command := opens(value):
            await self._skills.open(body, place, command)
        elif value == "ask":
            await self._asking.open(body, place)
        elif value == "here":
            await self._asking.open_channel(body, place)
        else:
            await self._in.take(lambda: self._pressed(body, value, place), 0.0)
        await ack()

    async def on_details(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the details of a run, or turn to another tab or page of them."""
        action = body["actions"][0]
        tab, _, page = str(action.get("action_id")).removeprefix(f"{ACTION}:").partition(":")
        view = self._details(body, str(action.get("value") or ""), tab, int(page) if page.isdecimal() else 0)
        if (body.get("view") or {}).get("callback_id") == ACTION:
            await self._windows.change(body, view)
        else:
            await self._windows.open(body, _place(body), view)
        await ack()

    async def on_unknown(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say that a button means nothing any more."""
        await self._in.take(lambda: self._unknown(body), 0.0)
        await ack()

    async def _details(self, body: Body, run: str, tab: str, page: int) -> View:
        user = user_of(body)
        person = await self._in.names.person(user)
        words = await self._in.words(user)
        if self._books is None:
            raise NotFound("There is nothing of this question to show yet.")
        _, events = await self._books.whole(self._in.me.tenant, f"slack:{user}", person.name, run)
        if not events:
            raise NotFound("There is nothing of this question to show yet.")
        return details(events, tab, page, words)

    async def _pressed(self, body: Body, value: str, place: Place | None) -> Arrival | None:
        user, there = user_of(body), place or await self._in.private(user_of(body))
        if not value or there is None:
            return await self._unknown(body)
        made = await self._in.arrival(_key(body), user, there, "", str(body["user"].get("username", "")))
        made = replace(made, request=replace(made.request, text=value), response_url=body.get("response_url") or "")
        return replace(made, after=self._home.renewing(user)) if place is None else made

    async def _unknown(self, body: Body) -> Arrival | None:
        return await self._in.sentence(
            _key(body), user_of(body), _place(body), UNKNOWN, str(body.get("response_url") or "")
        )


def _place(body: Body) -> Place | None:
    """Return the thread in which a button stands; nothing for a window or the home page."""
    box, message = body.get("container") or {}, body.get("message") or {}
    channel = box.get("channel_id") or (body.get("channel") or {}).get("id")
    thread = box.get("thread_ts") or message.get("thread_ts") or box.get("message_ts")
    return Place(str(channel), thread) if channel else None


def _key(body: Body) -> str:
    return str(body.get("trigger_id") or "")
