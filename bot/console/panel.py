"""The live panel of a run: a line per member and its state, and the words of whoever is speaking."""

import time
from dataclasses import replace
from typing import Protocol

from rich.console import Group, RenderableType
from rich.text import Text

from bot.board import Board, after
from bot.console.show import line, markdown, rendered, safe
from bot.live import PROGRAM, Spoken
from bot.skill_posts import trials_of
from bot.words import Words, words_for
from core.events import Absence, Asked, Ballot, Critique, Event, Proposal, Revision
from core.skills.results import Started

ANSWERING = ("synthesise", "answer")
"""Phases whose words are the answer itself."""
MOST_WORDS = 20_000
MOST_LINES = 12
"""Of what a program says."""


class Clock(Protocol):
    """Seconds that only grow."""

    def __call__(self) -> float:
        """Return the time."""


class Panel:
    """What the terminal shows while a run goes on; rich asks it for its looks some times a second."""

    def __init__(self, words: Words, clock: Clock = time.monotonic) -> None:
        self.board = Board(words=words)
        self._words: dict[str, str] = {}
        self._clock = clock
        self._since = clock()
        self.leaving = False

    def hear(self, item: Event | Spoken) -> None:
        """Take in what happened or what was said."""
        if isinstance(item, Spoken):
            self._words[item.member] = (self._words.get(item.member, "") + item.text)[-MOST_WORDS:]
            return
        if isinstance(item.body, Asked | Started):
            self.board = replace(self.board, words=words_for(item.body.language))
        self.board = after(self.board, item)
        if isinstance(item.body, Proposal | Critique | Revision | Ballot | Absence):
            self._words.pop(item.body.member, None)

    def __rich__(self) -> RenderableType:
        """Return the panel as it is now."""
        seconds = self._clock() - self._since
        heading = self.board.words("Stopping") if self.leaving else self.board.heading
        parts: list[RenderableType] = [Text(f"{heading} · {seconds:.0f} s", style="bold")]
        if self.board.asked and self.board.asked.why:
            parts.append(
                Text(f"{self.board.asked.pattern}: {safe(self.board.words(self.board.asked.why))}", style="dim")
            )
        parts += [line(item, self._doing(item.who)) for item in self.board.lines.values()]
        parts += rendered(trials_of(self.board), self.board.words)
        parts += self._output()
        parts += [Text(safe(note), style="dim") for note in self.board.notes[-3:]]
        if answer := self._answer():
            parts.append(markdown(answer))
        return Group(*parts)

    def _output(self) -> list[RenderableType]:
        """Return the last lines of what the program of a task says."""
        lines = self._words.get(PROGRAM, "").splitlines()[-MOST_LINES:]
        return [Text(safe(each), style="dim", no_wrap=True, overflow="ellipsis") for each in lines]

    def _doing(self, member: str) -> str:
        """Return the last words of a member that is speaking, on one line."""
        words = " ".join(self._words.get(member, "").split())
        return words if len(words) <= 70 else "…" + words[-69:]

    def _answer(self) -> str:
        phase = self.board.phase
        if not phase or phase.phase not in ANSWERING or self.board.answer:
            return ""
        return "".join(self._words.get(member, "") for member in phase.members)
