"""Forecasts are as sure as they say, move with what is known, and are never led astray by a clock or a circle."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.campaigns.campaign import Campaign, Course, Estimate, Objective, Stage, Wait
from core.campaigns.forecast import forecast
from core.campaigns.foreseen import Forecast
from core.campaigns.pace import Pace, Tempo, learnt, measured
from core.campaigns.rules import Rules
from core.campaigns.sums import Sums
from tests.doubles.hidden_campaigns import FAMILIES, lived, world

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
NONE = Pace()


def part(id, *needs, **more):
    return Objective(id=id, title=f"Part {id}", done_when="it is there", needs=needs, **more)


def met(id, minutes, **more):
    ended = AT - timedelta(minutes=1)
    times = {"started_at": ended - timedelta(minutes=minutes), "ended_at": ended}
    return part(id, stage=Stage.MET, attempts=1, **times, **more)


def campaign(*objectives, **more):
    return Campaign(
        id="k3f9", tenant="local", owner="o", owner_name="Ada", address="a", title="t", goal="g", objectives=objectives,
        **{"course": Course.RUNNING, "created_at": AT, "started_at": AT} | more,
    )  # fmt: skip


def hours(said: Forecast, probability=0.5):
    at = said.by(probability)
    assert at is not None
    return (at - said.at).total_seconds() / 3600


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Loosely, on few campaigns: `python -m benchmarks.forecast` measures it on many."""
    inside = {"time": [], "tokens": []}
    for number in range(56):
        chance = np.random.default_rng((7, number))
        template = world(chance, FAMILIES[number % len(FAMILIES)])
        earlier = [lived(chance, template) for _ in range(number % 4)]
        pace = learnt([each.at(each.ended_at) for each in earlier])
        truth = lived(chance, template, f"c{number}")
        for quarter in range(4):
            at = truth.quarter(quarter)
            said = forecast(truth.at(at), at, pace)
            inside["time"].append(said.earliest <= truth.ended_at <= said.latest)
            inside["tokens"].append(said.tokens.low <= truth.spent.tokens <= said.tokens.high)
    shares = {what: sum(each) / len(each) for what, each in inside.items()}
    assert all(0.7 <= share <= 0.9 for share in shares.values()), shares


def test_the_interval_narrows_as_the_campaign_goes_on():
    chance = np.random.default_rng(3)
    truths = [lived(chance, world(chance, "log-normal"), f"c{at}") for at in range(15)]
    widths = []
    for quarter in range(4):
        said = [(truth, forecast(truth.at(truth.quarter(quarter)), truth.quarter(quarter), NONE)) for truth in truths]
        widths.append(np.median([(f.latest - f.earliest) / (t.ended_at - t.begun_at) for t, f in said]))
    assert widths == sorted(widths, reverse=True)


estimates = st.builds(Estimate, seconds=st.floats(1, 1e6), tokens=st.integers(0, 10**6))


@st.composite
def plans(draw):
    count = draw(st.integers(1, 8))
    means = st.sampled_from(["answer", "skill", "use", "person"])
    return [
        part(
            str(at), *draw(st.lists(st.sampled_from([str(n) for n in range(at)]), max_size=2)) if at else (),
            means=draw(means), estimate=draw(estimates),
        )
        for at in range(count)
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(plans(), estimates, st.integers(1, 3))
def test_more_to_do_is_never_expected_to_end_earlier_or_to_cost_less(plan, estimate, hands):
    rules = Rules(side_by_side=hands)
    less = forecast(campaign(*plan), AT, NONE, rules)
    more = forecast(campaign(*plan, part("more", estimate=estimate)), AT, NONE, rules)
    assert all(a <= b for a, b in zip(less.finish, more.finish, strict=True))
    assert less.tokens.median <= more.tokens.median


@settings(max_examples=60, deadline=None)
@given(plans(), st.floats(-1e7, 1e9), st.floats(0, 1e9))
def test_the_chance_to_keep_a_deadline_is_a_probability_and_grows_with_it(plan, seconds, later):
    said = forecast(campaign(*plan), AT, NONE)
    sooner = said.chance(AT + timedelta(seconds=seconds))
    assert 0 <= sooner <= said.chance(AT + timedelta(seconds=seconds + later)) <= 1
    assert said.earliest <= said.end <= said.latest


def test_the_chance_to_be_done_by_a_quantile_is_that_quantile():
    said = forecast(campaign(part("1"), part("2", "1")), AT, NONE)
    assert said.chance(said.latest) == pytest.approx(0.9, abs=0.001)
    assert said.chance(said.end) == pytest.approx(0.5, abs=0.001)
    assert said.chance(AT) == 0


def test_what_is_over_has_no_width():
    ended = AT - timedelta(days=2)
    spent = Sums(tokens=900, microdollars=120_000, calls=3)
    said = forecast(campaign(met("1", 30), course=Course.MET, ended_at=ended, spent=spent), AT, NONE)
    assert said.earliest == said.end == said.latest == ended
    assert (said.tokens.low, said.tokens.high, said.dollars.low, said.dollars.high) == (900, 900, 0.12, 0.12)
    assert (said.done, said.chance(ended), said.chance(ended - timedelta(seconds=1))) == (1, 1, 0)


def test_the_same_state_gives_the_same_figures_and_the_next_one_others():
    one = campaign(part("1"), part("2"))
    assert forecast(one, AT, NONE) == forecast(one, AT, NONE)
    assert forecast(one.but(revision=1), AT, NONE) != forecast(one, AT, NONE)


def test_without_a_plan_nothing_is_said_of_its_end():
    said = forecast(campaign(course=Course.PLANNING), AT, NONE)
    assert (said.end, said.chance(AT), said.tokens, said.dollars, said.done) == (None, None, None, None, 0)
    assert "no plan yet" in str(said.basis)


def test_once_all_is_done_the_end_is_now():
    said = forecast(campaign(met("1", 30)), AT, NONE)
    assert said.earliest == said.latest == AT
    assert said.done == 1
    assert "report" in str(said.basis)


def test_a_campaign_that_is_slower_than_planned_stays_so():
    rest = [part(str(at)) for at in range(5, 9)]
    slow = forecast(campaign(*(met(str(at), 60) for at in range(1, 5)), *rest), AT, NONE)
    right = forecast(campaign(*(met(str(at), 10) for at in range(1, 5)), *rest), AT, NONE)
    assert 3 < hours(slow) / hours(right) < 8


def test_what_runs_longer_than_expected_moves_the_end():
    def running(minutes):
        begun = AT - timedelta(minutes=minutes)
        return campaign(part("1", stage=Stage.RUNNING, attempts=1, started_at=begun), part("2", "1"))

    assert hours(forecast(running(200), AT, NONE)) > 2 * hours(forecast(running(1), AT, NONE))


def test_earlier_campaigns_from_the_same_template_make_it_surer():
    tempo = Tempo(campaigns=8, count=60, mean=1.0, between=0.1, within=0.2, trust=0.9)
    one = campaign(part("1"), part("2", "1"), part("3", "2"))
    bare, taught = forecast(one, AT, NONE), forecast(one, AT, Pace(work=tempo))
    assert taught.latest - taught.earliest < bare.latest - bare.earliest
    assert 1.0 < hours(taught) < 2.0
    assert "(8)" in str(taught.basis)


def test_the_measured_speed_of_the_committee_counts_where_nothing_else_is_known():
    one = campaign(part("1"), part("2", "1"))
    quick = forecast(one, AT, Pace(latency=measured([20, 25, 30])))
    assert hours(quick) < hours(forecast(one, AT, NONE)) / 3
    assert "how fast this committee answers" in str(quick.basis)


def test_who_waits_for_a_person_waits_as_people_take():
    waiting = campaign(part("1"), course=Course.PROPOSED, wait=Wait(asked_at=AT, number=1))
    prompt = Pace(replies=Tempo(campaigns=5, count=30, mean=np.log(120), between=0.1, within=0.3))
    days = Pace(replies=Tempo(campaigns=5, count=30, mean=np.log(3 * 86400), between=0.1, within=0.3))
    assert hours(forecast(waiting, AT, prompt)) < 1
    assert 48 < hours(forecast(waiting, AT, days)) < 100
    assert hours(forecast(campaign(part("1")), AT, days)) < 1
    held = part("1", stage=Stage.WAITING, wait=Wait(asked_at=AT, number=2), started_at=AT)
    assert 48 < hours(forecast(campaign(held), AT, days)) < 100
    until = part("1", stage=Stage.WAITING, wait=Wait(asked_at=AT, until=AT + timedelta(days=9)), started_at=AT)
    assert 216 <= hours(forecast(campaign(until), AT, prompt), 0.0) < 218


def test_people_take_no_hand_from_dexter():
    people = [part(str(at), means="person", estimate=Estimate(seconds=3600)) for at in range(6)]
    work = [one.but(means="answer") for one in people]
    rules = Rules(side_by_side=1)
    tempo = Tempo(campaigns=9, count=99, mean=0.0, between=0.05, within=0.1, trust=1.0)
    pace = Pace(work=tempo, people=tempo)
    assert hours(forecast(campaign(*people), AT, pace, rules)) < 2
    assert hours(forecast(campaign(*work), AT, pace, rules)) > 5


def test_who_needs_a_whole_needs_its_parts_and_a_part_what_its_whole_needs():
    day = Estimate(seconds=86400)
    plan = (
        part("1", estimate=day), part("2", "1"), part("2.1", parent="2", estimate=day), part("2.2", parent="2"),
        part("3", "2", estimate=day),
    )  # fmt: skip
    said = forecast(campaign(*plan), AT, Pace(work=Tempo(campaigns=9, count=99, within=0.1, between=0.05, trust=1.0)))
    assert 60 < hours(said) < 100
    begins = {each.objective: each.begin / 3600 for each in said.ahead}
    assert begins.keys() == {"1", "2.1", "2.2", "3"}
    assert begins["1"] == 0
    assert 20 < begins["2.1"] < 30
    assert 40 < begins["3"] < 70


def test_a_circle_of_needs_does_not_hang_it():
    said = forecast(campaign(part("1", "2"), part("2", "1"), part("3", "3"), part("4", parent="4")), AT, NONE)
    assert said.end > AT


def test_a_clock_that_went_back_does_no_harm():
    begun = AT + timedelta(days=3)
    running = part("1", stage=Stage.RUNNING, attempts=1, started_at=begun)
    asked = part("2", stage=Stage.WAITING, wait=Wait(asked_at=begun, number=1), started_at=begun)
    said = forecast(campaign(running, asked, met("3", -30), started_at=begun), AT, NONE)
    assert AT <= said.earliest <= said.end <= said.latest


def test_attempts_that_were_not_enough_make_it_longer():
    tries = Tempo(campaigns=9, count=99, within=0.1, between=0.05, trust=1.0)
    plan = campaign(*(part(str(at)) for at in range(6)))
    sure, unsure = Pace(work=tries, worked=200), Pace(work=tries, worked=200, failed=300)
    assert 1.5 < hours(forecast(plan, AT, unsure)) / hours(forecast(plan, AT, sure)) < 3


def test_money_is_said_only_where_a_price_is_known():
    plan = campaign(part("1"), part("2"))
    assert forecast(plan, AT, NONE).dollars is None
    local = plan.but(spent=Sums(tokens=500, calls=2, unpriced=2))
    assert forecast(local, AT, NONE).dollars is None
    paid = plan.but(spent=Sums(tokens=1000, microdollars=10_000, calls=2))
    said = forecast(paid, AT, NONE)
    assert said.dollars.low < said.tokens.median * 10e-6 < said.dollars.high
    assert forecast(plan, AT, Pace(microdollars=10, priced=1)).dollars is not None


def test_what_was_spent_is_never_forecast_away():
    spent = Sums(tokens=50_000, microdollars=400_000, calls=9)
    said = forecast(campaign(part("1"), met("2", 5, spent=spent), spent=spent), AT, NONE)
    assert said.tokens.low >= 50_000
    assert said.dollars.low >= 0.4


def test_500_objectives_and_absurd_estimates_are_taken():
    plan = [part(str(at), *([str(at - 1)] if at % 3 else []), estimate=Estimate(seconds=1e300)) for at in range(500)]
    said = forecast(campaign(*plan), AT, NONE)
    assert said.end.year < 2100
    assert len(said.ahead) == 500
