"""Estimates: the number in an answer, the spread of several, and what counts as settled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.committee.estimates import estimate, spread_of
from core.committee.patterns import Rounds
from core.events import Spread

ROUNDS = Rounds(repeat=("again",), most=3, until="spread", spread=0.1)
numbers = st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Because.\nAnswer: 12", 12),
        ("Answer: 12 weeks", 12),
        ("Answer: about 1,200 people", 1200),
        ("Answer: 12-16 weeks", 14),
        ("Answer: 12 to 16", 14),
        ("**Answer:** 3.5", 3.5),
        ("Answer: 50 %", 0.5),
        ("12", 12),
        ("I said 12 before.\nAnswer: soon", None),
        ("It will take 12 weeks, or so people say who have never done it themselves.", None),
        ("Answer: with so many unknown things nobody can say whether it is 7 or more than that, I think", 7),
        ("", None),
    ],
)
def test_the_number_that_an_answer_states_is_read(text: str, number: float | None) -> None:
    assert estimate(text) == number


@given(numbers)
def test_a_spread_spans_its_median(values: list[float]) -> None:
    spread = spread_of(values, 1, ROUNDS, None)
    assert spread.low is not None
    assert spread.median is not None
    assert spread.high is not None
    assert spread.low <= spread.median <= spread.high


@given(numbers)
def test_estimates_that_did_not_move_are_settled(values: list[float]) -> None:
    first = spread_of(values, 1, ROUNDS, None)
    assert spread_of(values, 2, ROUNDS, first).settled


@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=1, max_value=9))
def test_estimates_that_agree_are_settled_at_once(value: float, count: int) -> None:
    assert spread_of([value] * count, 1, ROUNDS, None).settled


def test_the_middle_half_decides_whether_it_is_settled() -> None:
    def settled(*values: float) -> bool:
        return spread_of(values, 1, ROUNDS, Spread(round=0, settled=False)).settled

    assert settled(1, 99, 100, 101, 900)
    assert not settled(80, 90, 100, 110, 120)
