"""What is known of versions: trials counted once, and the records that they add up to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.errors import NotFound
from core.skills.record import Record, Trial
from storage.rows import clean
from storage.skill_tables import RECORD, TRIAL, VERSION

R, V = RECORD.c, VERSION.c
FIELDS = tuple(Record.model_fields)


def note(connection: Connection, trial: Trial) -> bool:
    """Count a trial; False, changing nothing, where its run was counted for that version before.

    Raises `NotFound` where its tenant has no such version.
    """
    inserting: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {name: clean(getattr(trial, name)) for name in ("tenant", "run", "skill", "version", "kind")}
    new = inserting(TRIAL).values(**row, held=trial.held, at=trial.at).on_conflict_do_nothing().returning(TRIAL.c.run)
    try:
        if connection.execute(new).first() is None:
            return False
    except IntegrityError:
        raise NotFound("There is no {name} {version} here.", name=trial.skill, version=trial.version) from None
    of = {name: row[name] for name in ("tenant", "skill", "version")}
    counted = {"tests": 0, "passed": 0, "tier": None, "tested_at": None, "failing_since": None}
    counted |= {"runs": 0, "succeeded": 0, "last_run_at": None}
    counted |= _tests(trial) if trial.kind == "tests" else _use(trial)
    insertion = inserting(RECORD).values(**of, **counted)
    changed = _after_tests(trial) if trial.kind == "tests" else _after_use(trial)
    connection.execute(insertion.on_conflict_do_update(index_elements=list(of), set_=changed))
    return True


def _tests(trial: Trial) -> dict[str, Any]:
    return {
        "tests": trial.tests,
        "passed": trial.passed,
        "tier": trial.tier.value if trial.tier else None,
        "tested_at": trial.at,
        "failing_since": None if trial.held else trial.at,
    }


def _after_tests(trial: Trial) -> dict[str, Any]:
    """Return what changes; since when they fail is remembered over several that fail."""
    since = case((R.failing_since.is_(None), trial.at), else_=R.failing_since)
    return _tests(trial) | ({} if trial.held else {"failing_since": since})


def _use(trial: Trial) -> dict[str, Any]:
    return {"runs": 1, "succeeded": int(trial.held), "last_run_at": trial.at}


def _after_use(trial: Trial) -> dict[str, Any]:
    return {"runs": R.runs + 1, "succeeded": R.succeeded + int(trial.held), "last_run_at": trial.at}


def records(
    connection: Connection, tenant: str, versions: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Record]:
    """Return what is known of some versions, by name and number; nothing of those that were never tried."""
    wanted = sorted({(clean(name), clean(version)) for name, version in versions})
    if not wanted:
        return {}
    query = select(RECORD).where(R.tenant == tenant, tuple_(R.skill, R.version).in_(wanted))
    return {(row.skill, row.version): record(row) for row in connection.execute(query)}


def record(row: Row[Any]) -> Record:
    """Return the record of a row."""
    return Record(**{name: getattr(row, name) for name in FIELDS})


def stalest(connection: Connection, tenant: str, limit: int) -> Sequence[tuple[str, str, bool]]:
    """Return promoted versions, those first whose last test is the longest ago, and whether that failed."""
    mine = V.tenant == R.tenant, V.skill == R.skill, V.version == R.version
    query = (
        select(V.skill, V.version, R.failing_since)
        .outerjoin(RECORD, mine[0] & mine[1] & mine[2])
        .where(V.tenant == tenant, V.stage == "promoted")
        .order_by(R.tested_at.asc().nulls_first(), V.skill, V.seq)
        .limit(limit)
    )
    return [(row.skill, row.version, row.failing_since is not None) for row in connection.execute(query)]
