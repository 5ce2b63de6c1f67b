"""What comes in from Slack: each way in has its file, and here they are joined and listen."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.attachments import Attachments
from bot.overview import Books
from bot.shapes import Rules
from bot.slack import details, modals, shortcuts
from bot.slack.agent import Agent
from bot.slack.arrival import Entrance, Me, Take
from bot.slack.asking import STALE, Asking
from bot.slack.changes import GONE, Changes
from bot.slack.commands import Commands
from bot.slack.ends import Ends
from bot.slack.home import Home
from bot.slack.messages import Messages
from bot.slack.presses import Presses
from bot.slack.reactions import Reactions
from bot.slack.skill_forms import RUN, SkillForms
from bot.slack.windows import Windows, user_of
from bot.slack.workflow import Workflow

ANYTHING = re.compile(".*")


class Incoming:
    """Every way in of one workspace."""

    def __init__(
        self,
        me: Me,
        web: AsyncWebClient,
        take: Take,
        rules: Rules,
        books: Books | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        self._in = entrance = Entrance(me, web, take, rules, attachments)
        windows = Windows(entrance)
        self._agent = Agent(entrance, books)
        self._asking = Asking(entrance, windows, books)
        self._skills = SkillForms(entrance, windows, books)
        self._home = Home(entrance, self._agent, books)
        self._changes = Changes(entrance, books)
        self._messages = Messages(entrance, self._agent, self._changes, books)
        self._commands = Commands(entrance, self._asking, self._skills)
        self._presses = Presses(entrance, windows, (self._asking, self._skills), self._home, books)
        self._shortcuts = shortcuts.Shortcuts(entrance, self._asking)
        self._reactions = Reactions(entrance)
        self._workflow = Workflow(entrance, books)
        self.ends = Ends(entrance, self._agent, self._home, self._workflow, books)

    def listen(self, app: AsyncApp) -> None:
        """Register the listeners; what has none is acknowledged all the same, or Slack would send it again."""
        app.event("app_mention")(self._messages.on_mention)
        app.event("message")(self._messages.on_message)
        app.event("app_home_opened")(self._home.on_opened)
        app.event("agent_session_stopped")(self._agent.on_stopped)
        app.event("reaction_added")(self._reactions.on_added)
        app.event("function_executed")(self._workflow.on_executed)
        app.event("member_left_channel")(self._changes.on_left)
        for gone in GONE:
            app.event(gone)(self._changes.on_gone)
        app.event(ANYTHING)(_nothing)
        app.command("/dexter")(self._commands.on_command)
        app.command(ANYTHING)(self._commands.on_unknown)
        self._listen_to_windows(app)

    def _listen_to_windows(self, app: AsyncApp) -> None:
        app.action(re.compile(r"dexter:\d+\Z"))(self._presses.on_button)
        app.action(re.compile(rf"{details.ACTION}:"))(self._presses.on_details)
        app.action({"block_id": "channel", "action_id": "channel"})(self._asking.on_channel_chosen)
        app.action(ANYTHING)(self._presses.on_unknown)
        app.shortcut(shortcuts.ON_MESSAGE)(self._shortcuts.on_message)
        app.shortcut(shortcuts.ANYWHERE)(self._shortcuts.on_anywhere)
        app.shortcut(ANYTHING)(self._shortcuts.on_unknown)
        for form in (modals.ASK, modals.AGAIN, modals.CHANNEL):
            app.view(form)(self._asking.on_sent)
        app.view(RUN)(self._skills.on_sent)
        app.view_closed(ANYTHING)(_nothing)
        app.view(ANYTHING)(self._on_unknown_form)
        app.options(re.compile("committee|pattern"))(self._asking.on_typed)
        app.options(ANYTHING)(_no_options)

    async def _on_unknown_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        words = await self._in.words(user_of(body))
        await ack(response_action="update", view=modals.notice(words, STALE))


async def _nothing(ack: AsyncAck) -> None:
    await ack()


async def _no_options(ack: AsyncAck) -> None:
    await ack(options=[])
