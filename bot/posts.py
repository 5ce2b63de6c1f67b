"""How every happening reads, or that it stays silent: from a run's events to the posts of its slots."""

from collections.abc import Sequence
from dataclasses import replace

from bot.board import Board, fold
from bot.report_posts import report_head
from bot.shapes import Button, Buttons, Fold, Foot, Heading, Lines, Part, Post, Prose, has_thread
from bot.skill_posts import after_draft, drafted_part, ended, trials_of, underway
from bot.tallies import bars
from bot.trials import typed
from bot.words import Words, key
from core.campaigns.moment import Moment
from core.entities import Status
from core.events import (
    Absence,
    Answer,
    Asked,
    Ballot,
    Critique,
    Dissent,
    Event,
    Feedback,
    Note,
    PhaseStarted,
    Proposal,
    Revision,
    Spread,
    Tally,
    Usage,
)
from core.skills.results import Approval, Done, Drafted, Started, TestRun

QUESTION, PROGRESS, ANSWER = "question", "progress", "answer"
"""The slots of a run: posts with the same slot replace each other."""


def slots(event: Event) -> tuple[str, ...]:
    """Return the slots that an event changes; none where it stays silent."""
    match event.body:
        case Asked() | Started():
            return (PROGRESS,) if has_thread(event.address) else (QUESTION, PROGRESS)
        case (
            PhaseStarted() | Proposal() | Critique() | Revision() | Ballot() | Absence() | Spread() | Note() | TestRun()
        ):
            return (PROGRESS,)
        case Done() as done if done.report and not has_thread(event.address):
            return (QUESTION, PROGRESS, ANSWER)
        case Answer() | Done():
            return (PROGRESS, ANSWER)
        case Approval():
            return (ANSWER,)
        case Moment():
            return (QUESTION, *filter(None, (event.body.slot,)))
        case Tally() | Dissent() | Feedback() | Drafted():
            return ()  # they stand in the answer; feedback is answered to the person who gave it


def render(slot: str, events: Sequence[Event], words: Words) -> Post:
    """Return the post of a slot, from all events of its run so far."""
    board = fold(events, words)
    run = events[0].run
    if slot == QUESTION and (first := _root(board)):
        return first
    if slot == ANSWER and board.answer:
        return answer(run, board.answer, words)
    if slot == ANSWER and board.done:
        return ended(run, board.done, words, board.approval)
    return underway(run, board) if board.started or board.done else progress(run, board)


def _root(board: Board) -> Post | None:
    """Return the post under which a run is told: who wants what, or the head of a report; and how it came about."""
    words = board.words
    note = next((each.note for each in (board.asked, board.started) if each and each.note), None)
    told = (Foot(words.say(note)),) if note else ()
    if board.done and board.done.report:
        head = report_head(board.done.report, words)
        return replace(head, parts=(*head.parts, *told))
    said = _wanted(board)
    return Post((Prose(said), *told), language=words.language) if said else None


def _wanted(board: Board) -> str:
    """Say who asks for what; nothing before that is known."""
    words = board.words
    if board.asked:
        name = _name(board.asked.asker_name, words)
        return words("**{name}** asks: {question}", name=name, question=board.asked.question)
    return typed(board.started, _name(board.started.asker_name, words), words) if board.started else ""


def progress(run: str, board: Board) -> Post:
    """Return the one moving message of a run: a line per member, and a way to stop."""
    words = board.words
    parts: list[Part] = [Heading(board.heading)]
    trials = trials_of(board)
    if board.answer:
        parts += [*trials, Foot(_seats(board))]
        return Post(tuple(parts), state=board.answer.status, language=words.language)
    parts.append(Lines(tuple(board.lines.values()), tuple(board.steps.values())))
    parts += trials
    why = words(board.asked.why) if board.asked else ""
    if said := " · ".join(filter(None, (why, *board.notes[-3:]))):
        parts.append(Foot(said))
    parts.append(Buttons((Button(words("Stop"), f"stop {run}", "danger"),)))
    state = Status.RUNNING if board.asked else Status.QUEUED
    asker = board.asked.asker if board.asked else ""
    return Post(tuple(parts), state=state, language=words.language, asker=asker)


def answer(run: str, said: Answer, words: Words) -> Post:
    """Return what the asker gets: the answer, its tally, its dissent, its foot, and what can be done next."""
    parts: list[Part] = [Prose(words.told(said.text, said.sentence), opens=f"show {run}")]
    if said.how != "none":
        parts.append(Foot(origin(said, words)))
    if said.tally:
        parts.append(bars(said.tally, words))
    if said.dissent:
        who = words.listed(said.dissent.members)
        parts.append(Fold(words("Dissent: {who}", who=who), dissent_text(said.dissent), opens=f"show {run}"))
    if said.absences:
        parts.append(Foot(words("Absent: {who}", who="; ".join(missing(a, words) for a in said.absences))))
    if said.drafted:
        parts.append(drafted_part(said.drafted, words))
    parts.append(Foot(foot(said.usage, words) + f" · {run}"))
    parts += _next_steps(run, said, words)
    failed = said.status in (Status.FAILED, Status.NO_QUORUM)
    return Post(tuple(parts), failed=failed, state=said.status, language=words.language)


def origin(said: Answer, words: Words) -> str:
    """Say where the answer comes from, so that a synthesis never passes for a vote."""
    return words(ORIGINS[said.how], who=words.listed(said.sources))


ORIGINS = {
    "winner": key("The winning answer, by {who}."),
    "synthesis": key("A synthesis by the chair, drawing on {who}."),
    "solo": key("One model alone: {who}."),
    "sides": key("No agreement: both sides, held by {who}."),
    "none": "",
}
"""How an answer came about, in words."""


def missing(absence: Absence, words: Words) -> str:
    """Say who was absent, where and why."""
    return words(
        "{member} in {phase} ({reason}): {why}",
        member=absence.member,
        phase=words(absence.phase),
        reason=words(absence.reason),
        why=words.told(absence.detail, absence.sentence),
    )


def dissent_text(dissent: Dissent) -> str:
    """Return what the strongest losing side held, and why."""
    reasons = "".join(f"\n- {reason}" for reason in dissent.reasons)
    return f"{dissent.text}{chr(10) + reasons if reasons else ''}"


def foot(usage: Usage, words: Words) -> str:
    """Return what the run took: `3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s`."""
    return ", ".join(
        (
            words.some(usage.models, "{count} model", "{count} models"),
            words.some(usage.calls, "{count} call", "{count} calls"),
            words.some(usage.tokens, "{count} token", "{count} tokens"),
            _price(usage, words),
            words("{seconds:.1f} s", seconds=usage.seconds),
        )
    )


def _price(usage: Usage, words: Words) -> str:
    if usage.cost is None:
        return words("price unknown")
    return words("at most ${cost:.4f}", cost=usage.cost) if usage.bound else words("${cost:.4f}", cost=usage.cost)


def _next_steps(run: str, said: Answer, words: Words) -> tuple[Buttons, ...]:
    details = (
        Button(words("Details"), f"show {run}", icon="🔍"),
        Button(words("Again"), f"again {run}", icon="🔁"),
        Button(words("Again with…"), f"again {run} --choose", icon="🔀"),
    )
    if said.how == "none":
        return (Buttons(details),)
    copy = Button(words("Copy"), f"show {run} --tab copy", icon="📋")
    good = Button(words("Good"), f"feedback {run} --good", icon="👍")
    thumbs = Buttons((good, Button(words("Bad"), f"feedback {run} --bad", icon="👎")))
    if said.drafted:
        return (after_draft(said.drafted, words), Buttons((copy, *details)), thumbs)
    skill = Button(words("Make this a skill"), f"skill draft --from {run}", icon="🧩")
    return (Buttons((copy, *details, skill)), thumbs)


def _seats(board: Board) -> str:
    seats = board.asked.seats if board.asked else ()
    return ", ".join(f"{seat.member} ({seat.model})" for seat in seats)


def _name(name: str, words: Words) -> str:
    return name.replace("*", "") or words("Someone")
