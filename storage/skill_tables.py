"""The tables of skills. A version's row is fixed but for its stage and moves; triggers refuse any other change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from storage.tables import Moment, Name, Number


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


class VersionRow(SQLModel, table=True):
    """A `SkillVersion`; lists in it are JSON."""

    __tablename__ = "skill_version"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "skill"], ["skill.tenant", "skill.name"], name="skill_version_of"),
        Index("skill_version_number", "tenant", "skill", "version", unique=True),
        Index("skill_version_history", "tenant", "skill", "seq"),
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
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant", "skill", "version"],
            ["skill_version.tenant", "skill_version.skill", "skill_version.version"],
            name="skill_use_by",
        ),
    )

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    uses: str = Field(sa_column=Column(Name, primary_key=True))
    uses_version: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    version: str = Field(sa_column=Column(Name, primary_key=True))


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


SKILLS = tuple(map(_table, (SkillRow, VersionRow, FileRow, UseRow)))
SKILL, VERSION, FILE, USE = SKILLS
