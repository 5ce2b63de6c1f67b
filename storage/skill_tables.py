"""The tables of skills. A version's row is fixed but for its stage and moves; triggers refuse any other change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, Table, Text, text
from sqlmodel import Field, SQLModel

from storage.tables import Moment, Name, Number

PROMOTED = text("stage = 'promoted'")


def _of_version(constraint: str) -> ForeignKeyConstraint:
    version = ["skill_version.tenant", "skill_version.skill", "skill_version.version"]
    return ForeignKeyConstraint(["tenant", "skill", "version"], version, name=constraint)


class SkillRow(SQLModel, table=True):
    """A `Skill`, kept up with its newest version so that a list reads one row each."""

    __tablename__ = "skill"
    __table_args__ = (Index("skill_alike", "tenant", "alike", unique=True),)

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    name: str = Field(sa_column=Column(Name, primary_key=True))
    alike: str = Field(sa_type=Name)
    """What names that look the same have in common: two of them cannot be kept."""
    description: str = Field(sa_type=Text)
    version: str = Field(sa_type=Name)
    stage: str = Field(sa_type=Name)
    versions: int
    changed_at: datetime = Field(sa_type=Moment)
    in_force: str = Field(default="", sa_type=Name, sa_column_kwargs={"server_default": text("''")})


class VersionRow(SQLModel, table=True):
    """A `SkillVersion`; lists in it are JSON."""

    __tablename__ = "skill_version"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "skill"], ["skill.tenant", "skill.name"], name="skill_version_of"),
        Index("skill_version_number", "tenant", "skill", "version", unique=True),
        Index("skill_version_history", "tenant", "skill", "seq"),
        Index("skill_version_promoted", "tenant", "skill", sqlite_where=PROMOTED, postgresql_where=PROMOTED),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    tenant: str = Field(sa_type=Name)
    skill: str = Field(sa_type=Name)
    version: str = Field(sa_type=Name)
    content: str = Field(sa_type=Name)
    stage: str = Field(sa_type=Name)
    """The last of `moves`, for queries."""
    description: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    files: str = Field(sa_type=Text)
    needs: str = Field(sa_type=Text)
    lock: str = Field(sa_type=Text)
    packages: str = Field(default="[]", sa_type=Text, sa_column_kwargs={"server_default": text("'[]'")})
    source: str = Field(sa_type=Text)
    moves: str = Field(sa_type=Text)
    parent: str | None = Field(default=None, sa_type=Name)
    collaboration: str | None = Field(default=None, sa_type=Name)


class FileRow(SQLModel, table=True):
    """The content of files, once for each tenant that has it."""

    __tablename__ = "skill_file"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    sha256: str = Field(sa_column=Column(Name, primary_key=True))
    content: bytes = Field(sa_type=LargeBinary)


class UseRow(SQLModel, table=True):
    """A version that another version was locked to, the used one first, so that its users are found."""

    __tablename__ = "skill_use"
    __table_args__ = (_of_version("skill_use_by"),)

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    uses: str = Field(sa_column=Column(Name, primary_key=True))
    uses_version: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    version: str = Field(sa_column=Column(Name, primary_key=True))


class TrialRow(SQLModel, table=True):
    """A `Trial` that was counted, so that it is not counted again."""

    __tablename__ = "skill_trial"
    __table_args__ = (_of_version("skill_trial_of"), Index("skill_trial_period", "tenant", "at"))

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    run: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    version: str = Field(sa_column=Column(Name, primary_key=True))
    kind: str = Field(sa_column=Column(Name, primary_key=True))
    held: bool
    at: datetime = Field(sa_type=Moment)


class RecordRow(SQLModel, table=True):
    """The `Record` of a version; one that was never tried has no row."""

    __tablename__ = "skill_record"
    __table_args__ = (_of_version("skill_record_of"),)

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    version: str = Field(sa_column=Column(Name, primary_key=True))
    tests: int
    passed: int
    tier: str | None = Field(default=None, sa_type=Name)
    tested_at: datetime | None = Field(default=None, sa_type=Moment)
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    runs: int
    succeeded: int
    last_run_at: datetime | None = Field(default=None, sa_type=Moment)


class WordRow(SQLModel, table=True):
    """A word of a skill's name or description. A tenant's own index: the skills of others slow no search down."""

    __tablename__ = "skill_word"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "skill"], ["skill.tenant", "skill.name"], name="skill_word_of"),
        Index("skill_word_by_skill", "tenant", "skill"),
    )

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    word: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    weight: int
    """3 for a word of the name, 1 for one of the description."""


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


SKILLS = tuple(map(_table, (SkillRow, VersionRow, FileRow, UseRow, TrialRow, RecordRow, WordRow)))
SKILL, VERSION, FILE, USE, TRIAL, RECORD, WORD = SKILLS
