"""How finds are ranked: much that is good comes before little that is perfect, and nothing beside nothing."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from core.skills.registry.ranking import quality, rating, success, use

COUNTS = st.integers(0, 10**9)


def test_the_interval_is_the_one_of_the_literature():
    """Newcombe, "Two-sided confidence intervals for the single proportion", 1998: 81 of 263 gives 0.2553 to 0.3662."""
    assert isclose(success(81, 263), 0.2553, abs_tol=5e-5)
    assert isclose(success(15, 148), 0.0624, abs_tol=5e-5)
    assert success(0, 20) == 0.0
    assert isclose(success(29, 29), 0.8830, abs_tol=5e-5)


def test_much_that_is_good_counts_for_more_than_little_that_is_perfect():
    assert success(900, 1000) > success(9, 10) > success(1, 1) > success(0, 0)
    assert rating(450, 100) > rating(5, 1) > rating(0, 0) == 0.5 > rating(1, 1)
    assert use(1000, 1000) == 1.0 > use(10, 1000) > use(0, 1000) == use(0, 0) == 0.0


@given(COUNTS, COUNTS, COUNTS, st.integers(1, 5), COUNTS)
def test_whatever_a_registry_says_quality_stays_within_its_bounds(good, runs, votes, stars, most):
    assert 1.0 <= quality(good, runs, stars * votes, votes, most) <= 2.5


@given(COUNTS, COUNTS)
def test_one_more_good_run_never_harms(good, bad):
    assert success(good + 1, good + bad + 1) >= success(good, good + bad)
