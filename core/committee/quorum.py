"""Whether enough members gave something for a decision to mean anything, and what to say if not."""

from collections.abc import Iterable

from core.committee.committee import Member
from core.committee.patterns import Phase
from core.committee.room import Room
from core.errors import NoQuorum

ADVICE = {
    "timeout": "Give the members more time (`timeout`), or seat faster models.",
    "late": "Raise the committee's `grace`, or seat faster models.",
    "budget": "Raise the budget, or wait until the day's limit starts anew.",
    "garbage": "Seat models that keep to the form asked for, or choose the pattern solo.",
    "refused": "Put the question differently, or seat other models.",
    "error": "Look with `dexter doctor` at what is wrong with the provider, or seat other models.",
}


def require(room: Room, phase: Phase, came: Iterable[Member], asked: int) -> None:
    """Raise `NoQuorum` where fewer came than the quorum; the sentence says who is missing, why, and what to do."""
    got, need = len(list(came)), room.need(phase, asked)
    if got >= need:
        return
    missing = [absence for absence in room.said.absences if absence.phase == phase.name]
    reasons = [absence.reason for absence in missing]
    told = " ".join(dict.fromkeys(absence.detail for absence in missing))
    advice = ADVICE.get(max(reasons, key=reasons.count, default="error"), ADVICE["error"])
    raise NoQuorum(
        f"No quorum: {got} of {asked} members gave something in the phase {phase.name}, and {need} are needed. "
        f"{told} {advice}".strip()
    )
