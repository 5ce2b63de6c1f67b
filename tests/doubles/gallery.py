"""A small run and its posts, one of each kind that a chat shows, for golden files and pictures."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.commands.past import listing
from bot.commands.record import record
from bot.posts import render
from bot.shapes import Post, plain
from bot.words import ENGLISH, words_for
from core.entities import Collaboration, Status
from core.events import (
    Absence,
    Agreement,
    Answer,
    Asked,
    Ballot,
    Critique,
    Dissent,
    Event,
    Feedback,
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
from tests.doubles.gallery_calls import call
from tests.doubles.skill_gallery import POSTS as SKILL_POSTS

RUN, TENANT, ADDRESS = "k3f9x2mqabcd", "slack:T1", "slack:T1:C1:169.1"
WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
QUESTION = "Should we move the nightly reports from cron to our job queue?"

ANSWER_TEXT = """Move them, **one report at a time**, and keep cron as a fallback for two weeks.

1. Start with the report that fails most: the queue retries it, cron does not.
2. Give each job an *idempotency key*, or a retry mails the same report twice.
3. Alert on the queue's **oldest waiting job**, not on its length.

```python
@queue.task(retries=3, key=lambda day: f"report:{day}")
def nightly(day: date) -> None: ...
```

The queue's own guide on periodic work: https://docs.example.com/periodic"""


SEATS = tuple(
    Seat(member=member, role=role, model=model)
    for member, role, model in (
        ("Analyst", "weighs costs", "openai/gpt-5-mini"),
        ("Engineer", "knows what breaks", "anthropic/claude-haiku"),
        ("Skeptic", "looks for the flaw", "local/qwen2.5-1.5b"),
    )
)
NAMES = tuple(seat.member for seat in SEATS)
ABSENT = Absence(member="Skeptic", phase="vote", reason="timeout", detail="It did not answer within 60 s.")
TALLY = Tally(
    rule="borda",
    standings=(
        Standing(label="A", members=("Analyst",), text="Move them one at a time.", score=2.5, first_votes=1),
        Standing(label="C", members=("Skeptic",), text="Rewrite the reports first.", score=2, first_votes=1),
        Standing(label="B", members=("Engineer",), text="Stay with cron.", score=1.5),
    ),
    winner="A",
    margin=0.5,
    voters=2,
    eligible=3,
    agreement=Agreement(measure="Kendall's W", value=1.0),
    own_votes=False,
)
"""As `tally` counts the ballots below: a test says so."""
DISSENT = Dissent(
    members=("Engineer",),
    label="B",
    text="Stay with cron: it has run for **six years**, and the queue is a second thing to keep alive at night.",
    reasons=("Nobody is on call for the queue.", "A missed report is noticed in the morning anyway."),
    votes=1,
)
USAGE = Usage(models=3, calls=11, tokens=9020, cost=0.0044, seconds=14.2)
ANSWER = Answer(
    status=Status.ANSWERED, text=ANSWER_TEXT, how="synthesis", sources=("Analyst", "Engineer"), tally=TALLY,
    dissent=DISSENT, absences=(ABSENT,), usage=USAGE, calls=(call("Analyst", "answer"),),
)  # fmt: skip

SAID: tuple[tuple[str, Happening], ...] = (
    ("asked", Asked(question=QUESTION, asker_name="Ada Lovelace", asker="slack:U1", committee="default",
                    pattern="chair", seats=SEATS, phases=("propose", "critique", "vote", "answer"),
                    why="it weighs a decision")),
    ("phase:propose:1", PhaseStarted(phase="propose", members=NAMES)),
    ("propose:1:a", Proposal(member="Analyst", label="A", text="Move them **one at a time**.",
                             call=call("Analyst", "propose"))),
    ("propose:1:b", Proposal(member="Engineer", label="B", text="Stay with cron.", call=call("Engineer", "propose"))),
    ("propose:1:c", Proposal(member="Skeptic", label="C", text="Rewrite the reports first.",
                             call=call("Skeptic", "propose"))),
    ("phase:critique:1", PhaseStarted(phase="critique", members=NAMES)),
    ("critique:1:a", Critique(member="Analyst", text="B ignores what a failed night costs.",
                              call=call("Analyst", "critique"))),
    ("critique:1:c", Critique(member="Skeptic", text="A moves the fault, it does not mend it.",
                              call=call("Skeptic", "critique"))),
    ("revise:1:b", Revision(member="Engineer", label="B", text="Stay with cron, and add an alert.",
                            call=call("Engineer", "revise"))),
    ("spread:1", Spread(round=1, median=4.0, low=3.0, high=6.0, settled=False)),
    ("note:1", Note(text="Two proposals were equal and count as one.")),
    ("phase:vote:1", PhaseStarted(phase="vote", members=NAMES)),
    ("vote:1:a", Ballot(member="Analyst", ranking=(("A",), ("C",), ("B",)), confidence=0.8, reason="cheapest to undo",
                        calls=(call("Analyst", "vote"),))),
    ("vote:1:b", Ballot(member="Engineer", ranking=(("B",), ("A",), ("C",)), confidence=0.6, reason="it works today",
                        calls=(call("Engineer", "vote"),))),
    ("absent:vote:c", ABSENT),
    ("tally", TALLY),
    ("dissent", DISSENT),
    ("phase:answer:1", PhaseStarted(phase="answer", members=("Analyst",))),
    ("answer", ANSWER),
    ("feedback", Feedback(person="slack:U1", good=True, comment="clear")),
)  # fmt: skip


def events(until: str = "feedback") -> list[Event]:
    """Return the run's events up to and with the one of key `until`."""
    keys = [key for key, _ in SAID]
    return [
        Event(key=key, run=RUN, tenant=TENANT, address=ADDRESS, at=WHEN, body=body)
        for key, body in SAID[: keys.index(until) + 1]
    ]


RUN_EVENTS = events()
PAST = Collaboration(
    id=RUN, tenant=TENANT, asker="slack:U1", asker_name="Ada Lovelace", address=ADDRESS, question=QUESTION,
    status=Status.ANSWERED, created_at=WHEN, answer=ANSWER_TEXT,
)  # fmt: skip


def ending(**changes: object) -> list[Event]:
    """Return the run with another end."""
    return [e.but(body=ANSWER.but(**changes)) if e.key == "answer" else e for e in events("answer")]


NOTHING: dict[str, object] = {"tally": None, "dissent": None, "absences": (), "how": "none", "sources": ()}
POSTS: Mapping[str, Post] = {
    "question": render("question", events("asked"), ENGLISH),
    **{
        f"progress_{key.partition(':')[0]}_{n:02}": render("progress", events(key), ENGLISH)
        for n, (key, _) in enumerate(SAID)
        if key not in ("feedback", "tally", "dissent")
    },
    "answer": render("answer", RUN_EVENTS, ENGLISH),
    "answer_german": render("answer", RUN_EVENTS, words_for("de")),
    "answer_alone": render(
        "answer", ending(how="solo", tally=None, dissent=None, absences=(), sources=("Analyst",)), ENGLISH
    ),
    "answer_disagreed": render(
        "answer", ending(how="sides", status=Status.DISAGREED, tally=TALLY.but(winner=None, tie=True)), ENGLISH
    ),
    "answer_failed": render(
        "answer",
        ending(**NOTHING, status=Status.FAILED, text="No model answered: start one, or check its key."),
        ENGLISH,
    ),
    "record": record(PAST, RUN_EVENTS),
    "listing": listing("The last questions", [PAST], ENGLISH),
    **SKILL_POSTS,
    "refusal": plain("There is no question in that. Type it behind `ask`.", private=True, failed=True),
}
