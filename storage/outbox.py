"""The outbox: which posts are due, who is at them, and what became of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, tuple_, update

from core.entities import Backlog, Due, now
from storage.rows import clean
from storage.tables import OUTBOX
from storage.transactions import Transactions

O = OUTBOX.c  # noqa: E741
QUESTION = OUTBOX.alias("question")
ROOT = "question"
LONGEST_REASON = 500
REASONS = 5


class SqlOutbox:
    """`core.ports.Outbox` on both databases."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def claim(self, worker: str, *, limit: int = 50, lease: float = 60.0) -> Sequence[Due]:
        """Take due rows, oldest first, for `lease` seconds, and count an attempt on each."""
        if self._transactions.sqlite and not await self._transactions.read(lambda c: c.execute(due(1)).first()):
            return []  # asking often must not take the one write lock
        return await self._transactions.write(lambda c: _claim(c, worker, limit, lease))

    async def renew(self, worker: str, due: Due, lease: float = 60.0) -> bool:
        """Hold a claim for `lease` seconds from now; False where another has taken it meanwhile."""
        mine = O.run == due.run, O.slot == due.slot, O.tenant == due.tenant, O.worker == worker
        longer = update(OUTBOX).where(*mine, O.attempts == due.attempts)
        longer = longer.values(due_at=now() + timedelta(seconds=lease))
        return await self._transactions.write(lambda connection: connection.execute(longer).rowcount > 0)

    async def posted(self, due: Due, message: str) -> None:
        """Note that everything up to `due.upto` is shown as `message`, and give the claim back.

        One whose lease ran out meanwhile and was taken by another tells what it showed, and leaves the claim alone.
        """
        mine = O.attempts == due.attempts
        shown = case((O.shown < due.upto, due.upto), else_=O.shown)
        values = {
            "shown": shown,
            "message": case((or_(mine, O.message.is_(None)), clean(message)), else_=O.message),
            "due_at": case((mine, now()), else_=O.due_at),
            "worker": case((mine, None), else_=O.worker),
            "attempts": case((mine, 0), else_=O.attempts),
            "error": None,
        }
        await self._change(due, values)

    async def postpone(self, due: Due, seconds: float, error: str) -> None:
        """Give the claim back; the row is due again after `seconds`."""
        later = {"due_at": now() + timedelta(seconds=seconds), "worker": None, "error": clean(error)[:LONGEST_REASON]}
        await self._change(due, later, O.attempts == due.attempts)

    async def bury(self, due: Due, reason: str) -> None:
        """Never try this row again; `status` shows the reason."""
        await self._change(due, {"buried": clean(reason)[:LONGEST_REASON], "worker": None})

    async def backlog(self, tenant: str) -> Backlog:
        """Return how many posts of a tenant wait, since when, and which were given up and why."""
        return await self._transactions.read(lambda connection: _backlog(connection, tenant))

    async def _change(self, due: Due, values: dict[str, Any], *only: ColumnElement[bool]) -> None:
        row = update(OUTBOX).where(O.run == due.run, O.slot == due.slot, O.tenant == due.tenant, *only)
        await self._transactions.write(lambda connection: connection.execute(row.values(values)) and None)


def free(connection: Connection) -> None:
    """Give every claim back: for a start on SQLite, whose one process before us has died or ended."""
    connection.execute(update(OUTBOX).where(O.worker.is_not(None)).values(worker=None, due_at=now()))


def due(limit: int) -> Any:
    """Return the query for rows that may be claimed, oldest first.

    The `question` of a run opens its thread, so the other slots wait until it has its message, or is buried.
    """
    opened = or_(QUESTION.c.run.is_(None), QUESTION.c.message.is_not(None), QUESTION.c.buried.is_not(None))
    return (
        select(O.run, O.slot)
        .select_from(OUTBOX.outerjoin(QUESTION, and_(QUESTION.c.run == O.run, QUESTION.c.slot == ROOT)))
        .where(O.upto > O.shown, O.buried.is_(None), O.due_at <= now(), or_(O.slot == ROOT, opened))
        .order_by(O.due_at, O.upto)
        .limit(limit)
    )


def _claim(connection: Connection, worker: str, limit: int, lease: float) -> list[Due]:
    found = connection.execute(due(limit).with_for_update(skip_locked=True, of=OUTBOX)).all()
    if not found:
        return []
    taken = (
        update(OUTBOX)
        .where(O.run.in_({row.run for row in found}), O.due_at <= now())
        .where(tuple_(O.run, O.slot).in_([tuple(row) for row in found]))  # SQLite has no index for pairs in a list
        .values(worker=worker, attempts=O.attempts + 1, due_at=now() + timedelta(seconds=lease))
        .returning(*O)
    )
    rows = sorted(connection.execute(taken), key=lambda row: row.upto)
    # Not a subquery of RETURNING: there, SQL for SQLite names no tables, and each row would get any run's root.
    opened = select(O.run, O.message).where(O.run.in_({row.run for row in rows}), O.slot == ROOT)
    roots = {row.run: row.message for row in connection.execute(opened)}
    return [_due(row, roots.get(row.run)) for row in rows]


def _due(row: Row[Any], root: str | None) -> Due:
    return Due(root=root, **{name: getattr(row, name) for name in Due.model_fields if name != "root"})


def _backlog(connection: Connection, tenant: str) -> Backlog:
    behind = and_(O.tenant == tenant, O.upto > O.shown)
    waits, gone = O.buried.is_(None), O.buried.is_not(None)
    count = select(func.count(), func.min(O.due_at))
    waiting, oldest = connection.execute(count.where(behind, waits)).one()
    buried, _ = connection.execute(count.where(behind, gone)).one()
    newest = select(O.run, O.slot, O.buried).where(behind, gone).order_by(O.upto.desc()).limit(REASONS)
    reasons = tuple(f"{row.run} {row.slot}: {row.buried}" for row in connection.execute(newest))
    return Backlog(waiting=waiting, oldest=oldest, buried=buried, reasons=reasons)
