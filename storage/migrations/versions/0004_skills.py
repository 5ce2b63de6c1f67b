"""Skills: their names, their versions, the files by content, and who uses whom. What a version says never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
FIXED = "tenant, skill, version, content, description, language, files, needs, lock, parent, source, collaboration"


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def text(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "skill",
        name("tenant", primary_key=True),
        name("name", primary_key=True),
        name("alike"),
        text("description"),
        name("version"),
        name("stage"),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
    )
    op.create_index("skill_alike", "skill", ["tenant", "alike"], unique=True)
    op.create_table(
        "skill_version",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        *(name(column) for column in ("tenant", "skill", "version", "content", "stage")),
        *(text(column) for column in ("description", "language", "files", "needs", "lock", "source", "moves")),
        *(sa.Column(column, NAME) for column in ("parent", "collaboration")),
        sa.ForeignKeyConstraint(["tenant", "skill"], ["skill.tenant", "skill.name"], name="skill_version_of"),
        sqlite_autoincrement=True,
    )
    op.create_index("skill_version_number", "skill_version", ["tenant", "skill", "version"], unique=True)
    op.create_index("skill_version_history", "skill_version", ["tenant", "skill", "seq"])
    op.create_table(
        "skill_file",
        name("tenant", primary_key=True),
        name("sha256", primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "skill_use",
        *(name(column, primary_key=True) for column in ("tenant", "uses", "uses_version", "skill", "version")),
        sa.ForeignKeyConstraint(
            ["tenant", "skill", "version"],
            ["skill_version.tenant", "skill_version.skill", "skill_version.version"],
            name="skill_use_by",
        ),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for table in ("skill_use", "skill_file", "skill_version", "skill"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION skill_fixed()")


SQLITE = tuple(
    f"CREATE TRIGGER {trigger} BEFORE {what} BEGIN SELECT RAISE(ABORT, 'versions of skills never change'); END"
    for trigger, what in (
        ("skill_version_no_update", f"UPDATE OF {FIXED} ON skill_version"),
        ("skill_version_no_delete", "DELETE ON skill_version"),
        ("skill_file_no_update", "UPDATE ON skill_file"),
    )
)
POSTGRESQL = (
    "CREATE FUNCTION skill_fixed() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'versions of skills never change'; END $$",
    f"CREATE TRIGGER skill_version_fixed BEFORE UPDATE OF {FIXED} OR DELETE ON skill_version "
    "FOR EACH STATEMENT EXECUTE FUNCTION skill_fixed()",
    "CREATE TRIGGER skill_file_fixed BEFORE UPDATE ON skill_file FOR EACH STATEMENT EXECUTE FUNCTION skill_fixed()",
)
