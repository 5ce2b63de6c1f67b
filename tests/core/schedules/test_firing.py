"""What is done about times that have come: once, each, or none; late, early, and with clocks that jump."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.quiet import read_quiet
from core.schedules.firing import COUNTED, LATE, MOST, decide, key_of, quiet_until, wake_at
from core.schedules.rule import Rule
from core.schedules.schedule import State
from tests.doubles.timetables import AT, schedule

DAY = timedelta(days=1)
MINUTES = Rule(zone="UTC", minutes=tuple(range(24 * 60)), steady=True)


def nobody(place: str, year: int) -> tuple[date, ...]:
    return ()


def test_nothing_is_done_before_the_time_nor_when_paused_or_over() -> None:
    assert decide(schedule(), AT - timedelta(seconds=1), nobody) is None
    assert decide(schedule(state=State.PAUSED), AT, nobody) is None
    assert decide(schedule(next_at=None, state=State.OVER), AT, nobody) is None
    assert wake_at(schedule(state=State.PAUSED)) is None


def test_at_its_time_it_is_run_and_moves_on() -> None:
    due = decide(schedule(), AT, nobody)
    assert due is not None
    assert (due.at, due.run, due.missed, due.late) == (AT, True, 0, timedelta())
    assert due.schedule.next_at == AT + DAY


def test_the_last_time_of_a_schedule_ends_it() -> None:
    due = decide(schedule(rule=Rule(zone="UTC", once=AT)), AT, nobody)
    assert due is not None
    assert (due.schedule.state, due.schedule.next_at) == (State.OVER, None)


def test_of_times_missed_while_down_the_last_one_is_made_up_for() -> None:
    due = decide(schedule(), AT + 3 * DAY + timedelta(hours=3), nobody)
    assert due is not None
    assert (due.at, due.run, due.missed, due.late) == (AT + 3 * DAY, True, 3, timedelta(hours=3))
    assert due.schedule.next_at == AT + 4 * DAY


def test_all_missed_times_are_made_up_for_one_after_the_other() -> None:
    now, made = AT + 2 * DAY + timedelta(hours=3), schedule(missed="all")
    done = []
    while due := decide(made, now, nobody):
        done.append((due.at, due.run, due.missed))
        made = due.schedule
    assert done == [(AT, True, 0), (AT + DAY, True, 0), (AT + 2 * DAY, True, 0)]


def test_missed_times_are_skipped_where_that_is_wanted_but_not_for_a_minute() -> None:
    late = decide(schedule(missed="skip"), AT + DAY + timedelta(hours=3), nobody)
    assert late is not None
    assert (late.run, late.at, late.missed, late.schedule.next_at) == (False, AT + DAY, 1, AT + 2 * DAY)
    just = decide(schedule(missed="skip"), AT + LATE, nobody)
    assert just is not None
    assert just.run


def test_a_month_of_missed_minutes_is_bounded() -> None:
    now = AT + 30 * DAY
    once = decide(schedule(rule=MINUTES), now, nobody)
    assert once is not None
    assert (once.at, once.missed, once.schedule.next_at) == (now, COUNTED, now + timedelta(minutes=1))
    each, done, missed = schedule(rule=MINUTES, missed="all"), 0, 0
    while due := decide(each, now, nobody):
        each, done, missed = due.schedule, done + 1, missed + due.missed
    assert (done, each.next_at) == (MOST, now + timedelta(minutes=1))
    assert missed >= COUNTED - MOST


@given(
    st.lists(st.integers(-3 * 24 * 60, 5 * 24 * 60), min_size=1, max_size=30),
    st.sampled_from(["once", "all", "skip"]),
    st.integers(0, 30),
)
def test_whatever_the_clock_does_no_time_is_done_twice_and_each_is_done_or_passed_over(
    jumps: list[int], missed: str, jitter: int
) -> None:
    made = schedule(rule=Rule(zone="Europe/Berlin", minutes=(540, 1020), jitter=jitter), missed=missed)
    seen: list[datetime] = []
    now, passed = AT, 0
    for jump in jumps:
        now += timedelta(minutes=jump)
        while due := decide(made, now, nobody):
            assert due.at <= now
            assert due.late >= timedelta()
            seen.append(due.at)
            passed += due.missed
            assert made.next_at is not None
            assert due.schedule.next_at is not None
            assert due.schedule.next_at > due.at >= made.next_at
            made = due.schedule
    assert seen == sorted(set(seen))
    begin, zone = AT.astimezone(ZoneInfo("Europe/Berlin")).date(), ZoneInfo("Europe/Berlin")
    walls = [datetime(begin.year, begin.month, begin.day, hour, tzinfo=zone) for hour in (9, 17)]
    expected = [wall + n * DAY for n in range(400) for wall in walls if wall + n * DAY < made.next_at]  # type: ignore[operator]
    assert len(seen) + passed == len(expected)


def test_jitter_is_the_same_for_every_worker_and_within_its_bounds() -> None:
    made = [schedule(f"{n}", rule=Rule(zone="UTC", jitter=5)) for n in range(200)]
    late = [(wake_at(each) or AT) - AT for each in made]
    assert late == [(wake_at(each) or AT) - AT for each in made]
    assert all(timedelta() <= each < timedelta(minutes=5) for each in late)
    assert len(set(late)) > 100


def test_the_key_of_a_time_names_the_schedule_and_the_moment() -> None:
    assert (
        key_of(schedule(), AT.astimezone(ZoneInfo("Asia/Kathmandu"))) == f"sched:{schedule().id}:2026-11-23T08:00:00Z"
    )


def test_quiet_hours_end_by_their_own_clock() -> None:
    quiet = read_quiet("22:00-07:00 Europe/Berlin")
    assert quiet_until(quiet, AT) is None
    assert quiet_until(quiet, datetime(2026, 11, 22, 23, tzinfo=UTC)) == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert quiet_until(quiet, datetime(2026, 11, 23, 5, 59, tzinfo=UTC)) == datetime(2026, 11, 23, 6, tzinfo=UTC)
    spring = read_quiet("22:00-02:30 Europe/Berlin")
    assert quiet_until(spring, datetime(2026, 3, 29, 0, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
