"""A past collaboration, whole: everything that was said, counted and spent."""

from collections.abc import Mapping, Sequence

from bot.board import fold
from bot.posts import dissent_text, foot, origin
from bot.results import fenced
from bot.shapes import Attached, Buttons, Fold, Foot, Heading, Part, Post, Prose, Table
from bot.skill_posts import ended
from bot.tallies import bars, voted
from bot.trials import tested
from bot.words import ENGLISH, Words, key
from core.entities import Collaboration
from core.events import (
    Absence,
    Answer,
    Asked,
    Ballot,
    Call,
    Critique,
    Event,
    Feedback,
    Happening,
    Proposal,
    Revision,
    Tally,
)
from core.skills.results import Done, Started, TestRun

ANSWER, PROPOSALS, CRITIQUES, BALLOTS, COST = "answer", "proposals", "critiques", "ballots", "cost"
TESTS, COPY = "tests", "copy"
TABS = {
    ANSWER: key("Answer"),
    PROPOSALS: key("Proposals"),
    CRITIQUES: key("Critiques"),
    BALLOTS: key("Ballots"),
    COST: key("Cost"),
    TESTS: key("Tests"),
    COPY: key("Copy"),
}
"""What the tabs of a record are called, in order; each is there where there is something of it."""
COSTS = (
    key("member"),
    key("phase"),
    key("model"),
    key("time"),
    key("tokens"),
    key("cost"),
    key("retries"),
    key("outcome"),
)


def record(found: Collaboration, events: Sequence[Event], words: Words = ENGLISH) -> Post:
    """Return the post of a collaboration, from its journal."""
    status, committee = words(found.status.value), found.committee
    head = words("asked by {name} · committee {committee}", name=found.asker_name, committee=committee)
    if found.task:
        head = words("asked by {name}", name=found.asker_name)
    parts: list[Part] = [Heading(_line(found.question)), Foot(f"{found.id} · {status} · {head}")]
    subjects = _subjects(events, words)
    for subject in (PROPOSALS, CRITIQUES, BALLOTS, ANSWER, TESTS, COST):
        parts += (part for part in subjects.get(subject, ()) if not isinstance(part, Heading))
    data = [event.model_dump(mode="json") for event in events]
    by_tab = _tabbed(subjects, words)
    return Post(tuple(parts), private=True, data=data, language=words.language, run=found.id, tabs=by_tab)


def tabs(events: Sequence[Event], words: Words = ENGLISH) -> dict[str, tuple[Part, ...]]:
    """Return what a journal holds by subject: the tabs of the details, in order, each of at least one part."""
    return _tabbed(_subjects(events, words), words)


def _tabbed(subjects: Mapping[str, Sequence[Part]], words: Words) -> dict[str, tuple[Part, ...]]:
    nothing: tuple[Part, ...] = (Foot(words("There is nothing of this here.")),)
    return {subject: tuple(parts) or nothing for subject, parts in subjects.items()}


def _subjects(events: Sequence[Event], words: Words) -> dict[str, list[Part]]:
    found = _told(events, words)
    written = "\n\n".join(part.markdown for part in found[ANSWER] if isinstance(part, Prose))
    copied: list[Part] = [Foot(words("The answer as it was written, to be copied:")), Prose(fenced(written))]
    return {**found, COPY: copied} if written else found


def _told(events: Sequence[Event], words: Words) -> dict[str, list[Part]]:
    said = [event.body for event in events]
    trials = [trial for trial in said if isinstance(trial, TestRun)]
    tests = {TESTS: [part for trial in trials for part in _trial(trial, words)]} if trials else {}
    if any(isinstance(each, Started | Done) for each in said):
        return {ANSWER: _task(events, words), **tests}
    return {
        ANSWER: _answer(said, words),
        PROPOSALS: [part for happening in said for part in _proposal(happening, words)],
        CRITIQUES: [
            Fold(words("Critique by {member}", member=c.member), c.text) for c in said if isinstance(c, Critique)
        ],
        BALLOTS: _count(said, words),
        COST: _costs(said, words),
        **tests,
    }


def _trial(trial: TestRun, words: Words) -> list[Part]:
    title = words("{subject}, round {round}", subject=trial.subject, round=trial.round)
    return [Foot(title), *tested([trial], words)]


def _task(events: Sequence[Event], words: Words) -> list[Part]:
    """Return what came of a task, without its buttons and with its files by their names alone."""
    board = fold(events, words)
    if board.done is None:
        return [Foot(words("It is not over yet."))]
    parts = ended(events[0].run, board.done, words, board.approval).parts
    named = (Foot(f"{p.name} · {words.size(len(p.content))}") if isinstance(p, Attached) else p for p in parts)
    return [part for part in named if not isinstance(part, Buttons)]


def calls_of(said: Sequence[Happening]) -> list[Call]:
    """Return every model call of a run."""
    calls: list[Call] = []
    for happening in said:
        match happening:
            case Proposal() | Critique() | Revision():
                calls.append(happening.call)
            case Ballot():
                calls += happening.calls
            case Absence(call=Call() as call):
                calls.append(call)
            case Answer():
                calls += happening.calls
            case _:
                pass
    return calls


def _proposal(happening: Happening, words: Words) -> list[Part]:
    match happening:
        case Proposal() as p:
            return [Fold(words("Proposal {label} by {member}", label=p.label, member=p.member), p.text)]
        case Revision() as r:
            title = words("Revision {label} by {member}, round {round}", label=r.label, member=r.member, round=r.round)
            return [Fold(title, r.text)]
        case Absence() as a if a.phase != "vote":
            return [_absence(a, words)]
        case _:
            return []


def _absence(a: Absence, words: Words) -> Foot:
    phase, reason, why = words(a.phase), words(a.reason), words.told(a.detail, a.sentence)
    text = "{member} was absent in {phase} ({reason}): {why}"
    return Foot(words(text, member=a.member, phase=phase, reason=reason, why=why))


def _count(said: Sequence[Happening], words: Words) -> list[Part]:
    """Return the count, what the losing side held, and every ballot."""
    ended = _ended(said)
    tally = ended.tally if ended else next((t for t in reversed(said) if isinstance(t, Tally)), None)
    parts: list[Part] = [bars(tally, words)] if tally else []
    if ended and ended.dissent:
        who = words.listed(ended.dissent.members)
        parts.append(Fold(words("Dissent: {who}", who=who), dissent_text(ended.dissent)))
    parts += voted([b for b in said if isinstance(b, Ballot)], tally, words)
    return parts + [_absence(a, words) for a in said if isinstance(a, Absence) and a.phase == "vote"]


def _answer(said: Sequence[Happening], words: Words) -> list[Part]:
    asked = next((a for a in said if isinstance(a, Asked)), None)
    parts: list[Part] = [Heading(_line(asked.question))] if asked else []
    if answer := _ended(said):
        parts.append(Prose(words.told(answer.text, answer.sentence)))
        parts += [Foot(origin(answer, words))] if answer.how != "none" else []
    else:
        parts.append(Foot(words("It is not over yet.")))
    for feedback in (f for f in said if isinstance(f, Feedback)):
        thumb = words("good") if feedback.good else words("bad")
        parts.append(Foot(" ".join((words("Feedback: {thumb}.", thumb=thumb), feedback.comment)).rstrip()))
    return parts


def _ended(said: Sequence[Happening]) -> Answer | None:
    return next((a for a in reversed(said) if isinstance(a, Answer)), None)


def _price(call: Call, words: Words) -> str:
    if call.cost is None:
        return words("unknown")
    return words("at most ${cost:.5f}", cost=call.cost) if call.bound else words("${cost:.5f}", cost=call.cost)


def _costs(said: Sequence[Happening], words: Words) -> list[Part]:
    rows = tuple(
        (
            call.member,
            words(call.phase),
            call.model,
            words("{n:.2f} s", n=call.seconds),
            f"{call.prompt_tokens} + {call.completion_tokens}",
            _price(call, words),
            str(call.retries),
            words(call.outcome),
        )
        for call in calls_of(said)
    )
    parts: list[Part] = [Table(tuple(words(name) for name in COSTS), rows)] if rows else []
    return parts + ([Foot(foot(answer.usage, words))] if (answer := _ended(said)) else [])


def _line(question: str) -> str:
    return " ".join(question.split())[:140]
