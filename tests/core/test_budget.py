"""Budgets: sums that know what is not known, and sentences that say which limit, how much, and what to do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.budget import RUN, Budget, Quotas, check, resets, usage_of
from core.committee.committee import Limits
from core.errors import OverBudget
from core.events import Call, Usage

calls = st.lists(
    st.builds(
        Call,
        member=st.just("ann"),
        phase=st.just("propose"),
        model=st.sampled_from(["a", "b", "c"]),
        prompt_tokens=st.integers(0, 1000),
        completion_tokens=st.integers(0, 1000),
        cost=st.none() | st.floats(0, 10),
    )
)


@given(calls)
def test_a_cost_is_unknown_as_soon_as_one_price_is(made: list[Call]) -> None:
    used = usage_of(made, 1.0)
    assert (used.cost is None) == any(call.cost is None for call in made)
    assert used.tokens == sum(call.prompt_tokens + call.completion_tokens for call in made)
    assert (used.calls, used.models) == (len(made), len({call.model for call in made}))


def test_no_calls_cost_nothing_rather_than_something_unknown() -> None:
    assert usage_of([], 0.0) == Usage()


@pytest.mark.parametrize(
    ("limits", "used", "told"),
    [
        (Limits(tokens=100), Usage(tokens=100), "may use 100 tokens and has used 100."),
        (Limits(dollars=1.5), Usage(cost=1.5), r"may cost \$1.50 and has cost \$1.5000."),
        (Limits(seconds=60), Usage(seconds=61.2), "may take 60 s and has taken 61 s."),
        (Limits(dollars=1.5), Usage(cost=None), "price .* is not known"),
    ],
)
def test_a_limit_that_is_reached_is_named(limits: Limits, used: Usage, told: str) -> None:
    with pytest.raises(OverBudget, match=told):
        check(limits, used, RUN)


@pytest.mark.parametrize(
    ("limits", "used"),
    [
        (Limits(), Usage(tokens=10**9, cost=None)),
        (Limits(tokens=100, dollars=1), Usage(tokens=99, cost=0.99)),
        (Limits(tokens=100), Usage(tokens=1, cost=None)),
    ],
)
def test_below_every_limit_nothing_is_said(limits: Limits, used: Usage) -> None:
    check(limits, used, RUN)


def test_a_day_starts_anew_at_midnight() -> None:
    assert (
        str(resets(datetime(2026, 3, 1, 21, 30, tzinfo=UTC))) == "The limit starts anew at midnight UTC, in 2 h 30 min."
    )
    assert (
        str(resets(datetime(2026, 12, 31, 0, 0, tzinfo=UTC))) == "The limit starts anew at midnight UTC, in 24 h 0 min."
    )


async def test_what_is_left_shrinks_with_what_is_charged_and_never_below_nothing() -> None:
    budget = Budget(Limits(tokens=100, seconds=10), Quotas(), "me", nobody)
    assert (budget.tokens_left(), budget.seconds_left()) == (100, 10)
    await budget.check()
    budget.charge([Call(member="a", phase="p", model="m", prompt_tokens=80, completion_tokens=40)])
    budget.passed(12)
    assert (budget.tokens_left(), budget.seconds_left()) == (0, 0)
    with pytest.raises(OverBudget):
        await budget.check()


async def test_without_limits_the_store_is_not_even_asked() -> None:
    budget = Budget(Limits(seconds=None), Quotas(), "me", nobody)
    await budget.check()
    assert (budget.tokens_left(), budget.seconds_left()) == (None, None)


async def nobody(asker: str | None) -> Usage:
    raise AssertionError("the store was asked")
