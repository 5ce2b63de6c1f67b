"""What runs took, in whole numbers: the ledger adds up exactly to the calls, in whatever order it is added up."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.campaigns.ledger import of_call, taken
from core.campaigns.sums import Sums
from core.events import Call, Event
from core.skills.results import Done, Produced, TestRun
from tests.doubles.questions import call, question, said

AMOUNTS = st.floats(min_value=0, max_value=1e6, allow_nan=False)
CALLS = st.lists(
    st.builds(
        call,
        prompt_tokens=st.integers(0, 10**9),
        completion_tokens=st.integers(0, 10**9),
        seconds=AMOUNTS,
        cost=st.none() | AMOUNTS,
    ),
    max_size=30,
)


@given(CALLS, st.randoms(use_true_random=False), st.integers(0, 5))
def test_any_way_of_adding_up_calls_gives_the_same_sums(calls: list[Call], chance: random.Random, cuts: int) -> None:
    whole = taken(calls, ())
    shuffled = chance.sample(calls, len(calls))
    places = sorted([0, len(calls), *(chance.randint(0, len(calls)) for _ in range(cuts))])
    by_runs = [taken(shuffled[start:end], ()) for start, end in pairwise(places)]
    assert sum(by_runs, Sums()) == whole
    assert whole.calls == len(calls)
    assert whole.tokens == sum(each.prompt_tokens + each.completion_tokens for each in calls)
    assert whole.unpriced == sum(each.cost is None for each in calls)
    assert abs(whole.microdollars - sum(each.cost or 0 for each in calls) * 1e6) <= len(calls) / 2 + 1


def test_what_is_no_number_is_nothing() -> None:
    odd = call(seconds=float("inf"), cost=float("nan"), prompt_tokens=0, completion_tokens=0)
    assert of_call(odd) == Sums(calls=1)


def test_sandboxes_are_counted_once_though_the_end_names_the_tests_again() -> None:
    tests = TestRun(subject="a 1.0.0", seconds=1.0004)
    done = Done(task="test", status="done", tests=(tests,), produced=Produced(seconds=2.0))
    events: list[Event] = [said(question(), "t", tests), said(question(), "d", done)]
    assert taken((), events) == Sums(sandbox_milliseconds=3000)
