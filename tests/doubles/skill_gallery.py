"""What chats show of skills: a draft, tests, runs and a review, for golden files and pictures."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.posts import render
from bot.shapes import Post
from bot.words import ENGLISH, words_for
from core.entities import Status
from core.events import Answer, Asked, Event, Happening, PhaseStarted, Proposal, Seat, Usage
from core.sandbox import Outcome, Tier
from core.sentences import said
from core.skills.results import (
    Approval,
    Done,
    Drafted,
    Produced,
    Review,
    Started,
    TestResult,
    TestRun,
    Yield,
)
from core.skills.skill import Stage
from tests.doubles.gallery_calls import call

RUN, TENANT, ADDRESS = "q7wz3kdm5yhs", "slack:T1", "slack:T1:C1:170.1"
WHEN = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
SKILL, VERSION = "report-days", "0.1.0"
NAMES = ("test_weekends_are_left_out", "test_a_holiday_is_left_out", "test_the_last_day_counts", "test_no_days")
PIXEL = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()


def trial(label: str, outcomes: str, *, names: tuple[str, ...] = NAMES, round: int = 1) -> TestRun:
    """Return a trial from its outcomes, a letter each: passed, failed, error, skipped."""
    ended = {"p": "passed", "f": "failed", "e": "error", "s": "skipped"}
    ends = {"f": "assert 21 == 20", "e": "NameError: name 'date' is not defined"}
    results = tuple(
        TestResult(name=name, outcome=ended[letter], seconds=0.01 * at, output=ends.get(letter, ""))
        for at, (name, letter) in enumerate(zip(names, outcomes, strict=False))
    )
    return TestRun(subject=label, round=round, results=results, tier=Tier.GROUPED, seconds=0.8, coverage=0.93)


def told(*happened: Happening, run: str = RUN) -> list[Event]:
    """Return a run that said this."""
    return [
        Event(key=f"{at}", run=run, tenant=TENANT, address=ADDRESS, at=WHEN, body=body)
        for at, body in enumerate(happened)
    ]


SEATS = tuple(
    Seat(member=member, role="author", model=model)
    for member, model in (("Analyst", "openai/gpt-5-mini"), ("Engineer", "local/qwen2.5-coder-1.5b"))
)
ASKED = Asked(
    question="A program that counts the working days between two dates, without weekends and holidays",
    asker_name="Ada Lovelace",
    asker="slack:U1",
    committee="default",
    pattern="skill",
    seats=SEATS,
    phases=("propose", "test", "vote"),
)
DRAFT: tuple[Happening, ...] = (
    ASKED,
    PhaseStarted(phase="propose", members=("Analyst", "Engineer")),
    Proposal(member="Analyst", label="A", text="def run(start, end): …", call=call("Analyst", "propose")),
    Proposal(member="Engineer", label="B", text="def run(start, end): …", call=call("Engineer", "propose")),
    trial("A", "ppfp"),
    trial("B", "pepe"),
)
DRAFTED = Drafted(
    skill=SKILL, version=VERSION, stage=Stage.DRAFT, content="c" * 64, label="A", members=("Analyst",)
)  # fmt: skip
ANSWER = Answer(
    status=Status.ANSWERED,
    text="`report-days` counts the working days between two dates, both included.",
    how="winner",
    sources=("Analyst",),
    drafted=DRAFTED,
    usage=Usage(models=2, calls=9, tokens=8240, cost=0.0031, seconds=31.4),
)
MANY = tuple(f"tests/test_main.py::test_case_{n:02}" for n in range(1, 10))
REVIEW = Review(
    before="0.0.9",
    content="c" * 64,
    permissions=("network:holidays.example.com", "secret:HOLIDAY_KEY"),
    added=("network:holidays.example.com",),
    lines=(
        "--- scripts/main.py",
        "+++ scripts/main.py",
        "@@ -1,2 +1,2 @@",
        "-    return 20",
        "+    return count(days)",
    ),
)


def started(task: str) -> Started:
    """Return how a task of a kind begins."""
    return Started(task=task, skill=SKILL, version=VERSION, asker="slack:U1", asker_name="Ada Lovelace")


def done(task: str, text: str = "", **more: object) -> Done:
    """Return how a task of a kind ends."""
    return Done(task=task, skill=SKILL, version=VERSION, status=Status.DONE, text=text).but(**more)


def gave(**what: object) -> Done:
    """Return the end of a run that gave something."""
    took = Produced(outcome=Outcome.EXITED, seconds=0.42, memory=31_400_000, tier=Tier.GROUPED)
    return done("run", "report-days 0.1.0 is done.", produced=took.but(**what))


ROWS = [{"month": "January", "days": 21}, {"month": "February", "days": 20}, {"month": "March", "days": 22}]
CHART = Yield(name="days.png", media="image/png", data=PIXEL)
SHEET = Yield(name="days.csv", media="text/csv", data=base64.b64encode(b"month,days\nJanuary,21\n").decode())
PROMOTED = done("promote", "All tests passed in each of 2 fresh runs: 4.", passed=True, review=REVIEW,
                tests=(trial(f"{SKILL} {VERSION}", "pppp"), trial(f"{SKILL} {VERSION}", "pppp", round=2)))  # fmt: skip
YES = Approval(person="slack:U2", person_name="Grace Hopper", yes=True, what="promote report-days 0.1.0")
SLOW = said("It took longer than {seconds:g} s and was stopped.", seconds=60.0)
LATE = {"outcome": Outcome.TIMED_OUT, "problem": SLOW, "output": "still counting", "value": None}

POSTS: Mapping[str, Post] = {
    "skill_draft_progress": render("progress", told(*DRAFT), ENGLISH),
    "skill_draft_many_tests": render(
        "progress", told(*DRAFT[:4], trial("A", "ppfpppppp", names=MANY), trial("B", "eefpspppp", names=MANY)), ENGLISH
    ),
    "skill_draft_done": render("progress", told(*DRAFT, ANSWER), ENGLISH),
    "skill_draft_answer": render("answer", told(*DRAFT, ANSWER), ENGLISH),
    "skill_question": render("question", told(started("run")), ENGLISH),
    "skill_test_progress": render("progress", told(started("test"), trial(f"{SKILL} {VERSION}", "pp")), ENGLISH),
    "skill_test_failed": render(
        "answer",
        told(started("test"), done("test", "1 of 4 tests failed.", passed=False, tests=(trial(SKILL, "ppfs"),))),
        ENGLISH,
    ),
    "skill_run_object": render(
        "answer", told(started("run"), gave(value={"days": 21, "from": "2026-01-01"}, output="counted")), ENGLISH
    ),
    "skill_run_table": render("answer", told(started("run"), gave(value=ROWS)), ENGLISH),
    "skill_run_text": render("answer", told(started("run"), gave(value="**21** working days")), ENGLISH),
    "skill_run_files": render("answer", told(started("run"), gave(files=(CHART, SHEET))), ENGLISH),
    "skill_run_late": render("answer", told(started("run"), gave(**LATE)), ENGLISH),
    "skill_review": render("answer", told(started("promote"), PROMOTED), ENGLISH),
    "skill_review_german": render("answer", told(started("promote"), PROMOTED), words_for("de")),
    "skill_review_approved": render("answer", told(started("promote"), PROMOTED, YES), ENGLISH),
    "skill_check": render(
        "answer",
        told(
            started("check"),
            done("check", "1 of 2 skills that are promoted fails.", passed=False, skill="", version="",
                 tests=(trial("pdf-forms 1.2.0", "pp"), trial("csv-tools 2.0.1", "pf"))),
        ),
        ENGLISH,
    ),
}  # fmt: skip
