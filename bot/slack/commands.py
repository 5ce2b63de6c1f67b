"""`/dexter` and everything behind it."""

from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.opening import opens
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.asking import Asking
from bot.slack.place import Place
from bot.slack.skill_forms import SkillForms
from bot.words import key

UNKNOWN = key("I do not know the command {name}. Everything that I can do stands behind `/dexter help`.")


class Commands:
    """Takes slash commands."""

    def __init__(self, entrance: Entrance, asking: Asking, skills: SkillForms) -> None:
        self._in, self._asking, self._skills = entrance, asking, skills

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take what was typed behind `/dexter`; what lacks its question or its input opens a form for it."""
        text = (body.get("text") or "").strip()
        if text.casefold() == "ask":
            await self._asking.open(body, Place(body["channel_id"]))
        elif command := opens(text):
            await self._skills.open(body, Place(body["channel_id"]), command)
        else:
            await self._in.take(lambda: self._command(body), 0.0)
        await ack()

    async def on_unknown(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say that a command is none of Dexter's: another version of the app had it."""
        user, url = str(body.get("user_id", "")), body.get("response_url", "")
        words = await self._in.words(user)
        said = words(UNKNOWN, name=str(body.get("command"))[:40])
        place = Place(body["channel_id"]) if body.get("channel_id") else None
        await self._in.take(lambda: self._in.sentence(_key(body), user, place, said, url), 0.0)
        await ack()

    async def _command(self, body: Body) -> Arrival:
        user, channel = body["user_id"], body["channel_id"]
        home = await self._in.reach.home(channel, user)
        made = await self._in.arrival(_key(body), user, Place(home), body.get("text") or "", body["user_name"])
        url = body.get("response_url", "")
        return replace(made, place=Place(channel), response_url=url, elsewhere=home != channel)


def _key(body: Body) -> str:
    return str(body.get("trigger_id") or body.get("response_url") or "")
