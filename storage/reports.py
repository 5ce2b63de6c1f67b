"""Sums over a period, for reports: `core.reports.store.ReportStore` on SQLite and PostgreSQL.

Runs are counted on the day on which they ended, calls on the day on which they were written down; days are UTC.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from core.entities import Noun, now
from core.reports.period import Period
from core.reports.store import Argued, Courses, Delays, Ended, ModelDay, Moves, Parts, Spent, Tried, Way
from storage.campaign_tables import CAMPAIGN
from storage.outcome_tables import OUTCOME, PART
from storage.report_skills import moves, tried
from storage.report_texts import questions
from storage.tables import CALL, COLLABORATION
from storage.transactions import Transactions

R, C, K = OUTCOME.c, COLLABORATION.c, CALL.c
T = TypeVar("T", bound=Noun)
LATE = timedelta(hours=1)
"""A run that has not ended by then is unfinished."""
QUESTION = and_(R.task == "", R.purpose == "")
SUMS = (
    func.coalesce(func.sum(R.calls), 0).label("calls"),
    func.coalesce(func.sum(R.prompt_tokens + R.completion_tokens), 0).label("tokens"),
    func.coalesce(func.sum(R.cost), 0.0).label("cost"),
    func.coalesce(func.sum(R.unpriced), 0).label("unpriced"),
)
VOTED = (
    func.count(R.agreement).label("voted"),
    func.coalesce(func.sum(R.agreement), 0.0).label("agreement"),
    func.sum(case((R.dissent > 0, 1), else_=0)).label("dissents"),
)
GOOD = K.outcome == "ok"


class SqlReports:
    """What reports read, on SQLite and PostgreSQL; each method is one reading."""

    def __init__(self, transactions: Transactions) -> None:
        self._read, self._sqlite = transactions.read, transactions.sqlite

    async def ended(self, tenant: str, period: Period) -> Sequence[Ended]:
        """Return the runs that ended, by day, sort and status."""
        step = (R.purpose != "").label("step")
        passed = func.sum(case((R.passed.is_(True), 1), else_=0)).label("passed")
        drafted = func.sum(case((and_(R.task == "", R.skill != ""), 1), else_=0)).label("drafted")
        by = (R.day, R.task, step, R.status)
        query = select(*by, func.count().label("runs"), passed, drafted, *VOTED, *SUMS).where(
            _in(OUTCOME, tenant, period)
        )
        return await self._nouns(Ended, query.group_by(*by).order_by(R.day, R.task, R.status))

    async def delays(self, tenant: str, period: Period) -> Delays:
        """Return how long questions waited and took."""
        asked = and_(_in(OUTCOME, tenant, period), QUESTION)
        over = case((R.took > R.worked, R.took - R.worked), else_=0.0)
        kinds = {"waited": R.waited, "overhead": over, "took": R.took}
        unbegun = select(func.count()).where(asked, R.waited.is_(None))
        began, ended = _times(period)
        gone = select(func.count()).where(
            C.tenant == tenant,
            C.status.in_(("queued", "running")),
            C.aim == "",
            or_(C.task == "", C.task.not_like('%"kind":"campaign"%')),
            C.created_at >= began,
            C.created_at < min(ended, now() - LATE),
        )

        def read(connection: Connection) -> Delays:
            found = {
                name: self._tenths(connection, seconds, and_(asked, R.waited.is_not(None)))
                for name, seconds in kinds.items()
            }
            unfinished = connection.execute(gone).scalar_one()
            return Delays(**found, unbegun=connection.execute(unbegun).scalar_one(), unfinished=unfinished)

        return await self._read(read)

    def _tenths(
        self, connection: Connection, seconds: ColumnElement[Any], which: ColumnElement[bool]
    ) -> dict[int, int]:
        tenth = _tenth(seconds, self._sqlite)
        query = select(tenth, func.count()).where(which).group_by(tenth).order_by(tenth)
        return {int(at): count for at, count in connection.execute(query)}

    async def ways(self, tenant: str, period: Period) -> Sequence[Way]:
        """Return how questions were deliberated, the commonest first."""
        answered = func.sum(case((R.status == "answered", 1), else_=0)).label("answered")
        runs = func.count().label("runs")
        query = select(R.committee, R.pattern, runs, answered, *VOTED).where(_in(OUTCOME, tenant, period), QUESTION)
        return await self._nouns(
            Way, query.group_by(R.committee, R.pattern).order_by(runs.desc(), R.committee, R.pattern)
        )

    async def argued(self, tenant: str, period: Period, *, reader: str, limit: int = 10) -> Sequence[Argued]:
        """Return questions with a dissent, the closest votes first; of others nothing that they asked in private."""
        closest = (func.coalesce(R.margin, 0.0), R.dissent.desc(), R.run)
        which = and_(_in(OUTCOME, tenant, period), QUESTION, R.dissent > 0)
        return await self._read(lambda c: questions(c, which, closest, reader, limit))

    async def asked(self, tenant: str, period: Period, *, reader: str, limit: int = 10) -> Sequence[Argued]:
        """Return the questions that took the most work; of others nothing that they asked in private."""
        which = and_(_in(OUTCOME, tenant, period), QUESTION)
        return await self._read(lambda c: questions(c, which, (R.calls.desc(), R.run), reader, limit))

    async def model_days(self, tenant: str, period: Period) -> Sequence[ModelDay]:
        """Return what each model did by day."""
        query = select(
            K.day,
            K.model,
            func.count().label("calls"),
            func.sum(case((GOOD, 1), else_=0)).label("good"),
            func.sum(case((GOOD, K.seconds), else_=0.0)).label("seconds"),
            func.sum(K.prompt_tokens).label("prompt_tokens"),
            func.sum(K.completion_tokens).label("completion_tokens"),
            func.coalesce(func.sum(K.cost), 0.0).label("cost"),
            (func.count() - func.count(K.cost)).label("unpriced"),
            func.sum(K.retries).label("retries"),
        ).where(_in(CALL, tenant, period))
        return await self._nouns(ModelDay, query.group_by(K.day, K.model).order_by(K.day, K.model))

    async def tenths(self, tenant: str, period: Period) -> Mapping[str, Mapping[int, int]]:
        """Return how long the calls of each model took that gave something: tenths of a second to how many."""
        tenth = _tenth(K.seconds, self._sqlite)
        query = select(K.model, tenth, func.count()).where(_in(CALL, tenant, period), GOOD).group_by(K.model, tenth)

        def read(connection: Connection) -> Mapping[str, Mapping[int, int]]:
            found: dict[str, dict[int, int]] = defaultdict(dict)
            for model, at, count in connection.execute(query):
                found[model][int(at)] = count
            return {**found}

        return await self._read(read)

    async def parts(self, tenant: str, period: Period) -> Sequence[Parts]:
        """Return how the seats of each model fared."""
        p, runs = PART.c, func.count().label("runs")
        held = [func.sum(case((p[name].is_(True), 1), else_=0)).label(name) for name in ("won", "dissented")]
        missed = [func.sum(p[name]).label(name) for name in ("absent", "spared")]
        query = select(p.model, runs, *held, *missed).where(_in(PART, tenant, period))
        return await self._nouns(Parts, query.group_by(p.model).order_by(runs.desc(), p.model))

    async def spending(
        self, tenant: str, period: Period, by: Literal["asker", "channel"], *, asker: str | None = None
    ) -> Sequence[Spent]:
        """Return what each person, or each channel, used, the most first; of one `asker` alone where one is given."""
        which = _in(OUTCOME, tenant, period) if asker is None else and_(_in(OUTCOME, tenant, period), R.asker == asker)
        key: ColumnElement[str] = R.asker if by == "asker" else case((R.private.is_(True), ""), else_=R.channel)
        runs, cost, tokens = func.count().label("runs"), SUMS[2], SUMS[1]
        last = func.max(R.run).label("last")
        sums = select(key.label("key"), runs, *SUMS, last).where(which).group_by(key).subquery()
        name = C.asker_name if by == "asker" else literal("")
        query = select(*(column for column in sums.c if column.key != "last"), name.label("name")).join(
            COLLABORATION, and_(C.tenant == tenant, C.id == sums.c.last)
        )
        order = sums.c[cost.name].desc(), sums.c[tokens.name].desc(), sums.c.runs.desc(), sums.c.key
        return await self._nouns(Spent, query.order_by(*order))

    async def active(self, tenant: str, period: Period) -> Mapping[date, frozenset[str]]:
        """Return who asked or ran something on each day."""
        query = select(R.day, R.asker).where(_in(OUTCOME, tenant, period), R.purpose == "").distinct()

        def read(connection: Connection) -> Mapping[date, frozenset[str]]:
            days: dict[date, set[str]] = defaultdict(set)
            for day, asker in connection.execute(query):
                days[day].add(asker)
            return {day: frozenset(people) for day, people in sorted(days.items())}

        return await self._read(read)

    async def tried(self, tenant: str, period: Period) -> Sequence[Tried]:
        """Return how trials of skills went."""
        return await self._read(lambda c: tried(c, tenant, *_times(period)))

    async def moves(self, tenant: str, period: Period) -> Sequence[Moves]:
        """Return what happened to each skill; those to which nothing did only where their tests fail."""
        return await self._read(lambda c: moves(c, tenant, *_times(period)))

    async def courses(self, tenant: str, period: Period) -> Courses:
        """Return how campaigns went."""
        k = CAMPAIGN.c
        began, ended = _times(period)
        begun = select(func.count()).where(k.tenant == tenant, k.created_at >= began, k.created_at < ended)
        over = select(k.course, func.count(), func.sum(k.objectives), func.sum(k.met)).where(
            k.tenant == tenant, k.ended_at >= began, k.ended_at < ended
        )

        def read(connection: Connection) -> Courses:
            rows = connection.execute(over.group_by(k.course).order_by(k.course)).all()
            return Courses(
                begun=connection.execute(begun).scalar_one(),
                ended={course: count for course, count, _, _ in rows},
                objectives=sum(int(of) for _, _, of, _ in rows),
                met=sum(int(met) for _, _, _, met in rows),
            )

        return await self._read(read)

    async def _nouns(self, noun: type[T], query: Select[Any]) -> list[T]:
        return await self._read(lambda c: [noun(**row._mapping) for row in c.execute(query)])


def _in(table: Table, tenant: str, period: Period) -> ColumnElement[bool]:
    """Return the condition for a tenant's rows of a period, in a table that has days."""
    return and_(table.c.tenant == tenant, table.c.day >= period.first, table.c.day <= period.last)


def _times(period: Period) -> tuple[datetime, datetime]:
    """Return when a period begins, and when it is over."""
    return datetime.combine(period.first, time(), UTC), datetime.combine(period.end, time(), UTC)


def _tenth(seconds: ColumnElement[Any], sqlite: bool) -> ColumnElement[int]:
    """Return tenths of a second, rounded; SQLite cuts where PostgreSQL rounds."""
    return cast(seconds * 10 + 0.5 if sqlite else seconds * 10, BigInteger)
