"""What happened to skills in a period: trials, and moves in the life of versions."""

import json
from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from core.reports.store import Moves, Tried
from storage.skill_tables import RECORD, SKILL, TRIAL, VERSION

DRAFTED, PROMOTED, RETIRED = "draft", "promoted", "retired"


def tried(connection: Connection, tenant: str, began: datetime, ended: datetime) -> list[Tried]:
    """Return how trials went, those of the most tried skills first."""
    t, trials = TRIAL.c, func.count().label("trials")
    held = func.sum(case((t.held.is_(True), 1), else_=0)).label("held")
    query = select(t.skill, t.kind, trials, held).where(t.tenant == tenant, t.at >= began, t.at < ended)
    rows = connection.execute(query.group_by(t.skill, t.kind).order_by(trials.desc(), t.skill, t.kind))
    return [Tried(**row._mapping) for row in rows]


def moves(connection: Connection, tenant: str, began: datetime, ended: datetime) -> list[Moves]:
    """Return what happened to each skill to which something did, or whose tests fail."""
    happened: dict[str, Counter[str]] = defaultdict(Counter)
    v = VERSION.c
    for skill, written in connection.execute(select(v.skill, v.moves).where(v.tenant == tenant)):
        for move in json.loads(written):
            if began <= datetime.fromisoformat(move["at"]) < ended:
                happened[skill][move["stage"]] += 1
    failing, force = _standing(connection, tenant)
    return [
        Moves(
            skill=skill,
            drafted=happened[skill][DRAFTED],
            promoted=happened[skill][PROMOTED],
            retired=happened[skill][RETIRED],
            in_force=force.get(skill, ""),
            failing_since=failing[skill].date() if skill in failing else None,
        )
        for skill in sorted({*happened, *failing})
    ]


def _standing(connection: Connection, tenant: str) -> tuple[dict[str, datetime], dict[str, str]]:
    """Return since when the versions in force fail, and which are in force."""
    s, r = SKILL.c, RECORD.c
    of = and_(r.tenant == s.tenant, r.skill == s.name, r.version == s.in_force)
    query = select(s.name, s.in_force, r.failing_since).join(RECORD, of, isouter=True).where(s.tenant == tenant)
    rows = connection.execute(query).all()
    failing = {row.name: row.failing_since for row in rows if row.in_force and row.failing_since}
    return failing, {row.name: row.in_force for row in rows}
