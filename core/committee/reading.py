"""What one member reads: the question and what the others wrote, fenced, shuffled for this reader, and cut to size."""

import random
from collections.abc import Callable, Mapping, Sequence

from core.committee.committee import Member
from core.committee.papers import CHARACTERS, papers, reads
from core.committee.patterns import Phase
from core.committee.pictures import pictures
from core.committee.prompts import clip, fence, mark_for
from core.committee.replies import Ask
from core.committee.room import Room

SHELF = 6
"""All answers together may be this many times as long: with more of them, each is cut shorter."""

Texts = Sequence[tuple[str, str]]
"""Title and text."""
Places = Mapping[str, Callable[[], str | Texts]]
"""What could be shown; only what the prompt has a place for is made."""


def ask_for(room: Room, phase: Phase, round: int, member: Member, places: Places) -> Ask:
    """Return the ask of a member in a phase. Places that hold texts are fenced; a plain string is Dexter's own words.

    A reader is shown as much of each answer as it may itself write, so that a small model is not drowned.
    """
    prompt = phase.prompt or phase.act
    shown = {place: places[place]() for place in room.tools.prompts.uses(prompt) if place in places}
    system, user = room.tools.prompts.render(prompt, _fill(room, member, shown))
    return Ask(
        key=f"{phase.name}:{round}:{member.name}",
        member=member,
        phase=phase.name,
        messages=(system, user.but(images=pictures(room.collaboration.context))),
        max_tokens=member.max_tokens,
    )


def _fill(room: Room, member: Member, places: Mapping[str, str | Texts]) -> dict[str, str]:
    size = CHARACTERS * member.max_tokens
    asked = room.collaboration
    question = [("question", asked.question), *papers(asked.context, member)]
    every = {"question": question, **places}
    texts = [word for value in every.values() if not isinstance(value, str) for pair in value for word in pair]
    mark = mark_for(room.run, member.name, texts)
    whole = len(asked.question) + reads(member)
    filled = {
        place: value if isinstance(value, str) else _fenced(mark, value, whole if place == "question" else size)
        for place, value in every.items()
    }
    return {
        "name": member.name,
        "role": _role(member),
        "persona": member.persona,
        "mark": mark,
        "words": str(max(20, member.max_tokens // 2)),
        "brief": room.brief(member),
        **filled,
    }


def _role(member: Member) -> str:
    return f"the {member.role}" if member.role else "a member"


def _fenced(mark: str, texts: Texts, size: int) -> str:
    size = min(size, size * SHELF // max(1, len(texts)))
    return "\n".join(fence(mark, title, clip(text, size)) for title, text in texts)


def answers_for(room: Room, member: Member, round: int) -> Texts:
    """Return all answers under their labels, the reader's own among them unmarked, in an order of this reader's own."""
    return _shuffled(room, member, round, [(f"answer {a.label}", a.text) for a in room.said.answers.values()])


def others_for(room: Room, member: Member, round: int) -> Texts:
    """Return the answers that are not the reader's, for patterns in which it defends its own."""
    others = [(f"answer {a.label}", a.text) for a in room.said.answers.values() if a.member != member.name]
    return _shuffled(room, member, round, others)


def remarks_for(room: Room, member: Member, round: int) -> Texts:
    """Return the others' remarks, without names."""
    return _shuffled(room, member, round, [("remark", text) for who, text in room.said.remarks if who != member.name])


def _shuffled(room: Room, member: Member, round: int, texts: list[tuple[str, str]]) -> Texts:
    random.Random(f"{room.run}:{member.name}:{round}").shuffle(texts)
    return texts


def vote_so_far(room: Room) -> str:
    """Return the last count in one line, under labels."""
    tally = room.said.tally
    if tally is None:
        return "there was none yet."
    return ", ".join(f"answer {s.label} {s.score:g}" for s in tally.standings) + f" ({tally.rule})."
