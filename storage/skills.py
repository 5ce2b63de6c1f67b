"""How skills are kept: `core.ports.SkillStore`, on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import BadRequest, NotFound
from core.events import Event
from core.skills.names import alike
from core.skills.numbers import order
from core.skills.record import Record, Trial
from core.skills.skill import File, Locked, LockedPackage, Move, Need, Skill, SkillVersion, Stage, moved
from storage import skill_records
from storage.journal import Journal
from storage.rows import clean, dumped
from storage.skill_search import keep_words, search
from storage.skill_tables import FILE, SKILL, USE, VERSION
from storage.transactions import Transactions

S, V = SKILL.c, VERSION.c
LISTS: Mapping[str, TypeAdapter[Any]] = {
    "files": TypeAdapter(tuple[File, ...]),
    "needs": TypeAdapter(tuple[Need, ...]),
    "lock": TypeAdapter(tuple[Locked, ...]),
    "packages": TypeAdapter(tuple[LockedPackage, ...]),
    "moves": TypeAdapter(tuple[Move, ...]),
}
"""The fields of a version that are kept as JSON."""


class SqlSkills:
    """Skills of all tenants; no method crosses from one to another."""

    def __init__(self, transactions: Transactions) -> None:
        self._read, self._write = transactions.read, transactions.write
        self._journal = Journal(transactions.engine.dialect.name)

    async def add(self, version: SkillVersion, files: Mapping[str, bytes]) -> bool:
        """Keep a version, and its files by their SHA-256. Returns False, changing nothing, where it is there already.

        Raises `BadRequest` where its number has other content, or a skill with a name that looks the same is there.
        """
        return await self._write(lambda c: _add(c, version, files))

    async def skills(self, tenant: str, *, offset: int = 0, limit: int = 20) -> Sequence[Skill]:
        """Return skills by name."""
        query = select(SKILL).where(S.tenant == tenant).order_by(S.name).offset(offset).limit(limit)
        return await self._read(lambda c: [_skill(row) for row in c.execute(query)])

    async def search(self, tenant: str, words: str, *, offset: int = 0, limit: int = 20) -> tuple[Sequence[Skill], int]:
        """Return skills that have all the words, or words they begin, best match first, and how many there are."""

        def found(connection: Connection) -> tuple[Sequence[Skill], int]:
            rows, count = search(connection, tenant, words, offset, limit)
            return [_skill(row) for row in rows], count

        return await self._read(found)

    async def count(self, tenant: str) -> int:
        """Return how many skills there are."""
        query = select(func.count()).select_from(SKILL).where(S.tenant == tenant)
        return await self._read(lambda c: int(c.execute(query).scalar_one()))

    async def versions(self, tenant: str, names: Sequence[str]) -> Sequence[SkillVersion]:
        """Return all versions of some skills, in the order in which they came."""
        wanted = [clean(name) for name in names]
        query = select(VERSION).where(V.tenant == tenant, V.skill.in_(wanted)).order_by(V.skill, V.seq)
        return await self._read(lambda c: [_version(row) for row in c.execute(query)])

    async def contents(self, tenant: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """Return files by their SHA-256."""
        query = select(FILE.c.sha256, FILE.c.content).where(FILE.c.tenant == tenant, FILE.c.sha256.in_(set(hashes)))
        return await self._read(lambda c: {row.sha256: row.content for row in c.execute(query)})

    async def move(self, tenant: str, name: str, version: str, move: Move) -> SkillVersion:
        """Take a step in the life of a version, and return it after. Raises `NotFound` and `BadRequest`."""
        return await self._write(lambda c: _move(c, tenant, name, version, move))

    async def decide(
        self, event: Event, slots: Sequence[str], name: str, version: str, *, before: str, move: Move | None
    ) -> SkillVersion:
        """Write a person's approval down, and take the step that it allows; see `core.ports.SkillStore`."""

        def work(connection: Connection) -> SkillVersion:
            skill, found = _found(connection, event.tenant, name, version)
            if skill.in_force != before:
                raise _other_in_force(name, skill.in_force)
            if not self._journal.append(connection, event, slots):
                raise BadRequest("That was decided before: `show {run}` says by whom.", run=event.run)
            return _moved(connection, skill, found, move) if move else found

        return await self._write(work, alone=True)

    async def note(self, trial: Trial) -> bool:
        """Count a trial; False, changing nothing, where its run was counted for that version before."""
        return await self._write(lambda c: skill_records.note(c, trial))

    async def records(self, tenant: str, versions: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Record]:
        """Return what is known of versions, by name and number, in one query; nothing of those never tried."""
        return await self._read(lambda c: skill_records.records(c, tenant, versions))

    async def stalest(self, tenant: str, *, limit: int) -> Sequence[tuple[str, str, bool]]:
        """Return promoted versions, those first whose last test is the longest ago, and whether it failed."""
        return await self._read(lambda c: skill_records.stalest(c, tenant, limit))

    async def users(self, tenant: str, name: str, version: str) -> Sequence[tuple[str, str]]:
        """Return the versions, not retired themselves, that were locked to this one: each name and number."""
        mine = V.tenant == USE.c.tenant, V.skill == USE.c.skill, V.version == USE.c.version
        using = USE.c.tenant == tenant, USE.c.uses == clean(name), USE.c.uses_version == clean(version)
        query = (
            select(USE.c.skill, USE.c.version)
            .join(VERSION, mine[0] & mine[1] & mine[2])
            .where(*using, V.stage != Stage.RETIRED.value)
            .order_by(USE.c.skill, V.seq)
        )
        return await self._read(lambda c: [(row.skill, row.version) for row in c.execute(query)])


def _add(connection: Connection, version: SkillVersion, files: Mapping[str, bytes]) -> bool:
    inserting: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(inserting(SKILL).values(_first(version)).on_conflict_do_nothing())
    skill = connection.execute(_locked(version.tenant, version.skill)).one_or_none()
    if skill is None:
        raise _resembling(connection, version)
    new = inserting(VERSION).on_conflict_do_nothing().returning(V.seq)
    if connection.execute(new, _row(version)).first() is None:
        return _there_already(connection, version)
    tenant = version.tenant
    rows = [{"tenant": tenant, "sha256": sha256, "content": content} for sha256, content in files.items()]
    connection.execute(inserting(FILE).on_conflict_do_nothing(), rows)
    if uses := [
        {
            "tenant": tenant,
            "uses": u.name,
            "uses_version": u.version,
            "skill": version.skill,
            "version": version.version,
        }
        for u in version.lock
    ]:
        connection.execute(inserting(USE), uses)
    values: dict[str, Any] = {"versions": skill.versions + 1, "changed_at": version.made.at}
    if order(version.version) >= order(skill.version):
        values |= {"version": version.version, "stage": version.stage.value, "description": clean(version.description)}
        keep_words(connection, inserting, tenant, version.skill, values["description"])
    connection.execute(update(SKILL).where(S.tenant == tenant, S.name == version.skill).values(values))
    return True


def _locked(tenant: str, name: str) -> Any:
    return select(SKILL).where(S.tenant == tenant, S.name == name).with_for_update()


def _first(version: SkillVersion) -> dict[str, Any]:
    """Return the row of a skill that has no version yet."""
    return {
        "tenant": version.tenant,
        "name": version.skill,
        "alike": alike(version.skill),
        "description": clean(version.description),
        "version": version.version,
        "stage": version.stage.value,
        "versions": 0,
        "changed_at": version.made.at,
    }


def _resembling(connection: Connection, version: SkillVersion) -> BadRequest:
    query = select(S.name).where(S.tenant == version.tenant, S.alike == alike(version.skill))
    return BadRequest(
        "The name “{name}” is too easily taken for “{other}”, which is here already: choose another.",
        name=version.skill,
        other=connection.execute(query).scalar_one(),
    )


def _there_already(connection: Connection, version: SkillVersion) -> bool:
    query = select(V.content).where(V.tenant == version.tenant, V.skill == version.skill, V.version == version.version)
    if connection.execute(query).scalar_one() != version.content:
        raise BadRequest(
            "{name} {version} is here with other content, and versions never change: raise `version` in metadata.",
            name=version.skill,
            version=version.version,
        )
    return False


def _move(connection: Connection, tenant: str, name: str, number: str, move: Move) -> SkillVersion:
    return _moved(connection, *_found(connection, tenant, name, number), move)


def _found(connection: Connection, tenant: str, name: str, number: str) -> tuple[Row[Any], SkillVersion]:
    """Return the row of a skill, locked, and one of its versions."""
    skill = connection.execute(_locked(tenant, clean(name))).one_or_none()
    mine = V.tenant == tenant, V.skill == clean(name), V.version == clean(number)
    row = connection.execute(select(VERSION).where(*mine)).one_or_none()
    if skill is None or row is None:
        raise NotFound("There is no {name} {version} here.", name=name[:64], version=number[:20])
    return skill, _version(row)


def _moved(connection: Connection, skill: Row[Any], version: SkillVersion, move: Move) -> SkillVersion:
    if move.run and any((each.run, each.stage) == (move.run, move.stage) for each in version.moves):
        return version
    after = moved(version, move)
    mine = V.tenant == after.tenant, V.skill == after.skill
    values = _row(after)
    stepped = update(VERSION).where(*mine, V.version == after.version)
    connection.execute(stepped.values(moves=values["moves"], stage=values["stage"]))
    promoted = connection.execute(select(V.version).where(*mine, V.stage == Stage.PROMOTED.value)).scalars()
    changed: dict[str, Any] = {"changed_at": move.at, "in_force": max(promoted, key=order, default="")}
    if skill.version == after.version:
        changed["stage"] = after.stage.value
    connection.execute(update(SKILL).where(S.tenant == after.tenant, S.name == skill.name).values(changed))
    return after


def _other_in_force(name: str, version: str) -> BadRequest:
    if not version:
        return BadRequest("No version of {name} is in force any more: have it promoted anew.", name=name)
    text = "{name} {version} is in force by now: have it promoted anew, and read what differs from that."
    return BadRequest(text, name=name, version=version)


def _row(version: SkillVersion) -> dict[str, Any]:
    values = {name: getattr(version, name) for name in SkillVersion.model_fields}
    plain = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    lists = {name: f"[{','.join(map(dumped, values[name]))}]" for name in LISTS}
    return {**plain, **lists, "stage": version.stage.value}


def _version(row: Row[Any]) -> SkillVersion:
    values = {name: getattr(row, name) for name in SkillVersion.model_fields}
    lists = {name: adapter.validate_json(values[name]) for name, adapter in LISTS.items()}
    return SkillVersion(**{**values, **lists})


def _skill(row: Row[Any]) -> Skill:
    return Skill(**{name: getattr(row, name) for name in Skill.model_fields})
