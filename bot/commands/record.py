"""A past collaboration, whole: everything that was said, counted and spent."""

from collections.abc import Sequence

from bot.posts import bars, dissent_text, foot, origin
from bot.shapes import Bars, Fold, Foot, Heading, Part, Post, Prose, Table
from core.entities import Collaboration
from core.events import Absence, Answer, Ballot, Call, Critique, Event, Feedback, Happening, Proposal, Revision, Tally


def record(found: Collaboration, events: Sequence[Event]) -> Post:
    """Return the post of a collaboration, from its journal."""
    said = [event.body for event in events]
    head = f"{found.id} · {found.status.value} · asked by {found.asker_name} · committee {found.committee}"
    parts: list[Part] = [Heading(" ".join(found.question.split())[:140]), Foot(head)]
    for happening in said:
        parts += _part(happening)
    parts += _ballots([b for b in said if isinstance(b, Ballot)])
    parts += _end(said)
    parts += _costs(calls_of(said))
    return Post(tuple(parts), private=True, data=[event.model_dump(mode="json") for event in events])


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
            case _:
                pass
    return calls


def _part(happening: Happening) -> list[Part]:
    match happening:
        case Proposal() as p:
            return [Fold(f"Proposal {p.label} by {p.member}", p.text)]
        case Critique() as c:
            return [Fold(f"Critique by {c.member}", c.text)]
        case Revision() as r:
            return [Fold(f"Revision {r.label} by {r.member}, round {r.round}", r.text)]
        case Absence() as a:
            return [Foot(f"{a.member} was absent in {a.phase} ({a.reason}): {a.detail}")]
        case Feedback() as f:
            return [Foot(f"Feedback: {'good' if f.good else 'bad'}. {f.comment}")]
        case _:
            return []


def _ballots(ballots: Sequence[Ballot]) -> list[Part]:
    if not ballots:
        return []
    rows = tuple((b.member, _choice(b), f"{b.confidence:.0%}", " ".join(b.reason.split())) for b in ballots)
    return [Table(("voter", "ballot", "confidence", "reason"), rows)]


def _choice(ballot: Ballot) -> str:
    if ballot.scores:
        return ", ".join(f"{label}: {score:g}" for label, score in sorted(ballot.scores.items(), key=lambda p: -p[1]))
    return " > ".join(" = ".join(tied) for tied in ballot.ranking)


def _end(said: Sequence[Happening]) -> list[Part]:
    answer = next((a for a in reversed(said) if isinstance(a, Answer)), None)
    if not answer:
        counted: list[Bars] = [bars(t) for t in said if isinstance(t, Tally)]
        return [*counted, Foot("It is not over yet.")]
    parts: list[Part] = [bars(answer.tally)] if answer.tally else []
    parts += [Foot(origin(answer)), Prose(answer.text)]
    if answer.dissent:
        parts.append(Fold(f"Dissent: {', '.join(answer.dissent.members)}", dissent_text(answer.dissent)))
    return [*parts, Foot(foot(answer.usage))]


def _costs(calls: Sequence[Call]) -> list[Part]:
    rows = tuple(
        (
            call.member,
            call.phase,
            call.model,
            f"{call.seconds:.2f} s",
            f"{call.prompt_tokens} + {call.completion_tokens}",
            "unknown" if call.cost is None else f"${call.cost:.5f}",
            str(call.retries),
            call.outcome,
        )
        for call in calls
    )
    columns = ("member", "phase", "model", "time", "tokens", "cost", "retries", "outcome")
    return [Table(columns, rows)] if rows else []
