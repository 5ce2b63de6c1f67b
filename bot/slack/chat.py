"""Slack as a chat: requests come in through a door, posts go out to the workspace that their address names."""

from collections.abc import Mapping
from typing import Protocol

from bot.overview import Books
from bot.shapes import Address, Chat, Handle, Post, Rules, TryLater, Undeliverable, has_thread, no_rules
from bot.slack.api import TRY_AGAIN, Revoked, Web
from bot.slack.installs import Installed
from bot.slack.intake import Intake
from bot.slack.link import Answer
from bot.slack.pace import PACE
from bot.slack.place import Place
from bot.slack.workflow import is_step
from bot.slack.workspace import Workspace, open_workspace
from bot.slack.workspaces import Workspaces
from bot.words import key
from core.errors import DexterError

OTHER_TOKEN = key("Slack wants another token for that workspace.")
NOT_INSTALLED = key("Dexter is not installed in that Slack workspace any more.")


class Door(Protocol):
    """A way in from Slack."""

    async def open(self, answer: Answer, web: Web) -> None:
        """Let requests in. Raises `Misconfigured` or `Unavailable`, each with the remedy."""

    async def close(self) -> None:
        """Let nothing more in."""

    @property
    def refused(self) -> Mapping[str, int]:
        """Return how many requests were refused since the start, by the reason; empty where none can be."""


class Slack(Chat):
    """Slack, through any door, for one workspace or for many."""

    name = "slack"

    def __init__(self, door: Door, workspaces: Workspaces, intake: Intake, pace: float = PACE) -> None:
        self._door, self._workspaces, self._intake, self._pace = door, workspaces, intake, pace

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        """Connect and hand each request to `handle`. Raises `Misconfigured` or `Unavailable`, each with the remedy."""

        def opened(installed: Installed, web: Web) -> Workspace:
            return open_workspace(installed, web, self._pace, self._intake, rules, books)

        self._intake.handle = handle
        try:
            web = await self._workspaces.open(opened)
            await self._door.open(self._workspaces.answer, web)
        except BaseException:
            await self.stop()
            raise

    @property
    def refused(self) -> Mapping[str, int]:
        """Return how many requests were refused since the start, by the reason; empty where none can be."""
        return self._door.refused

    async def stop(self) -> None:
        """Take nothing more in, let what is in hand finish for a few seconds, and let go of everything."""
        await self._door.close()
        await self._intake.close()
        await self._workspaces.close()

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show a post in a channel or thread, as `Chat.show` says; an id is the message's time stamp."""
        place = Place.of(address)
        workspace = await self._home(address.split(":")[1])
        try:
            shown = place.channel if is_step(place) else await workspace.out.show(place, post, key, message, again)
            await workspace.ends.shown(address, key)
            return shown
        except Revoked as revoked:
            if not await self._leave(workspace, str(revoked)):
                raise TryLater(OTHER_TOKEN, TRY_AGAIN) from revoked
            raise

    async def speak(self, address: Address, message: str, words: str) -> bool:
        """Add words of the answer to progress that streams; False where it takes no more."""
        workspace = await self._home(address.split(":")[1])
        return await workspace.out.say(Place.of(address), message, words)

    def thread(self, address: Address, message: str) -> Address:
        """Return the address of the thread under `message`."""
        return address if has_thread(address) else f"{address}:{message}"

    def pace(self, address: Address) -> float:
        """Return the seconds that Slack wants between two messages in one channel."""
        return self._pace

    async def _home(self, team: str) -> Workspace:
        try:
            workspace = await self._workspaces.find(team)
        except DexterError as error:
            raise TryLater(error.sentence, TRY_AGAIN) from error
        if workspace is None:
            raise Undeliverable(NOT_INSTALLED)
        return workspace

    async def _leave(self, workspace: Workspace, why: str) -> bool:
        try:
            return await self._workspaces.leave(workspace, why)
        except DexterError as error:
            raise TryLater(error.sentence, TRY_AGAIN) from error
