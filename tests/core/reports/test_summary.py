"""A committee's summary is shown if its numbers are those of the data; else it is asked once more, then left out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.committee.patterns import Pattern
from core.entities import Collaboration, Status
from core.errors import NoQuorum, OverBudget, Stopped, Unavailable
from core.events import Answer, Usage
from core.reports.period import Period
from core.reports.report import Figure, Report
from core.reports.summary import summarised
from tests.doubles.questions import question

REPORT = Report(
    kind="usage",
    title="Use",
    period=Period(first=date(2026, 11, 1), last=date(2026, 11, 15)),
    made_at=datetime(2026, 11, 16, tzinfo=UTC),
    words=("Runs: 12.",),
    figures={"runs": Figure(label="runs", value=12, before=10)},
)


class Asked:
    """A committee that gives one answer after the other, and remembers what it was asked."""

    def __init__(self, *answers: str | Exception, how: str = "winner") -> None:
        self._answers, self._how = iter(answers), how
        self.keys: list[str] = []
        self.questions: list[Collaboration] = []

    async def __call__(self, key: str, asked: Collaboration, pattern: Pattern) -> Answer:
        self.keys.append(key)
        self.questions.append(asked)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        values: dict[str, Any] = {"status": Status.ANSWERED, "text": answer, "how": self._how, "sources": ("ann",)}
        return Answer(**values, usage=Usage())


async def summary(asked: Asked, report: Report = REPORT) -> Report:
    return await summarised(report, question(), asked, str)


async def test_a_summary_whose_numbers_are_in_the_data_is_taken_at_once() -> None:
    asked = Asked("There were 12 runs, 20% more than the 10 before.")
    made = await summary(asked)
    assert (made.summary, made.members, made.remark) == (
        "There were 12 runs, 20% more than the 10 before.",
        ("ann",),
        "",
    )
    assert asked.keys == ["summary:1"]
    (paper,) = asked.questions[0].context
    assert "runs: 12, before: 10, change: 20.0%" in paper.text


async def test_a_number_that_is_not_in_the_data_is_named_and_asked_for_once_more() -> None:
    asked = Asked("There were 13 runs, 31.7% more.", "There were 12 runs.")
    assert (await summary(asked)).summary == "There were 12 runs."
    assert asked.keys == ["summary:1", "summary:2"]
    assert "these numbers in it are not in the data: 13, 31.7%" in asked.questions[1].question
    assert "13" not in asked.questions[0].question


async def test_a_second_wrong_summary_leaves_dexter_s_own_words_alone_and_says_so() -> None:
    made = await summary(Asked("There were 13 runs.", "There were 14 runs."))
    assert (made.summary, made.words) == ("", ("Runs: 12.",))
    assert made.remark == "The committee's summary is left out: it told of numbers that are not in the data (14)."


@pytest.mark.parametrize("error", [OverBudget("The day's money is spent."), NoQuorum("Too few answered.")])
async def test_a_committee_that_cannot_answer_leaves_the_report_and_the_reason(error: Exception) -> None:
    made = await summary(Asked(error))
    assert (made.summary, made.remark) == ("", f"There is no summary by the committee. {error}")


@pytest.mark.parametrize("answers", [("",), ("  \n",)])
async def test_no_words_are_no_summary(answers: Sequence[str]) -> None:
    assert (await summary(Asked(*answers))).remark == "The committee came to no summary."


async def test_two_sides_without_a_winner_are_no_summary() -> None:
    assert (await summary(Asked("12 or 10", how="sides"))).remark == "The committee came to no summary."


@pytest.mark.parametrize("error", [Unavailable("away"), Stopped("stopped")])
async def test_a_stop_and_a_database_that_is_away_are_for_the_run(error: Exception) -> None:
    with pytest.raises(type(error)):
        await summary(Asked(error))


async def test_a_german_summary_is_asked_for_and_read_in_german() -> None:
    asked = Asked("Es waren 12 Läufe, 20,0 % mehr.")
    assert (await summary(asked, REPORT.but(language="de"))).summary
    assert "in German" in asked.questions[0].question
