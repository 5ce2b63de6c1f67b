"""What is known of versions from trials and use, which version is in force, packages, and the words of skills."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
FIXED = "tenant, skill, version, content, description, language, files, needs, lock, parent, source, collaboration"


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def number(column: str) -> sa.Column[int]:
    return sa.Column(column, sa.Integer(), nullable=False)


def time(column: str) -> sa.Column[object]:
    return sa.Column(column, TIME)


def of_version(constraint: str) -> sa.ForeignKeyConstraint:
    version = [f"skill_version.{column}" for column in ("tenant", "skill", "version")]
    return sa.ForeignKeyConstraint(["tenant", "skill", "version"], version, name=constraint)


def upgrade() -> None:
    op.add_column("skill", sa.Column("in_force", NAME, nullable=False, server_default=sa.text("''")))
    op.add_column("skill_version", sa.Column("packages", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
    promoted = sa.text("stage = 'promoted'")
    op.create_index(
        "skill_version_promoted", "skill_version", ["tenant", "skill"],
        sqlite_where=promoted, postgresql_where=promoted,
    )  # fmt: skip
    op.create_table(
        "skill_trial",
        *(name(column, primary_key=True) for column in ("tenant", "run", "skill", "version", "kind")),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        of_version("skill_trial_of"),
    )
    op.create_table(
        "skill_record",
        *(name(column, primary_key=True) for column in ("tenant", "skill", "version")),
        *map(number, ("tests", "passed")),
        sa.Column("tier", NAME),
        *map(time, ("tested_at", "failing_since")),
        *map(number, ("runs", "succeeded")),
        time("last_run_at"),
        of_version("skill_record_of"),
    )
    op.create_table(
        "skill_word",
        *(name(column, primary_key=True) for column in ("tenant", "word", "skill")),
        number("weight"),
        sa.ForeignKeyConstraint(["tenant", "skill"], ["skill.tenant", "skill.name"], name="skill_word_of"),
    )
    op.create_index("skill_word_by_skill", "skill_word", ["tenant", "skill"])
    fix(f"{FIXED}, packages")
    fill()


def downgrade() -> None:
    for table in ("skill_word", "skill_record", "skill_trial"):
        op.drop_table(table)
    op.drop_index("skill_version_promoted", "skill_version")
    fix(FIXED)
    op.drop_column("skill_version", "packages")
    op.drop_column("skill", "in_force")


def fix(columns: str) -> None:
    """Say anew which columns of a version never change."""
    run = op.get_bind().exec_driver_sql
    if op.get_bind().dialect.name == "sqlite":
        run("DROP TRIGGER skill_version_no_update")
        run(
            f"CREATE TRIGGER skill_version_no_update BEFORE UPDATE OF {columns} ON skill_version "
            "BEGIN SELECT RAISE(ABORT, 'versions of skills never change'); END"
        )
    else:
        run("DROP TRIGGER skill_version_fixed ON skill_version")
        run(
            f"CREATE TRIGGER skill_version_fixed BEFORE UPDATE OF {columns} OR DELETE ON skill_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION skill_fixed()"
        )


def fill() -> None:
    """Write the words of skills down that were there before."""
    found = op.get_bind().exec_driver_sql("SELECT tenant, name, description FROM skill").all()
    rows = [
        {"tenant": tenant, "word": word, "skill": skill, "weight": weight}
        for tenant, skill, description in found
        for word, weight in {**dict.fromkeys(words(description), 1), **dict.fromkeys(words(skill), 3)}.items()
    ]
    columns = ("tenant", "word", "skill")
    table = sa.table("skill_word", *(sa.column(each) for each in columns), sa.column("weight"))
    if rows:
        op.get_bind().execute(sa.insert(table), rows)


def words(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    apart = re.split(r"[\s\x00-\x20!-/:-@\[-`{-\x7f]+", bare)
    return [word[:64] for word in apart if any(map(str.isalnum, word))]
