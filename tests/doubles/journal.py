"""Events of a small run, for tests of what is shown."""

from core.entities import Status, now
from core.events import (
    Absence,
    Agreement,
    Answer,
    Asked,
    Ballot,
    Call,
    Critique,
    Dissent,
    Event,
    Happening,
    Note,
    PhaseStarted,
    Proposal,
    Revision,
    Seat,
    Spread,
    Standing,
    Tally,
    Usage,
)

RUN, TENANT, ADDRESS = "k3f9x2mqabcd", "slack:T1", "slack:T1:C1:169.1"


def call(member: str = "analyst", phase: str = "propose", cost: float | None = 0.001) -> Call:
    return Call(
        member=member, phase=phase, model="scripted/a", provider="scripted", seconds=1.5, prompt_tokens=100,
        completion_tokens=20, cost=cost,
    )  # fmt: skip


TALLY = Tally(
    rule="plurality",
    standings=(
        Standing(label="A", members=("analyst",), text="Yes, move.", score=2, first_votes=2),
        Standing(label="B", members=("engineer",), text="No, stay.", score=1, first_votes=1),
    ),
    winner="A",
    margin=1,
    voters=3,
    eligible=3,
    agreement=Agreement(measure="Kendall's W", value=0.44),
)
DISSENT = Dissent(members=("engineer",), label="B", text="No, stay.", reasons=("It works today.",), votes=1)
ABSENCE = Absence(member="creative", phase="vote", reason="timeout", detail="It did not answer within 60 s.")
USAGE = Usage(models=3, calls=9, tokens=4120, cost=0.0041, seconds=6.2)
ANSWER = Answer(
    status=Status.ANSWERED, text="Yes, move.", how="winner", sources=("analyst",), tally=TALLY, dissent=DISSENT,
    absences=(ABSENCE,), usage=USAGE,
)  # fmt: skip
SEATS = tuple(Seat(member=m, role=m, model="scripted/a") for m in ("analyst", "engineer", "creative"))

SAID: tuple[tuple[str, Happening], ...] = (
    ("asked", Asked(question="Should we move?", asker_name="Ann", committee="default", pattern="panel", seats=SEATS,
                    phases=("propose", "critique", "revise", "vote"), why="it weighs a decision")),
    ("phase:propose:1", PhaseStarted(phase="propose", members=("analyst", "engineer", "creative"))),
    ("propose:1:analyst", Proposal(member="analyst", label="A", text="Yes, move.", call=call())),
    ("propose:1:engineer", Proposal(member="engineer", label="B", text="No, stay.", call=call("engineer"))),
    ("critique:1:analyst", Critique(member="analyst", text="B ignores cost.", call=call(phase="critique"))),
    ("revise:1:engineer", Revision(member="engineer", label="B", text="No, stay.", call=call("engineer", "revise"))),
    ("spread:1", Spread(round=1, median=4.0, low=3.0, high=6.0, settled=False)),
    ("note:1", Note(text="The members disagree on cost; one more round.")),
    ("vote:1:analyst", Ballot(member="analyst", ranking=(("B",), ("A",)), confidence=0.7, reason="clear",
                              calls=(call(phase="vote"),))),
    ("absent:vote:creative", ABSENCE),
    ("tally", TALLY),
    ("dissent", DISSENT),
    ("answer", ANSWER),
)  # fmt: skip


def events(until: str = "answer", address: str = ADDRESS) -> list[Event]:
    """Return the run's events up to and with the one of key `until`."""
    found: list[Event] = []
    for key, body in SAID:
        found.append(Event(key=key, run=RUN, tenant=TENANT, address=address, at=now(), body=body))
        if key == until:
            break
    return found
