"""How every happening reads, or that it stays silent: from a run's events to the posts of its slots."""

from collections.abc import Sequence

from bot.board import Board, fold
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Lines, Part, Post, Prose, has_thread
from bot.words import Words, key
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
    Standing,
    Tally,
    Usage,
)

QUESTION, PROGRESS, ANSWER = "question", "progress", "answer"
"""The slots of a run: posts with the same slot replace each other."""


def slots(event: Event) -> tuple[str, ...]:
    """Return the slots that an event changes; none where it stays silent."""
    match event.body:
        case Asked():
            return (PROGRESS,) if has_thread(event.address) else (QUESTION, PROGRESS)
        case PhaseStarted() | Proposal() | Critique() | Revision() | Ballot() | Absence() | Spread() | Note():
            return (PROGRESS,)
        case Answer():
            return (PROGRESS, ANSWER)
        case Tally() | Dissent() | Feedback():
            return ()  # they stand in the answer; feedback is answered to the person who gave it


def render(slot: str, events: Sequence[Event], words: Words) -> Post:
    """Return the post of a slot, from all events of its run so far."""
    board = fold(events, words)
    run = events[0].run
    if slot == QUESTION and board.asked:
        name = _name(board.asked.asker_name) or words("Someone")
        asks = words("**{name}** asks: {question}", name=name, question=board.asked.question)
        return Post((Prose(asks),), language=words.language)
    if slot == ANSWER and board.answer:
        return answer(run, board.answer, words)
    return progress(run, board)


def progress(run: str, board: Board) -> Post:
    """Return the one moving message of a run: a line per member, and a way to stop."""
    words = board.words
    parts: list[Part] = [Heading(board.heading)]
    if board.answer:
        parts.append(Foot(_seats(board)))
        return Post(tuple(parts), state=board.answer.status, language=words.language)
    parts.append(Lines(tuple(board.lines.values()), tuple(board.steps.values())))
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
    parts.append(Foot(foot(said.usage, words) + f" · {run}"))
    parts.append(Buttons(_next_steps(run, said, words)))
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


def bars(tally: Tally, words: Words) -> Bars:
    """Return a tally as bars, longest first, with ties, saved calls and agreement in words."""
    top = max((s.score for s in tally.standings), default=0.0) or 1.0
    return Bars(
        caption(tally, words),
        tuple(
            Bar(
                label=f"{s.label} · {words.listed(s.members)}",
                share=max(0.0, s.score / top),
                figure=_figure(s, tally.rule, words),
                mark="winner" if s.label == tally.winner else "",
            )
            for s in tally.standings
        ),
    )


def caption(tally: Tally, words: Words) -> str:
    """Return the line above the bars: rule, votes, tie, agreement, what early stop saved."""
    rule, voters, eligible = words(tally.rule), tally.voters, tally.eligible
    said = [words("{rule}: {voters} of {eligible} voted", rule=rule, voters=voters, eligible=eligible)]
    if tally.tie:
        by = tally.tie_broken_by
        said.append(words("a tie, broken by {rule}", rule=words(by)) if by else words("a tie"))
    if tally.agreement:
        value, measure = tally.agreement.value, words(tally.agreement.measure)
        said.append(words("agreement {value:.2f} ({measure})", value=value, measure=measure))
    if tally.saved_calls:
        why = words(CERTAIN if tally.exact else LIKELY)
        said.append(words.some(tally.saved_calls, "{count} call saved: {why}", "{count} calls saved: {why}", why=why))
    return " · ".join(said)


CERTAIN = key("the remaining votes could not have changed it")
LIKELY = key("stopped once the winner was likely enough")


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
            words("price unknown") if usage.cost is None else words("${cost:.4f}", cost=usage.cost),
            words("{seconds:.1f} s", seconds=usage.seconds),
        )
    )


def _next_steps(run: str, said: Answer, words: Words) -> tuple[Button, ...]:
    good = (
        Button(words("Good"), f"feedback {run} --good"),
        Button(words("Bad"), f"feedback {run} --bad"),
    )
    details = (
        Button(words("Details"), f"show {run}"),
        Button(words("Again"), f"again {run}"),
        Button(words("Again with…"), f"again {run} --choose"),
    )
    return details + good if said.how != "none" else details


def _figure(standing: Standing, rule: str, words: Words) -> str:
    score = standing.score
    if rule in ("plurality", "approval", "irv"):
        return words("{score:g} vote", score=score) if score == 1 else words("{score:g} votes", score=score)
    return words("{score:g} point", score=score) if score == 1 else words("{score:g} points", score=score)


def _seats(board: Board) -> str:
    seats = board.asked.seats if board.asked else ()
    return ", ".join(f"{seat.member} ({seat.model})" for seat in seats)


def _name(name: str) -> str:
    return name.replace("*", "")
