"""From a command line to the thing that runs: the terminal, the service, the doctor or the database."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path

import structlog
from rich.console import Console

from bot.app import ROLES, App, Role, alarm, chats_of, database, running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.console.argv import Line, read
from bot.console.db import schema_post
from bot.console.export import export
from bot.console.fetch import fetching
from bot.console.files import given
from bot.console.session import Session, say
from bot.console.show import show
from bot.doctor import about, examine, report
from bot.examined import examined
from bot.log import set_up
from bot.parts import parquet_file, publisher_of, served
from bot.settings import Settings, load, secrets
from bot.slack.manifest import printed as slack_manifest
from bot.words import ENGLISH, Words, words_here
from core.errors import BadRequest, DexterError, Misconfigured
from core.sentences import joined, one_of, said

ASKING = ("ask", "again")
"""Commands that need models; `skill draft` does, too, and what sets a campaign going."""
GOING = ("draft", "start", "approve", "answer", "resume", "replan", "retry", "watch", "clone")
RECONNECT_SECONDS = 30.0

log = structlog.get_logger("dexter.start")


def start(argv: Sequence[str]) -> int:
    """Do what the command line says. Errors end in one sentence on standard error and an exit code that is not 0."""
    console, words = Console(highlight=False), words_here(os.environ)
    try:
        line = read(argv, COMMANDS)
        settings = load(line.config)
        set_up(_quiet(settings, line), secrets(settings, os.environ))
        return asyncio.run(_do(line, settings, console, words))
    except BadRequest as error:
        return _fail(words.error(error), 2)
    except DexterError as error:
        return _fail(words.error(error), 3)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a person reads a sentence, and whoever mends it reads the log
        log.exception("dexter failed")
        told = words(
            "Dexter failed through a fault of its own ({kind}); its log says where.", kind=type(error).__name__
        )
        return _fail(told, 4)


async def _do(line: Line, settings: Settings, console: Console, words: Words) -> int:
    match line.verb:
        case "doctor":
            health = report(about(await examined(settings, examine), line.words), ENGLISH if line.json else words)
            say(health, console, machine=line.json)
            return 1 if health.failed else 0
        case "db":
            show(schema_post(database(settings), line.words, words), console)
            return 0
        case "export":
            post = await asyncio.to_thread(export, database(settings).views(), parquet_file, line.words, words)
            say(post, console, machine=line.json)
            return 0
        case "slack":
            print(slack_manifest(line.words), end="")
            return 0
        case "registry":
            from bot.console.registry import registry

            own = settings.registry.serve
            keep, publisher = partial(served, settings), partial(publisher_of, settings)
            return await registry(line.words, own, keep, publisher, console, words)
        case "run":
            return await _serve(settings, _role(line.role))
        case "chat":
            return await _chat(settings, console, words)
        case _:
            return await _once(line, settings, console, words)


async def _once(line: Line, settings: Settings, console: Console, words: Words) -> int:
    archives = any(command.takes_archives for command in COMMANDS if command.name == line.verb)
    files = await given(line.files, settings.documents, words, piped=_reads(line), archives=archives)
    with fetching(Console(stderr=True)) as progress:
        async with running(settings, progress=progress) as app:
            if line.verb in ASKING or _part(line) in GOING:
                await app.fetch()
                progress.done()
            return await Session(app, console, words, machine=line.json).say(line.text, files)


async def _chat(settings: Settings, console: Console, words: Words) -> int:
    if not sys.stdin.isatty():
        raise BadRequest("`dexter chat` needs a terminal. In a pipe, use `dexter ask`.")
    from bot.console.chat import chat

    with fetching(console) as progress:
        async with running(settings, progress=progress, clock=alarm()) as app:
            await app.fetch()
            progress.done()
            warming = asyncio.create_task(app.warm())
            try:
                return await chat(app, console, words, lambda: _state(warming, words))
            finally:
                warming.cancel()


def _state(warming: "asyncio.Task[None]", words: Words) -> str:
    if not warming.done():
        return words("The models are loading; you can type already.")
    if not warming.cancelled() and (error := warming.exception()):
        return words.error(error) if isinstance(error, DexterError) else str(error)
    return words("The models are ready.")


async def _serve(settings: Settings, role: Role) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    lacking = settings.slack.lacking
    if not settings.chats and role != "worker":
        none = said("No chat has its tokens: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or DISCORD_TOKEN.")
        raise Misconfigured(joined([none, said("What Slack lacks is {name}.", name=lacking)]) if lacking else none)
    if lacking:
        log.error("not connected", chat="slack", why=f"{lacking} is not set.")
    refused: list[str] = []
    chats = None if role == "worker" else chats_of
    async with running(settings, role=role, chats=chats, clock=alarm()) as app:
        if role != "bot":
            await app.load()
        await _until(stop, [_prepare(app, role), *(_connect(name, app, refused) for name in app.chats)])
    log.info("stopped")
    return 0


async def _until(stop: asyncio.Event, works: Sequence[Coroutine[None, None, None]]) -> None:
    """Do `works` side by side until `stop` is set. Raises the `Misconfigured` of one that must end the service."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
            await stop.wait()
            log.info("stopping")
            for task in tasks:
                task.cancel()
    except* Misconfigured as refused:
        raise refused.exceptions[0] from None


async def _connect(name: str, app: App, refused: list[str]) -> None:
    """Connect a chat; what may pass by itself is tried until it does.

    What an administrator must mend is logged and noted in `refused`, and raised once no chat is left.
    """
    while True:
        try:
            await app.chats[name].start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
            log.info("listening", chat=name)
            return
        except Misconfigured as error:
            refused.append(name)
            if len(refused) == len(app.chats):
                raise
            log.error("not connected", chat=name, why=str(error))  # noqa: TRY400  the sentence says it all
            return
        except DexterError as error:
            log.warning("not connected", chat=name, why=str(error), again_in=RECONNECT_SECONDS)
            await asyncio.sleep(RECONNECT_SECONDS)


async def _prepare(app: App, role: Role) -> None:
    """Have the sandbox proved and the local models ready; without them, their members will be absent."""
    if role == "bot":
        return
    await app.prove()
    try:
        await app.fetch()
        await app.warm()
    except DexterError as error:
        log.warning("local models not ready", why=str(error))


def _reads(line: Line) -> bool:
    """Tell whether what comes through a pipe belongs to the command."""
    return line.verb == "ask" or _part(line) in ("draft", "run", "start")


def _part(line: Line) -> str:
    """Return the part of `skill` or `campaign` that is meant."""
    parted = line.verb in ("skill", "campaign")
    return next((word for word in line.words if not word.startswith("-")), "") if parted else ""


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise BadRequest("`--{option}` can be {names}, not “{given}”.", option="role", names=one_of(ROLES), given=name[:40])


def _quiet(settings: Settings, line: Line) -> Settings:
    """Keep the log out of a person's terminal: into a file, unless the settings name one."""
    if line.verb == "run" or line.words[:1] == ("serve",) or settings.log.file:
        return settings
    file = _writable(settings.home / "dexter.log")
    return settings.model_copy(update={"log": settings.log.model_copy(update={"file": file})})


def _writable(file: Path) -> Path:
    """Return the file, or nowhere if it cannot be written: a disk that is full or read-only may still be looked at."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.open("ab").close()
    except OSError:
        return Path(os.devnull)
    return file


def _fail(why: object, code: int) -> int:
    with contextlib.suppress(OSError):
        print(why, file=sys.stderr)
    return code
