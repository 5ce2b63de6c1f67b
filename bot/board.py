"""The state of a run as a person sees it: a fold over its events, nothing that is not in the journal."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.shapes import Line
from core.events import (
    Absence,
    Answer,
    Asked,
    Ballot,
    Critique,
    Event,
    Note,
    PhaseStarted,
    Proposal,
    Revision,
    Spread,
    Tally,
)

DOING = {
    "propose": "writing a proposal",
    "critique": "reading the others",
    "revise": "revising",
    "vote": "voting",
    "estimate": "estimating",
    "attack": "attacking",
    "defend": "defending",
    "synthesise": "writing the answer",
    "answer": "writing the answer",
}
"""What a member does in a phase; a phase that is not here goes by its own name."""


@dataclass(frozen=True, slots=True)
class Board:
    """Who is where."""

    asked: Asked | None = None
    phase: PhaseStarted | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    tally: Tally | None = None
    answer: Answer | None = None
    notes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Return the one line that says how far the run is."""
        if self.answer:
            return f"Done: {self.answer.status.value}"
        if not self.asked:
            return "Waiting for a free place"
        if not self.phase:
            return f"{len(self.asked.seats)} members, pattern {self.asked.pattern}"
        again = f", round {self.phase.round}" if self.phase.round > 1 else ""
        done = sum(self.lines[name].state in ("done", "absent") for name in self.phase.members if name in self.lines)
        return f"{self.phase.phase.capitalize()}{again}: {done} of {len(self.phase.members)}"


def fold(events: Iterable[Event], board: Board | None = None) -> Board:
    """Return the board after `events`."""
    board = board or Board()
    for event in events:
        board = after(board, event)
    return board


def after(board: Board, event: Event) -> Board:  # noqa: C901  one flat match over the closed union
    """Return the board after one event."""
    match event.body:
        case Asked() as asked:
            return replace(
                board, asked=asked, lines={s.member: Line("waiting", s.member, s.model) for s in asked.seats}
            )
        case PhaseStarted() as phase:
            doing = DOING.get(phase.phase, phase.phase)
            return _lines(replace(board, phase=phase), {m: Line("working", m, doing) for m in phase.members})
        case Proposal() | Critique() | Revision() as said:
            return _lines(board, {said.member: Line("done", said.member, _gist(said.text))})
        case Ballot() as ballot:
            return _lines(board, {ballot.member: Line("done", ballot.member, "has voted")})
        case Absence() as absence:
            return _lines(board, {absence.member: Line("absent", absence.member, absence.detail)})
        case Note(text=text):
            return replace(board, notes=(*board.notes, text))
        case Spread() as spread:
            return replace(board, notes=(*board.notes, _spread(spread)))
        case Tally() as tally:
            return replace(board, tally=tally)
        case Answer() as answer:
            return replace(board, answer=answer)
        case _:
            return board


def _lines(board: Board, lines: dict[str, Line]) -> Board:
    return replace(board, lines={**board.lines, **lines})


def _gist(text: str) -> str:
    """Return the first words of a text on one line."""
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"


def _spread(spread: Spread) -> str:
    if spread.median is not None:
        state = "settled" if spread.settled else "not settled yet"
        return f"Round {spread.round}: median {spread.median:g}, from {spread.low:g} to {spread.high:g}; {state}"
    state = "settled" if spread.settled else "goes on"
    return f"Round {spread.round}: {state}"
