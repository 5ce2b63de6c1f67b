"""What earlier campaigns teach: how far estimates were off, how alike campaigns are, and what tokens cost."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from core.campaigns.campaign import Campaign, Course, Estimate, Objective, Stage
from core.campaigns.pace import Pace, Tempo, learnt, measured
from core.campaigns.sums import Sums

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def met(seconds, estimate=600.0, *, means="answer", attempts=1, tokens=0):
    return Objective(
        id="1", title="t", done_when="d", means=means, stage=Stage.MET, attempts=attempts, spent=Sums(tokens=tokens),
        estimate=Estimate(seconds=estimate), started_at=AT, ended_at=AT + timedelta(seconds=seconds),
    )  # fmt: skip


def over(*objectives, spent=None):
    return Campaign(
        id="c", tenant="local", owner="o", owner_name="Ada", address="a", title="t", goal="g", course=Course.MET,
        objectives=objectives, spent=spent or Sums(), created_at=AT,
    )  # fmt: skip


def test_of_no_campaign_nothing_is_learnt():
    assert learnt([]) == learnt([over()]) == Pace()


def test_how_far_estimates_were_off_is_learnt_by_campaign():
    pace = learnt([over(met(1200), met(1200)), over(met(4800), met(4800))])
    assert (pace.work.campaigns, pace.work.count, pace.work.within) == (2, 4, 0)
    assert pace.work.mean == pytest.approx((math.log(2) + math.log(8)) / 2)
    assert pace.work.between == pytest.approx(math.log(4) / math.sqrt(2))


def test_campaigns_that_differ_only_by_chance_are_taken_to_be_alike():
    pace = learnt([over(met(300), met(1200)), over(met(1200), met(300)), over(met(600), met(600))])
    assert pace.work.between == 0
    assert pace.work.within > 0.5


def test_an_objective_that_took_three_attempts_took_a_third_for_each():
    pace = learnt([over(met(1800, attempts=3))])
    assert pace.work.mean == pytest.approx(0)
    assert (pace.worked, pace.failed) == (1, 2)


def test_people_are_kept_apart_from_work():
    pace = learnt([over(met(7200, 3600, means="person"), met(600))])
    assert (pace.work.count, pace.people.count, pace.worked) == (1, 1, 1)
    assert pace.replies.mean == pytest.approx(math.log(7200))


def test_estimates_that_say_nothing_are_trusted_less_and_good_ones_more():
    lengths = [60.0 * 2**at for at in range(8)]
    said_nothing = learnt([over(*(met(600, each) for each in lengths))])
    said_it = learnt([over(*(met(3 * each, each) for each in lengths))])
    assert said_nothing.work.trust < 0.4 < 0.9 < said_it.work.trust


def test_prices_come_from_campaigns_whose_prices_are_all_known():
    paid, local = Sums(tokens=1000, microdollars=4000, calls=1), Sums(tokens=9000, calls=4, unpriced=4)
    pace = learnt([over(met(1), spent=paid), over(met(1), spent=local)])
    assert (pace.microdollars, pace.priced) == (4000, 1000)


def test_what_is_not_over_or_has_no_time_teaches_nothing():
    assert learnt([over(met(600).but(stage=Stage.FAILED), met(600).but(ended_at=None), met(-5))]).work == Tempo()


def test_measured_seconds_are_kept_as_their_mean_and_spread():
    tempo = measured([10, 10, math.inf, 0, -1])
    assert (tempo.count, tempo.mean, tempo.within) == (2, pytest.approx(math.log(10)), 0)
    assert measured([]) == Tempo()
