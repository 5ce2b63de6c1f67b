"""The state of a run as a person sees it: a fold over its events, nothing that is not in the journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.shapes import Line
from bot.trials import doing, verdict
from bot.words import ENGLISH, Words, key
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
from core.skills.results import Approval, Done, Drafted, Started, TestRun

DOING: Mapping[str, tuple[str, str]] = {
    "propose": (key("Proposals"), key("writing a proposal")),
    "critique": (key("Critiques"), key("reading the others")),
    "revise": (key("Revisions"), key("revising")),
    "argue": (key("Arguments"), key("arguing")),
    "rebut": (key("Replies"), key("replying to the other side")),
    "estimate": (key("Estimates"), key("estimating")),
    "again": (key("New estimates"), key("estimating again")),
    "attack": (key("Attack"), key("attacking the answer")),
    "defend": (key("Defence"), key("defending the answer")),
    "settle": (key("Point of disagreement"), key("thinking it over once more")),
    "write": (key("Programs"), key("writing a program")),
    "test": (key("Tests"), key("writing tests for the others")),
    "repair": (key("Repairs"), key("mending the program")),
    "vote": (key("Votes"), key("voting")),
    "rank": (key("Rankings"), key("ranking the answers")),
    "answer": (key("Answer"), key("writing the answer")),
}
"""What a phase brings, and what a member does in it; a phase that is not here goes by its own name."""


@dataclass(frozen=True, slots=True)
class Board:
    """Who is where."""

    asked: Asked | None = None
    phase: PhaseStarted | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    steps: dict[str, Line] = field(default_factory=dict)
    """Each member in each phase so far, by the step's key."""
    tally: Tally | None = None
    answer: Answer | None = None
    notes: tuple[str, ...] = ()
    started: Started | None = None
    trials: dict[str, TestRun] = field(default_factory=dict)
    """The newest of each version, or of each candidate of a draft."""
    approval: Approval | None = None
    done: Done | None = None
    words: Words = ENGLISH
    """The language that it is in."""

    @property
    def heading(self) -> str:
        """Return the one line that says how far the run is."""
        words = self.words
        if self.answer:
            return words("Done: {status}", status=words(self.answer.status.value))
        if self.done:
            return words("Done: {status}", status=words(verdict(self.done)))
        if self.started:
            return doing(self.started, words)
        if not self.asked:
            return words("Waiting for a free place")
        if not self.phase:
            seats, pattern = len(self.asked.seats), self.asked.pattern
            return words.some(
                seats, "{count} member, pattern {pattern}", "{count} members, pattern {pattern}", pattern=pattern
            )
        phase, of = phase_name(self.phase.phase, words), len(self.phase.members)
        done = sum(self.lines[name].state in ("done", "absent") for name in self.phase.members if name in self.lines)
        if self.phase.round == 1:
            return words("{phase}: {done} of {of}", phase=phase, done=done, of=of)
        return words("{phase}, round {round}: {done} of {of}", phase=phase, round=self.phase.round, done=done, of=of)


def phase_name(phase: str, words: Words) -> str:
    """Return what a phase is called; one of a pattern that did not ship with Dexter has a name of its own."""
    return words(DOING[phase][0]) if phase in DOING else phase.capitalize()


def fold(events: Iterable[Event], words: Words = ENGLISH) -> Board:
    """Return the board after `events`."""
    board = Board(words=words)
    for event in events:
        board = after(board, event)
    return board


def after(board: Board, event: Event) -> Board:  # noqa: C901  one flat match over the closed union
    """Return the board after one event."""
    words = board.words
    match event.body:
        case Asked() as asked:
            return _asked(board, asked)
        case PhaseStarted() as phase:
            return _started(board, phase)
        case Proposal() | Critique() | Revision() as said:
            return _lines(board, {said.member: Line("done", said.member, _gist(said.text))})
        case Ballot() as ballot:
            return _lines(board, {ballot.member: Line("done", ballot.member, words("has voted"))})
        case Absence() as absence:
            why = words.told(absence.detail, absence.sentence)
            return _lines(board, {absence.member: Line("absent", absence.member, why)})
        case Note() as note:
            return replace(board, notes=(*board.notes, words.told(note.text, note.sentence)))
        case Spread() as spread:
            return replace(board, notes=(*board.notes, _spread(spread, words)))
        case Tally() as tally:
            return replace(board, tally=tally)
        case Answer() as answer:
            return replace(board, answer=answer)
        case Started() as started:
            return replace(board, started=started, notes=(*board.notes, *_noted(started, words)))
        case TestRun() as trial:
            return replace(board, trials={**board.trials, trial.subject: trial})
        case Approval() as approval:
            return replace(board, approval=approval)
        case Done() as done:
            return replace(board, done=done)
        case Drafted():
            return board  # it stands in the answer
        case _:
            return board


def _asked(board: Board, asked: Asked) -> Board:
    """Everybody waits, and so does each one's step in the first phase."""
    first = asked.phases[0] if asked.phases else ""
    doing = _doing(first, board.words)
    lines = {s.member: Line("waiting", s.member, s.model, doing, f"{first}:1:{s.member}") for s in asked.seats}
    return _lines(replace(board, asked=asked, notes=(*board.notes, *_noted(asked, board.words))), lines)


def _noted(begun: Asked | Started, words: Words) -> tuple[str, ...]:
    """Return how a run came about, where a schedule started it."""
    return (words.say(begun.note),) if begun.note else ()


def _started(board: Board, phase: PhaseStarted) -> Board:
    doing = _doing(phase.phase, board.words)
    steps = {step: line for step, line in board.steps.items() if line.state != "waiting"}
    lines = [Line("working", m, doing, doing, f"{phase.phase}:{phase.round}:{m}") for m in phase.members]
    return _lines(replace(board, phase=phase, steps=steps), {line.who: line for line in lines})


def _doing(phase: str, words: Words) -> str:
    return words(DOING[phase][1]) if phase in DOING else phase


def _lines(board: Board, lines: dict[str, Line]) -> Board:
    """Return the board with new lines; a line that names no step goes on with its member's last one."""
    last = board.lines
    known = {
        who: line if line.key or who not in last else replace(line, doing=last[who].doing, key=last[who].key)
        for who, line in lines.items()
    }
    steps = {line.key: line for line in known.values() if line.key}
    return replace(board, lines={**last, **known}, steps={**board.steps, **steps})


def _gist(text: str) -> str:
    """Return the first words of a text on one line."""
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"


def _spread(spread: Spread, words: Words) -> str:
    if spread.median is None:
        text = key("Round {round}: settled") if spread.settled else key("Round {round}: goes on")
        return words(text, round=spread.round)
    text = (
        key("Round {round}: median {median:g}, from {low:g} to {high:g}; settled")
        if spread.settled
        else key("Round {round}: median {median:g}, from {low:g} to {high:g}; not settled yet")
    )
    return words(text, round=spread.round, median=spread.median, low=spread.low, high=spread.high)
