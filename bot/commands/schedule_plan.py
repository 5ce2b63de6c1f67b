"""What a command would start, without starting it: how a schedule is checked when it is made and carried out later."""

from collections.abc import Mapping
from dataclasses import replace

from bot.commands.command import Args, Asking, Command, Desk
from bot.commands.names import nearest
from bot.commands.parse import parse
from bot.shapes import Post, Prose, Request, channel_of
from bot.words import words_for
from core.access import Permission, require
from core.entities import Collaboration
from core.errors import BadRequest
from core.sentences import one_of

TIMED: Mapping[str, tuple[str, ...]] = {
    "ask": (),
    "again": (),
    "skill": ("run", "test", "draft", "promote"),
    "report": (),
    "campaign": ("start", "tick"),
}
"""Commands that may be scheduled, each with the parts of it that may; none are named where all of them may."""
ACTS: Mapping[str, Permission] = {"campaign": Permission.CAMPAIGN}
"""Those that start no run of their own, with what they take: what they do has the request's key, and is not done twice
under it. They are not tried out."""


class Caught:
    """An engine that starts nothing, and remembers what it was to start."""

    def __init__(self) -> None:
        self.collaboration: Collaboration | None = None

    async def start(self, collaboration: Collaboration, inbox_key: str) -> bool:
        """Remember a run instead of starting it."""
        self.collaboration = collaboration
        return True

    async def stop(self, run: str) -> bool:
        """Stop nothing."""
        return False

    async def wait(self, run: str) -> None:
        """Wait for nothing."""


async def checked(desk: Desk, request: Request) -> Command:
    """Return the command of a text that may be scheduled, if the person may give it.

    Raises `BadRequest` for one that cannot be scheduled or would not start, `NotAllowed`, `NotFound`.
    """
    command, _ = _timed(desk, request)
    if command.name in ACTS:
        person = await desk.directory.find(request.tenant, request.person, request.name)
        require(person, ACTS[command.name])
        return command
    await planned(desk, request)
    return command


async def planned(desk: Desk, request: Request) -> Collaboration | None:
    """Return the run that a command would start now, with the rights that its person has now.

    A command of `ACTS` does what it does, once under the request's key, and gives none. Raises a `DexterError`.
    """
    command, args = _timed(desk, request)
    person = await desk.directory.find(request.tenant, request.person, request.name)
    require(person, command.permission)
    caught = Caught()
    channel = await desk.store.channel(request.tenant, channel_of(request.address))
    words = words_for(request.locale)
    acts = command.name in ACTS
    there = desk if acts else replace(desk, runs=caught)
    post = await command.run(Asking(there, request, person, args, channel, words))
    if caught.collaboration is None and (not acts or (post is not None and post.failed)):
        raise BadRequest("`{what}` does not start as it is. {why}", what=request.text[:100], why=_first(post))
    return caught.collaboration


def _timed(desk: Desk, request: Request) -> tuple[Command, Args]:
    command, args = parse(request.text, desk.commands)
    if command.name not in TIMED:
        names = [name for name in TIMED if any(each.name == name for each in desk.commands)]
        text = "`{name}` cannot be scheduled: it says something at once. What can be is {names}."
        raise BadRequest(text, name=command.name, names=one_of([f"`{name}`" for name in names]))
    parts = [part for part in TIMED[command.name] if part in command.verbs]
    typed = args[command.words.name].partition(" ")[0].casefold() if command.words else ""
    if parts and typed not in parts:
        text = "Of `{name}` this cannot be scheduled: “{part}”. {hint}"
        raise BadRequest(text, name=command.name, part=typed[:40], hint=nearest(typed, parts))
    return command, args


def _first(post: Post | None) -> str:
    """Return what a post says first."""
    return next((part.markdown for part in (post.parts if post else ()) if isinstance(part, Prose)), "")
