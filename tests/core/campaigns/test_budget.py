"""What a campaign may take: warned before, held with a question when it is used up, and counted to the last token."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.campaigns.affording import next_month
from core.campaigns.budget import allowed, bounded, lines, raised, reserve, short
from core.campaigns.campaign import Course, Estimate, Stage
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance, Sums
from core.errors import BadRequest
from tests.doubles.campaign_world import CampaignWorld, campaign, objective, purpose, well, world

AMOUNT = st.integers(0, 50_000)
SPENT = st.builds(
    Sums, tokens=AMOUNT, microdollars=AMOUNT, calls=AMOUNT, model_milliseconds=AMOUNT, sandbox_milliseconds=AMOUNT
)
SMALL = Estimate(tokens=500)


def test_at_four_fifths_a_person_is_told_once() -> None:
    it = world(objective("1", estimate=SMALL), objective("2", estimate=SMALL), allowance=Allowance(tokens=10_000))
    it.end(text="Facts", spent=Sums(tokens=7_900))
    assert it.said("budget") == []
    it.end(text="Other", spent=Sums(tokens=100))
    assert it.said("budget") == ["80% of the budget is used."]
    it.end(text="Answer: yes", spent=Sums(tokens=10))
    assert len(it.said("budget")) == 1
    it.change(allowance=Allowance(tokens=100_000))
    assert not it.campaign.warned


def test_a_step_that_would_go_over_is_not_begun_and_a_person_is_asked() -> None:
    it = world(objective("1", estimate=SMALL), objective("2", needs=("1",)), allowance=Allowance(tokens=5_000))
    it.end(text="Facts", spent=Sums(tokens=1_000))
    it.end(text="Answer: yes", spent=Sums(tokens=500))
    assert (it.campaign.course, it.turn.starts) == (Course.HELD, ())
    told = (
        "It has taken 1,500 tokens of 5,000 tokens, and that is not enough for the next step. May it take half as much"
    )
    assert it.said("budget")[-1].startswith(told)
    assert it.moments[-1].mention == "local:ann"
    it.tick(700)
    assert it.turn.starts == ()
    it.do("answer")
    assert it.campaign.allowance.tokens == 7_500
    assert purpose(it) == "work"
    it.end(text="More", spent=Sums(tokens=9_000))
    assert it.campaign.course is Course.HELD
    it.do("answer", yes=False)
    assert it.campaign.course is Course.FAILED


def test_what_is_under_way_may_leave_enough_so_that_nobody_is_asked_too_early() -> None:
    it = world(objective("1"), objective("2"), allowance=Allowance(tokens=6_000))
    assert (it.campaign.course, len(it.campaign.steps)) == (Course.RUNNING, 1)
    it.end(text="Facts", spent=Sums(tokens=200))
    assert len(it.campaign.steps) == 2


def test_more_than_an_administrator_allows_is_not_granted() -> None:
    rules = Rules(allowance=Allowance(tokens=5_000))
    it = world(objective("1"), objective("2", needs=("1",)), rules=rules)
    assert it.campaign.allowance.tokens == 5_000
    it.end(text="Facts", spent=Sums(tokens=5_000))
    with pytest.raises(BadRequest, match="An administrator allows a campaign 5,000 tokens at most"):
        it.do("answer")
    with pytest.raises(BadRequest, match="A campaign may take 5,000 tokens at most here"):
        it.change(allowance=Allowance(tokens=5_001))
    assert it.campaign.course is Course.HELD


def test_a_budget_that_is_raised_by_a_person_loosens_the_hold() -> None:
    it = world(objective("1"), allowance=Allowance(tokens=1_000))
    assert it.campaign.course is Course.HELD
    it.change(allowance=Allowance(tokens=9_000))
    assert (it.campaign.course, len(it.going)) == (Course.RUNNING, 1)


def test_an_objective_has_a_budget_of_its_own_and_the_rest_goes_on_without_it() -> None:
    it = world(objective("1", allowance=Allowance(tokens=4_500)), objective("2"), rules=Rules(side_by_side=1))
    it.end(text="Facts", spent=Sums(tokens=4_400))
    assert (it.campaign.course, it.campaign.objectives[0].stage) == (Course.RUNNING, Stage.WAITING)
    assert it.campaign.steps[0].objective == "2"
    told = "1 Part 1 has taken 4,400 tokens of its 4,500 tokens, which is not enough to go on."
    assert it.said("budget") == [f"{told} May it take half as much again?"]
    it.do("answer", objective="1")
    assert it.campaign.objectives[0].allowance.tokens == 6_750
    assert it.play().course is Course.MET


def test_a_limit_in_dollars_that_cannot_be_kept_asks() -> None:
    it = world(objective("1"), allowance=Allowance(dollars=1.0))
    it.end(text="Facts", spent=Sums(tokens=10, unpriced=1))
    assert it.said("budget")[0].startswith("The price of a model that it used is not known")
    it.do("answer")
    assert (it.campaign.allowance.dollars, it.campaign.course) == (None, Course.RUNNING)
    it = world(objective("1"), rules=Rules(allowance=Allowance(dollars=1.0)))
    it.end(text="Facts", spent=Sums(tokens=10, unpriced=1))
    with pytest.raises(BadRequest, match="An administrator limits the dollars"):
        it.do("answer")


def test_a_month_that_is_used_up_goes_on_by_itself_in_the_next_one() -> None:
    it = world(objective("1"), objective("2", needs=("1",)), rules=Rules(month=Allowance(tokens=10_000)))
    it.tick(0, month=Sums(tokens=9_000))
    it.end(text="Facts", spent=Sums(tokens=800))
    assert (it.campaign.course, it.campaign.month.tokens) == (Course.HELD, 9_800)
    assert "10,000 tokens a month" in it.said("budget")[0]
    with pytest.raises(BadRequest, match="may take 10,000 tokens a month"):
        it.do("answer")
    assert it.campaign.wait
    assert it.campaign.wait.until == datetime(2026, 12, 1, tzinfo=UTC)
    it.tick((it.campaign.wait.until - it.at).total_seconds(), month=Sums())
    assert (it.campaign.course, purpose(it)) == (Course.RUNNING, "judge")


def test_the_next_month_begins_on_its_first_day() -> None:
    for day in (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2024, 2, 29, 3, tzinfo=UTC)):
        assert next_month(day) - day < timedelta(days=2)
        assert next_month(day).day == 1


def test_the_report_is_left_out_rather_than_asked_for() -> None:
    it = world(objective("1", estimate=SMALL), allowance=Allowance(tokens=4_000))
    it.end(text="Facts", spent=Sums(tokens=2_000))
    it.end(text="Answer: yes", spent=Sums(tokens=900))
    assert (it.campaign.course, it.campaign.report) == (Course.MET, "")


def test_what_is_set_aside_follows_what_tokens_cost_so_far() -> None:
    spent = Sums(tokens=1_000, microdollars=5_000, model_milliseconds=20_000)
    there, part = campaign(spent=spent), objective("1", estimate=Estimate(tokens=2_000))
    assert reserve(there, "work", part) == Sums(tokens=2_000, microdollars=10_000, model_milliseconds=40_000)
    assert reserve(there, "work", part.but(means="use")) == Sums(sandbox_milliseconds=10_000)


@pytest.mark.parametrize("value", [0, -5, float("nan"), float("inf"), 1e30])
def test_a_budget_of_nothing_or_less_is_none(value: float) -> None:
    for name in ("tokens", "dollars", "model_seconds", "sandbox_seconds"):
        with pytest.raises(BadRequest, match="is none: give a number above zero"):
            allowed(**{name: value})
    assert allowed(tokens=10.7, dollars=0.5) == Allowance(tokens=10, dollars=0.5)


@given(most=st.integers(1, 10_000), used=st.integers(0, 20_000), more=st.integers(0, 20_000))
def test_what_is_raised_is_enough_for_what_comes_next(most: int, used: int, more: int) -> None:
    allowance, spent, next_ = Allowance(tokens=most), Sums(tokens=used), Sums(tokens=more)
    if short(allowance, spent, next_):
        grown = raised(allowance, spent, next_, Allowance())
        assert grown.tokens is not None
        assert grown.tokens >= 1.5 * most - 1
        assert short(grown, spent, next_) is None
    else:
        assert used + more <= most


@given(st.builds(
    Allowance, tokens=st.none() | st.integers(1, 99), dollars=st.none() | st.floats(0.01, 99),
    model_seconds=st.none() | st.floats(0.01, 99),
), st.integers(1, 99))  # fmt: skip
def test_nothing_is_granted_above_the_administrators_limit(wanted: Allowance, most: int) -> None:
    top = Allowance(tokens=most)
    if wanted.tokens is not None and wanted.tokens > most:
        with pytest.raises(BadRequest):
            bounded(wanted, top)
    else:
        assert bounded(wanted, top) == wanted.but(tokens=wanted.tokens or most)


@settings(max_examples=60, deadline=None)
@given(spends=st.lists(SPENT, min_size=1, max_size=40), verdicts=st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_ledger_adds_up_exactly_to_the_runs(spends: list[Sums], verdicts: list[bool]) -> None:
    it = CampaignWorld(campaign(allowance=Allowance(tokens=400_000, dollars=0.4)))
    for number, spent in enumerate(spends):
        if not it.going:
            break
        start = it.started[it.going[0]]
        ends: dict[str, Any] = {**well(start), "spent": spent}
        if start.purpose == "judge" and not verdicts[number % 5]:
            ends["text"] = f"Not {'ab'[number % 2] * number}.\nAnswer: no"
        it.end(**ends)
        assert it.campaign.spent == sum(spends[: number + 1], Sums())
        for line in lines(it.campaign.allowance, it.campaign.spent):
            assert line.left == line.most - line.used
