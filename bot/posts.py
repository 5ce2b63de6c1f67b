"""How every happening reads, or that it stays silent: from a run's events to the posts of its slots."""

from collections.abc import Sequence

from bot.board import Board, fold
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Lines, Part, Post, Prose, has_thread
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


def render(slot: str, events: Sequence[Event]) -> Post:
    """Return the post of a slot, from all events of its run so far."""
    board = fold(events)
    run = events[0].run
    if slot == QUESTION and board.asked:
        return Post((Prose(f"**{_name(board.asked.asker_name)}** asks: {board.asked.question}"),))
    if slot == ANSWER and board.answer:
        return answer(run, board.answer)
    return progress(run, board)


def progress(run: str, board: Board) -> Post:
    """Return the one moving message of a run: a line per member, and a way to stop."""
    parts: list[Part] = [Heading(board.heading)]
    if board.answer:
        parts.append(Foot(_seats(board)))
        return Post(tuple(parts))
    parts.append(Lines(tuple(board.lines.values())))
    why = board.asked.why if board.asked else ""
    if said := " · ".join(filter(None, (why, *board.notes[-3:]))):
        parts.append(Foot(said))
    parts.append(Buttons((Button("Stop", f"stop {run}", "danger"),)))
    return Post(tuple(parts))


def answer(run: str, said: Answer) -> Post:
    """Return what the asker gets: the answer, its tally, its dissent, its foot, and what can be done next."""
    parts: list[Part] = [Prose(said.text)]
    if said.how != "none":
        parts.append(Foot(origin(said)))
    if said.tally:
        parts.append(bars(said.tally))
    if said.dissent:
        parts.append(Fold(f"Dissent: {_listed(said.dissent.members)}", dissent_text(said.dissent)))
    if said.absences:
        parts.append(
            Foot("Absent: " + "; ".join(f"{a.member} in {a.phase} ({a.reason}): {a.detail}" for a in said.absences))
        )
    parts.append(Foot(foot(said.usage) + f" · {run}"))
    parts.append(Buttons(_next_steps(run, said)))
    return Post(tuple(parts), failed=said.status in (Status.FAILED, Status.NO_QUORUM))


def origin(said: Answer) -> str:
    """Say where the answer comes from, so that a synthesis never passes for a vote."""
    who = _listed(said.sources)
    return {
        "winner": f"The winning answer, by {who}.",
        "synthesis": f"A synthesis by the chair, drawing on {who}.",
        "solo": f"One model alone: {who}.",
        "sides": f"No agreement: both sides, held by {who}.",
        "none": "",
    }[said.how]


def bars(tally: Tally) -> Bars:
    """Return a tally as bars, longest first, with ties, saved calls and agreement in words."""
    top = max((s.score for s in tally.standings), default=0.0) or 1.0
    return Bars(
        caption(tally),
        tuple(
            Bar(
                label=f"{s.label} · {_listed(s.members)}",
                share=max(0.0, s.score / top),
                figure=_figure(s, tally.rule),
                mark="winner" if s.label == tally.winner else "",
            )
            for s in tally.standings
        ),
    )


def caption(tally: Tally) -> str:
    """Return the line above the bars: rule, votes, tie, agreement, what early stop saved."""
    said = [f"{tally.rule}: {tally.voters} of {tally.eligible} voted"]
    if tally.tie:
        said.append(f"a tie, broken by {tally.tie_broken_by}" if tally.tie_broken_by else "a tie")
    if tally.agreement:
        said.append(f"agreement {tally.agreement.value:.2f} ({tally.agreement.measure})")
    if tally.saved_calls:
        certainty = "the rest could not change it" if tally.exact else "stopped at the stated certainty"
        said.append(f"{tally.saved_calls} calls saved, {certainty}")
    return " · ".join(said)


def dissent_text(dissent: Dissent) -> str:
    """Return what the strongest losing side held, and why."""
    reasons = "".join(f"\n- {reason}" for reason in dissent.reasons)
    return f"{dissent.text}{chr(10) + reasons if reasons else ''}"


def foot(usage: Usage) -> str:
    """Return what the run took: `3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s`."""
    cost = "price unknown" if usage.cost is None else f"${usage.cost:.4f}"
    return (
        f"{_count(usage.models, 'model')}, {_count(usage.calls, 'call')}, {usage.tokens:,} tokens, "
        f"{cost}, {usage.seconds:.1f} s"
    )


def _next_steps(run: str, said: Answer) -> tuple[Button, ...]:
    good = (
        Button("Good", f"feedback {run} --good"),
        Button("Bad", f"feedback {run} --bad"),
    )
    details = (Button("Details", f"show {run}"), Button("Again", f"again {run}"))
    return details + good if said.how != "none" else details


def _figure(standing: Standing, rule: str) -> str:
    unit = "votes" if rule in ("plurality", "approval", "irv") else "points"
    return f"{standing.score:g} {unit if standing.score != 1 else unit[:-1]}"


def _seats(board: Board) -> str:
    seats = board.asked.seats if board.asked else ()
    return ", ".join(f"{seat.member} ({seat.model})" for seat in seats)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _name(name: str) -> str:
    return name.replace("*", "") or "Someone"
