"""Whether enough members gave something for a decision to mean anything, and what to say if not."""

from collections.abc import Iterable

from core.committee.committee import Member
from core.committee.patterns import Phase
from core.committee.room import Room
from core.errors import NoQuorum
from core.sentences import joined, said

ADVICE = {
    "timeout": said("Give the members more time (`timeout`), or seat faster models."),
    "late": said("Raise the committee's `grace`, or seat faster models."),
    "budget": said("Raise the budget, or wait until the day's limit starts anew."),
    "garbage": said("Seat models that keep to the form asked for, or choose the pattern solo."),
    "refused": said("Put the question differently, or seat other models."),
    "error": said("`dexter doctor` says what is wrong with the provider; or seat other models."),
}


def require(room: Room, phase: Phase, came: Iterable[Member], asked: int) -> None:
    """Raise `NoQuorum` where fewer came than the quorum; the sentence says who is missing, why, and what to do."""
    got, need = len(list(came)), room.need(phase, asked)
    if got >= need:
        return
    missing = [absence for absence in room.said.absences if absence.phase == phase.name]
    reasons = [absence.reason for absence in missing]
    told = {absence.detail: absence.sentence or said(absence.detail) for absence in missing}
    advice = ADVICE.get(max(reasons, key=reasons.count, default="error"), ADVICE["error"])
    raise NoQuorum(
        "No quorum: {got} of {asked} members gave something in the phase {phase}, and {need} are needed. {why}",
        got=got,
        asked=asked,
        phase=said(phase.name),
        need=need,
        why=joined([*told.values(), advice]),
    )
