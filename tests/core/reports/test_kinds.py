"""Each kind of report says in words, figures, tables and charts what its data is; an empty period is said to be one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import words_for
from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.moment import Moment
from core.campaigns.sums import Sums
from core.entities import Status
from core.events import Event
from core.reports.frame import Assumed, Frame, compared, percentile
from core.reports.kinds import adoption, campaign, collaborations, models, service, skills, usage
from core.reports.known import known
from core.reports.numbers import foreign
from core.reports.period import Period
from core.reports.report import Report, bounded
from core.reports.store import Argued, Courses, Delays, Ended, ModelDay, Moves, Parts, Spent, Tried, Way
from core.sentences import said

PERIOD = Period(first=date(2026, 11, 1), last=date(2026, 11, 10))
AT = datetime(2026, 11, 11, 9, tzinfo=UTC)
DAY = date(2026, 11, 3)


def frame(**changes: Any) -> Frame:
    values: dict[str, Any] = {"tenant": "local", "period": PERIOD, "at": AT, "say": str}
    return Frame(**{**values, **changes})


def ended(**changes: Any) -> Ended:
    values: dict[str, Any] = {
        "day": DAY, "task": "", "step": False, "status": Status.ANSWERED, "runs": 4, "passed": 0, "voted": 4,
        "agreement": 3.0, "dissents": 1, "drafted": 0, "calls": 40, "tokens": 4000, "cost": 2.0, "unpriced": 0,
    }  # fmt: skip
    return Ended(**{**values, **changes})


FAILED = ended(status=Status.FAILED, runs=1, voted=0, agreement=0.0, dissents=0)
STEP = ended(step=True, runs=9, cost=8.0)
RUN = ended(task="run", status=Status.DONE, runs=6, passed=3, voted=0, agreement=0.0, dissents=0, calls=0, cost=0.0)


def by_rows(report: Report, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for table in report.tables if table.name == name for row in table.rows]


def of_collaborations(now: bool = True, **of: Any) -> Report:
    argued = Argued(
        run="k3f9x2mqabcd", day=DAY, question="Move?", answer="No.", dissent="Yes!", members=("ann", "bob"),
        agreement=0.5, margin=0.1, calls=12,
    )  # fmt: skip
    way = Way(committee="legal", pattern="panel", runs=5, answered=4, voted=4, agreement=3.0, dissents=1)
    return collaborations.collaborations_report(
        collaborations.Data(
            ended=[ended(), FAILED] if now else [],
            before=[ended(runs=2, voted=2, agreement=1.0)],
            delays=Delays(took={50: 3, 900: 1}) if now else Delays(),
            delays_before=Delays(took={100: 1}),
            ways=[way] if now else [],
            argued=[argued] if now else [],
            asked=[argued] if now else [],
        ),
        frame(**of),
    )


def test_collaborations_tell_what_was_asked_how_far_members_agreed_and_the_dissent_worth_reading() -> None:
    report = of_collaborations()
    value = {name: (each.value, each.before) for name, each in report.figures.items()}
    assert (value["questions"], value["answered"], value["failed"]) == ((5, 2), (4, 2), (1, 0))
    assert (value["agreement"], value["answered_share"]) == ((0.75, 0.5), (0.8, 1.0))
    assert (value["took"], value["dissents"]) == ((5.0, 10.0), (1, 1))
    assert report.title == "What was asked, 2026-11-01..2026-11-10"
    assert "Questions asked: 5. Answered: 4 (80.0%)." in report.words
    assert "That is 150.0% more than in the period before." in report.words
    assert by_rows(report, "patterns") == [("legal", "panel", 5, 0.8, 0.75, 1)]
    assert by_rows(report, "dissent") == [("k3f9x2mqabcd", "Move?", "No.", "Yes!", "ann, bob", 0.5)]
    (chart,) = report.charts
    assert [len(series.y) for series in chart.series] == [PERIOD.days, PERIOD.days]
    assert [sum(series.y) for series in chart.series] == [4, 1]


def test_models_tell_speed_cost_wins_absences_and_their_trend() -> None:
    def day(model: str, at: date = DAY, **changes: Any) -> ModelDay:
        values: dict[str, Any] = {"day": at, "model": model, "calls": 10, "good": 8, "seconds": 16.0, "cost": 0.5}
        more = {"prompt_tokens": 100, "completion_tokens": 320, "unpriced": 0, "retries": 1}
        return ModelDay(**{**values, **more, **changes})

    now = [day("a/fast"), day("a/fast", DAY + timedelta(days=1), calls=20, good=20), day("b/slow", unpriced=3)]
    tenths = {"a/fast": {5: 20, 50: 8}, "b/slow": {300: 8}}
    parts = [Parts(model="a/fast", runs=9, won=6, dissented=1, absent=2, spared=3)]
    data = models.Data(models.uses(now, tenths), models.uses([day("a/fast")], {"a/fast": {20: 8}}), now, parts)
    report = models.models_report(data, frame())
    value = {name: (each.value, each.before) for name, each in report.figures.items()}
    assert (value["calls"], value["models"], value["unpriced"]) == ((40, 10), (2, 1), (3, 0))
    assert (value["failed"], value["median"], value["p95"]) == ((0.1, 0.2), (0.5, 2.0), (30.0, 2.0))
    assert value["cost"] == (1.5, 0.5)
    assert by_rows(report, "models")[0] == ("a/fast", 30, 2 / 30, 0.5, 5.0, 2.0, 20.0, 2)
    assert by_rows(report, "seats") == [("a/fast", 9, 6, 6 / 9, 1, 2, 3)]
    assert "Calls that are not in that, as their price is not known: 3." in report.words
    trend = report.charts[0]
    assert [point for point in trend.series[0].y if point == point] == [2.0, 0.8]


def test_skills_tell_what_was_made_passed_used_and_what_fails() -> None:
    moves = [
        Moves(skill="csv", drafted=2, promoted=1, retired=0, in_force="1.1.0", failing_since=None),
        Moves(skill="pdf", drafted=0, promoted=0, retired=1, in_force="2.0.0", failing_since=DAY),
    ]
    tried = [Tried(skill="csv", kind="use", trials=10, held=9), Tried(skill="csv", kind="tests", trials=4, held=4)]
    report = skills.skills_report(skills.Data(tried, [], moves, []), frame())
    value = {name: each.value for name, each in report.figures.items()}
    assert (value["made"], value["promoted"], value["retired"], value["failing"]) == (2, 1, 1, 1)
    assert (value["used"], value["succeeded"], value["tested"], value["passed"]) == (10, 0.9, 4, 1.0)
    assert by_rows(report, "skills") == [
        ("csv", "1.1.0", 2, 1, 4, 1.0, 10, 0.9),
        ("pdf", "2.0.0", 0, 0, 0, None, 0, None),
    ]
    assert by_rows(report, "failing") == [("pdf", "2.0.0", "2026-11-03")]


def spent(key: str, cost: float, name: str = "") -> Spent:
    return Spent(key=key, name=name, runs=2, calls=20, tokens=2000, cost=cost, unpriced=0)


def of_usage(**of: Any) -> Report:
    people = [spent("slack:U1", 3.0, "Ada"), spent("slack:U2", 1.0, "Bob")]
    own = [each for each in people if of.get("only") in (None, each.key)]
    channels = [spent("slack:T1:C7", 3.5), spent("", 0.5)]
    assumed = Assumed(teams={"research": ["slack:U1"]})
    data = usage.Data([ended(), STEP, RUN], [ended(cost=1.0)], own, [spent("slack:U1", 1.5, "Ada")], channels)
    return usage.usage_report(data, frame(assumed=assumed, **of))


def test_usage_tells_what_was_spent_by_person_team_channel_and_purpose() -> None:
    report = of_usage()
    value = {name: (each.value, each.before) for name, each in report.figures.items()}
    assert (value["runs"], value["cost"], value["people"]) == ((19, 4), (10.0, 1.0), (2, 1))
    assert by_rows(report, "people") == [("Ada", 2, 20, 2000, 3.0, 0, 1.5), ("Bob", 2, 20, 2000, 1.0, 0, None)]
    assert by_rows(report, "teams") == [("research", 2, 20, 2000, 3.0, 0), ("no team", 2, 20, 2000, 1.0, 0)]
    assert [row[0] for row in by_rows(report, "channels")] == ["slack:T1:C7", "between Dexter and one person"]
    assert [(row[0], row[1], row[4]) for row in by_rows(report, "sorts")] == [
        ("steps of campaigns", 9, 8.0), ("questions", 4, 2.0), ("work on skills", 6, 0.0),
    ]  # fmt: skip


def test_a_member_sees_no_other_person_s_spending() -> None:
    report = of_usage(only="slack:U2")
    assert [row[0] for row in by_rows(report, "people")] == ["Bob"]
    assert (report.figures["own_cost"].value, "people" in report.figures) == (1.0, False)
    assert any("$1.00 and 2,000 tokens are yours" in text for text in report.words)
    assert "Ada" not in report.model_dump_json()


def half(**changes: Any) -> adoption.Half:
    active = {DAY: frozenset({"a", "b"}), DAY + timedelta(days=1): frozenset({"a"})}
    moves = [Moves(skill="csv", drafted=5, promoted=0, retired=0, in_force="", failing_since=None)]
    courses = Courses(begun=3, ended={Course.MET.value: 2, Course.FAILED.value: 1}, objectives=9, met=7)
    values: dict[str, Any] = {"period": PERIOD, "active": active, "ended": [ended(), RUN, STEP], "moves": moves}
    return adoption.Half(**{**values, "courses": courses, **changes})


def test_adoption_tells_who_is_active_what_is_made_and_what_that_probably_saves_with_its_assumption() -> None:
    before = half(period=PERIOD.before, active={}, ended=[], moves=[], courses=Courses())
    report = adoption.adoption_report(half(), before, frame(assumed=Assumed(minutes_answer=30, minutes_skill=20)))
    value = {name: each.value for name, each in report.figures.items()}
    assert (value["people"], value["daily"], value["weekly"]) == (2, 0.3, 7 / 4)  # of four stretches three have both
    assert (value["skills"], value["skills_daily"]) == (5, 0.5)
    assert (value["campaigns"], value["succeeded"]) == (3, 2)
    assert value["saved"] == (4 * 30 + 3 * 20) / 60
    assumption = " ".join(report.sections[-1].prose)
    assert "save 30 minutes, and each run of a skill 20 minutes" in assumption
    assert "assumption and no measurement" in assumption


def test_service_holds_what_the_journal_knows_against_the_targets() -> None:
    delays = Delays(waited={2: 995, 700: 3}, overhead={3: 990, 30: 10}, took={90: 1000}, unbegun=1, unfinished=1)
    good = service.Half([ended(runs=1000)], Delays(waited={2: 10}, overhead={1: 10}))
    bad = service.Half(
        [ended(runs=980), ended(status=Status.FAILED, runs=15), ended(status=Status.STOPPED, runs=5)], delays
    )
    report = service.service_report(bad, good, frame())
    value = {name: (each.value, each.before) for name, each in report.figures.items()}
    assert value["availability"] == (0.995, 1.0)  # not begun within a minute: three late ones, one never, one still
    assert value["errors"] == (15 / 995, 0.0)
    assert (value["overhead"], value["waited"]) == ((0.3, 0.1), (0.2, 0.2))
    assert [(row[0], row[-1]) for row in by_rows(report, "targets")] == [
        ("availability", "missed"), ("error rate", "missed"), ("overhead, p95", "met"),
    ]  # fmt: skip
    assert "The target for availability was missed: 99.50% (target: 99.90%)." in report.words


def of_campaign(**changes: Any) -> Campaign:
    begun = AT - timedelta(days=2)
    objectives = (
        Objective(id="1", title="Read", done_when="read", stage=Stage.MET, started_at=begun, result="It has 3 parts.",
                  ended_at=begun + timedelta(hours=3), spent=Sums(tokens=500, microdollars=250_000, calls=5)),
        Objective(id="2", title="Write", done_when="written", needs=("1",), stage=Stage.RUNNING, started_at=AT),
    )  # fmt: skip
    values: dict[str, Any] = {
        "id": "k3f9x2mqabcd", "tenant": "local", "owner": "local:ada", "owner_name": "Ada", "address": "slack:T1:C1",
        "title": "A digest", "goal": "Write a digest", "created_at": begun, "started_at": begun, "number": 4,
        "course": Course.RUNNING, "objectives": objectives, "spent": Sums(tokens=900, microdollars=400_000, calls=9),
    }  # fmt: skip
    return Campaign(**{**values, **changes})


def log() -> list[Event]:
    body = Moment(what="met", sentence=said("{title} is met.", title="Read"), objective="1")
    return [Event(key="moment:1", run="k3f9x2mqabcd", tenant="local", address="x", at=AT, body=body)]


def test_a_campaign_s_report_tells_how_it_stands_and_what_it_took() -> None:
    report = campaign.campaign_report(of_campaign(), log(), frame())
    value = {name: each.value for name, each in report.figures.items()}
    assert (value["objectives"], value["met"], value["steps"], value["tokens"], value["cost"]) == (2, 1, 4, 900, 0.4)
    assert report.title == "Progress: A digest"
    assert report.period == Period(first=date(2026, 11, 9), last=date(2026, 11, 11))
    assert by_rows(report, "objectives")[0] == ("1", "Read", "met", "", 0, 500, 0.25, 3.0)
    assert by_rows(report, "log") == [("2026-11-11 09:00", "Read is met.")]
    assert [chart.kind for chart in report.charts] == ["gantt", "line"]
    assert report.sections[0].prose == ("1 Read: It has 3 parts.",)


def test_the_last_report_of_a_campaign_is_its_final_one() -> None:
    over = of_campaign(course=Course.MET, ended_at=AT, report="All is done.")
    report = campaign.campaign_report(over, log(), frame())
    assert report.title == "Final report: A digest"
    assert report.sections[0].prose[0] == "All is done."


def nothing(say: Callable[..., str], language: str) -> list[Report]:
    here = frame(say=say, language=language)
    none = half(active={}, ended=[], moves=[], courses=Courses())
    empty = service.Half([], Delays())
    data = collaborations.Data([], [], Delays(), Delays(), [], [], [])
    return [
        collaborations.collaborations_report(data, here),
        models.models_report(models.Data([], [], [], []), here),
        skills.skills_report(skills.Data([], [], [], []), here),
        usage.usage_report(usage.Data([], [], [], [], []), here),
        adoption.adoption_report(none, none, here),
        service.service_report(empty, empty, here),
        campaign.campaign_report(of_campaign(objectives=()), [], here),
    ]


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_empty_period_is_a_report_that_says_so(language: str) -> None:
    for report in nothing(words_for(language).say, language):
        assert report.words
        assert Report.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("language", ["en", "de"])
def test_dexter_s_own_words_tell_of_no_number_that_is_not_in_the_data(language: str) -> None:
    say = words_for(language).say
    made = [of_collaborations(say=say, language=language), of_usage(say=say, language=language)]
    for report in [*made, *nothing(say, language)]:
        silent = known(report.but(words=()))
        assert foreign(" ".join(report.words), silent, language) == (), report.words


def test_a_long_period_is_shown_by_week() -> None:
    year = frame(period=Period(first=date(2026, 1, 1), last=date(2026, 12, 31)))
    assert (len(year.buckets), year.buckets[0], year.daily) == (53, date(2025, 12, 29), False)
    assert year.by_bucket([(date(2026, 1, 1), 1.0), (date(2026, 1, 4), 2.0)])[date(2025, 12, 29)] == 3.0


def test_a_report_stays_small_however_much_there_is_to_tell() -> None:
    rows = [("x" * 300,) * 8 for _ in range(5000)]
    heads = [(said("{n}", n=at), "text") for at in range(8)]
    huge = of_collaborations().but(
        sections=tuple(frame().section(said("s"), table=frame().table("t", heads, [*rows])) for _ in range(5))  # type: ignore[arg-type]
    )
    small = bounded(huge)
    assert len(small.model_dump_json()) <= 200_000
    assert all(len(table.rows) + table.left == 5000 for table in small.tables)


@given(st.dictionaries(st.integers(0, 100), st.integers(1, 50), max_size=20), st.floats(0.01, 1.0))
def test_a_percentile_is_the_nearest_rank(tenths: dict[int, int], share: float) -> None:
    values = sorted(value for value, count in tenths.items() for _ in range(count))
    found = percentile(tenths, share)
    if not values:
        assert found is None
        return
    rank = next(at for at in range(1, len(values) + 1) if at >= share * len(values))
    assert found == values[rank - 1] / 10


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (12, 10, "20.0% more"),
        (8, 10, "20.0% less"),
        (10, 10, "as much as"),
        (1, 0, "there was none"),
        (None, 3, "nothing to compare"),
    ],
)
def test_a_change_is_said_in_words(now: float | None, before: float | None, words: str) -> None:
    assert words in str(compared(now, before))
