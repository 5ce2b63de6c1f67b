"""The end of a deliberation: the winner, the chair's synthesis, one model alone, or both sides without a winner."""

import re
from statistics import median
from typing import Literal

from core.committee.estimates import estimates, outlier
from core.committee.floor import ask_all
from core.committee.patterns import Phase
from core.committee.reading import Places, answers_for, ask_for, vote_so_far
from core.committee.replies import Ask, Reply
from core.committee.roles import chair_of
from core.committee.room import Room, Standpoint
from core.committee.tally import dissent
from core.entities import Status
from core.events import Answer, Dissent, Note, PhaseStarted
from core.sentences import joined, said

ANSWER = Phase(name="answer", act="propose", prompt="synthesise")
SOURCES = re.compile(r"[ \t>#*_-]{0,20}sources?[*_ \t]{0,9}:", re.IGNORECASE)
BARE = re.compile(r"[*_]{0,3}answer[*_]{0,3}:[*_]{0,3}[ \t]*(\S.*)", re.IGNORECASE)
How = Literal["winner", "synthesis", "solo", "sides", "none"]


async def answer(room: Room) -> Answer:
    """Return the answer that the pattern asks for, and keep the dissent."""
    if room.pattern.answer == "solo":
        alone = next(iter(room.said.answers.values()))
        return _answered(room, bare(alone.text), "solo", (alone.member,))
    kept = await _dissent(room)
    if room.said.tally is None or room.said.tally.winner is None:
        return _sides(room, kept)
    if room.pattern.vote == "median":
        return _median(room, kept)
    if room.pattern.answer == "synthesis" and (made := await _synthesis(room)):
        return _answered(room, made[0], "synthesis", made[1], kept)
    winner = _stand(room, room.said.tally.winner)
    return _answered(room, bare(winner.text), "winner", room.said.tally.standings[0].members, kept)


def bare(text: str) -> str:
    """Return an answer that is nothing but its line `Answer: …` without the word before the colon."""
    line = BARE.fullmatch(text.strip())
    return line[1] if line else text


async def _dissent(room: Room) -> Dissent | None:
    said = room.said
    if said.tally is None:
        return None
    kept = outlier(room) if said.tally.rule == "median" else dissent(said.tally, said.ballots, said.candidates)
    if kept:
        await room.tell("dissent", kept)
    return kept


def _answered(room: Room, text: str, how: How, sources: tuple[str, ...], kept: Dissent | None = None) -> Answer:
    return Answer(
        status=Status.ANSWERED,
        text=text,
        how=how,
        sources=sources,
        tally=room.said.tally,
        dissent=kept,
        absences=tuple(room.said.absences),
        calls=tuple(room.said.untold),
        usage=room.tools.budget.usage(),
    )


def _stand(room: Room, label: str) -> Standpoint:
    """Return the whole answer behind a winning label: of those who gave it, the heaviest vote's, then the first's."""
    members = next(candidate.members for candidate in room.said.candidates if candidate.label == label)
    weight = {member.name: member.weight for member in room.committee.seated}
    return room.said.answers[max(members, key=lambda member: weight[member])]


def _median(room: Room, kept: Dissent | None) -> Answer:
    """Return the median, the range, and the reasons of whoever is nearest to it."""
    values, spread = estimates(room), room.said.spread
    tally = room.said.tally
    nearest = _stand(room, tally.winner) if tally and tally.winner else next(iter(room.said.answers.values()))
    low, high = min(values.values()), max(values.values())
    found = said(
        "**{median:g}** is the median of {count} estimates, from {low:g} to {high:g}.",
        median=median(values.values()),
        count=len(values),
        low=low,
        high=high,
    )
    moving = spread is not None and not spread.settled
    state = [said("The estimates had not settled when the rounds were over.")] if moving else []
    beginning = joined([found, *state])
    answer = _answered(room, f"{beginning}\n\n{nearest.text}", "winner", tuple(values), kept)
    return answer.but(sentence=beginning)


def _sides(room: Room, kept: Dissent | None) -> Answer:
    """Return both sides rather than a false winner."""
    standings = room.said.tally.standings if room.said.tally else ()
    two = [standing for standing in standings if kept is None or standing.label in (standings[0].label, kept.label)][:2]
    parts = [f"**{', '.join(side.members)}:**\n\n{_stand(room, side.label).text}" for side in two]
    divided = said("No agreement: the committee is divided, and another round did not bring it together.")
    return Answer(
        status=Status.DISAGREED,
        text="\n\n".join([str(divided), *parts]),
        sentence=divided,
        how="sides",
        sources=tuple(member for side in two for member in side.members),
        tally=room.said.tally,
        dissent=kept,
        absences=tuple(room.said.absences),
        calls=tuple(room.said.untold),
        usage=room.tools.budget.usage(),
    )


async def _synthesis(room: Room) -> tuple[str, tuple[str, ...]] | None:
    """Have the chair write one answer; `None`, and a note, where it cannot, so that the winner stands in."""
    chair = chair_of(room.committee)
    await room.tell("phase:answer:1", PhaseStarted(phase=ANSWER.name, members=(chair.name,)))
    places: Places = {"answers": lambda: answers_for(room, chair, 1), "standing": lambda: vote_so_far(room)}
    (reply,) = await ask_all(room, [ask_for(room, ANSWER, 1, chair, places)], 1, _unheard)
    if not reply.good:
        why = reply.absence.sentence if reply.absence and reply.absence.sentence else said("")
        told = said("The chair wrote no answer, so the winning one stands. {why}", why=why)
        await room.tell("note:synthesis", Note(text=str(told), sentence=told))
        return None
    room.said.untold.extend(reply.calls)
    return named_sources(room, reply.shown)


async def _unheard(ask: Ask, reply: Reply) -> None:
    """Say nothing of the chair's text by itself: it becomes the answer."""


def named_sources(room: Room, text: str) -> tuple[str, tuple[str, ...]]:
    """Split a synthesis into its text and the members whose answers it names; all that it read where it names none."""
    lines = text.splitlines()
    at = next((at for at in reversed(range(len(lines))) if SOURCES.match(lines[at])), None)
    by_label = {stand.label: stand.member for stand in room.said.answers.values()}
    named = [] if at is None else re.findall(r"\b[A-Z]{1,2}\b", lines[at].partition(":")[2])
    sources = tuple(dict.fromkeys(by_label[label] for label in named if label in by_label))
    body = text if at is None else "\n".join(lines[:at] + lines[at + 1 :]).strip()
    return body or text, sources or tuple(by_label.values())
