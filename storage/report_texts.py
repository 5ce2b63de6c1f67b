"""Questions that a report tells of, with what was answered and what was held against it."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from core.reports.store import Argued
from storage.outcome_tables import OUTCOME
from storage.tables import COLLABORATION, EVENT

LONGEST = 1000
"""Characters of a text."""
R, C = OUTCOME.c, COLLABORATION.c


def questions(
    connection: Connection, which: ColumnElement[bool], order: Sequence[ColumnElement[Any]], reader: str, limit: int
) -> list[Argued]:
    """Return questions in an order; of others than the reader nothing that they asked in private."""
    open_ = or_(R.private.is_(False), R.asker == reader)
    few = (
        select(R.tenant, R.run, R.day, R.agreement, R.margin, R.calls).where(which, open_).order_by(*order).limit(limit)
    )
    found = connection.execute(few).all()
    texts = (
        {row.run: row for row in connection.execute(_texts([(row.tenant, row.run) for row in found]))} if found else {}
    )
    return [_argued(row, texts[row.run]) for row in found]


def _texts(runs: Sequence[tuple[str, str]]) -> Any:
    end = EVENT.c.id == C.id + ":answer"
    brief = [func.substr(text, 1, LONGEST).label(text.name) for text in (C.question, C.answer)]
    ids = [run for _, run in runs]
    same = and_(C.tenant == runs[0][0], C.id.in_(ids))
    return select(C.id.label("run"), *brief, EVENT.c.body).join(EVENT, end, isouter=True).where(same)


def _argued(row: Any, text: Any) -> Argued:
    dissent = json.loads(text.body or "{}").get("dissent") or {}
    return Argued(
        run=row.run,
        day=row.day,
        question=text.question,
        answer=text.answer,
        dissent=dissent.get("text", "")[:LONGEST],
        members=tuple(dissent.get("members", ())),
        agreement=row.agreement,
        margin=row.margin,
        calls=row.calls,
    )
