"""One person at one terminal: what they type goes in, and the run that it starts is followed to its end."""

import asyncio
import contextlib
import getpass
import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from uuid import uuid4

from rich.console import Console
from rich.live import Live as Screen

from bot.app import App
from bot.board import Board
from bot.books import DeskBooks
from bot.console.campaigns import Watch
from bot.console.fill import asked, filled, sits_here
from bot.console.kept import RESULTS, keep, of_task, tell
from bot.console.panel import Panel
from bot.console.show import show
from bot.opening import opens
from bot.people import LOCAL
from bot.posts import answer
from bot.results import attached
from bot.shapes import TERMINAL, Attachment, Post, Request
from bot.skill_posts import ended, trials_of
from bot.words import ENGLISH, Words
from core.entities import Status, now, run_id
from core.errors import DexterError
from core.events import Answer, Asked
from core.skills.results import Done

TENANT = LOCAL
EXIT = {Status.ANSWERED: 0, Status.DISAGREED: 0, Status.DONE: 0, Status.STOPPED: 130}
"""A run's end as an exit code; every other end is 1."""


def myself() -> str:
    """Return the id of the person at this terminal."""
    return f"local:{getpass.getuser()}"


class Session:
    """Says things to Dexter and shows what comes back."""

    def __init__(self, app: App, console: Console, words: Words, *, machine: bool = False) -> None:
        self._app, self._console, self._machine = app, console, machine
        self._words = ENGLISH if machine else words

    async def say(self, text: str, files: tuple[Attachment, ...] = ()) -> int:
        """Run one line, show all that comes of it, and return the exit code."""
        if not files and not self._machine and (command := opens(text)) and sits_here(self._console):
            filled_in = await self._filled(command)
            if filled_in is None:
                return EXIT[Status.STOPPED]
            text = filled_in
        key, since = uuid4().hex, now()
        address = f"{TERMINAL}:{TENANT}:{key}"
        request = Request(key, TENANT, myself(), getpass.getuser(), address, text, files, locale=self._words.language)
        post = await self._app.handle(request)
        if post is not None and post.goes_on and not self._machine:
            results = self._app.settings.home / RESULTS
            watch = Watch(self._app.desk, self._console, self._words, (TENANT, post.run), since, results)
            with interrupts(watch.leave):
                return await watch.run()
        if post is not None:
            say(post, self._console, machine=self._machine)
            return 2 if post.failed else 0
        return await self.follow(run_id(TENANT, key))

    async def _filled(self, command: str) -> str | None:
        """Return the line with what the command takes; as it is, where that cannot be asked for or is nothing."""
        books = DeskBooks(self._app.desk)
        try:
            form = await books.opened(TENANT, myself(), getpass.getuser(), command, self._words)
        except DexterError:
            return command  # what is wrong with it is told where it is run
        return await filled(form, asked, self._console, self._words) if form.fields else command

    async def follow(self, run: str) -> int:
        """Show a run while it goes on; Ctrl-C stops it, a second one leaves at once."""
        panel = Panel(self._words)
        quiet = self._machine or not self._console.is_terminal
        screen = (
            contextlib.nullcontext()
            if quiet
            else Screen(panel, console=self._console, refresh_per_second=8, transient=True)
        )
        with screen, interrupts(lambda: self._stop(run, panel)):
            async for item in self._app.live.follow(self._app.desk.store, TENANT, run):
                panel.hear(item)
        return await self._end(run, panel.board)

    async def _end(self, run: str, board: Board) -> int:
        """Show how a run ended, and return the exit code."""
        if board.done:
            return await self._done(run, board.done, board.words)
        if board.answer is None:
            raise AssertionError("follow() ends with the answer, or with the end of a task")
        if self._machine:
            self._console.print_json(json.dumps(machine(run, board.asked, board.answer)))
        else:
            said = answer(run, board.answer, board.words)
            show(replace(said, parts=(*trials_of(board), *said.parts)), self._console)
        return EXIT.get(board.answer.status, 1)

    async def _done(self, run: str, done: Done, words: Words) -> int:
        files = attached(done.produced, ENGLISH) if done.produced else []
        if done.report:
            files = [*(await self._app.desk.bureau.attached(done.report, words))[0]]
        kept = keep(files, self._app.settings.home / RESULTS / run)
        post = ended(run, done, words)
        if self._machine:
            self._console.print_json(json.dumps(of_task(run, done, kept)))
        else:
            show(post, self._console, unfolded=True)
            tell(kept, self._console, words)
        return int(post.failed) or EXIT.get(done.status, 1)

    def _stop(self, run: str, panel: Panel) -> None:
        if panel.leaving:
            raise KeyboardInterrupt
        panel.leaving = True
        self._stopping = asyncio.ensure_future(self._app.desk.runs.stop(run))


def say(post: Post, console: Console, *, machine: bool) -> None:
    """Print a post, unfolded, or its data as JSON."""
    if not machine:
        show(post, console, unfolded=True)
        return
    parts = [{type(part).__name__.lower(): asdict(part)} for part in post.parts]
    console.print_json(json.dumps(parts if post.data is None else post.data))


def machine(run: str, asked: Asked | None, said: Answer) -> dict[str, object]:
    """Return a run's end for machines; the keys are a promise."""
    tally = said.tally.model_dump(mode="json") if said.tally else None
    return {
        "run": run,
        "status": said.status.value,
        "answer": said.text,
        "how": said.how,
        "sources": list(said.sources),
        "winner": next((s for s in tally["standings"] if s["label"] == tally["winner"]), None) if tally else None,
        "tally": tally,
        "dissent": said.dissent.model_dump(mode="json") if said.dissent else None,
        "drafted": said.drafted.model_dump(mode="json") if said.drafted else None,
        "absences": [absence.model_dump(mode="json") for absence in said.absences],
        "members": [seat.model_dump(mode="json") for seat in asked.seats] if asked else [],
        "usage": said.usage.model_dump(mode="json"),
    }


@contextlib.contextmanager
def interrupts(action: Callable[[], None]) -> Iterator[None]:
    """Call `action` on Ctrl-C instead of tearing everything down."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, action)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
