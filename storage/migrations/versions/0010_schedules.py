"""Schedules, what came of their times, and the time zones of channels and people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
EMPTY = sa.text("''")


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def time(column: str, nullable: bool = True, primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(column, TIME, nullable=nullable, primary_key=primary_key)


def upgrade() -> None:
    op.add_column("collaboration", sa.Column("note", sa.Text(), nullable=False, server_default=EMPTY))
    op.add_column("channel", sa.Column("zone", sa.Text(), nullable=False, server_default=EMPTY))
    op.create_table(
        "schedule",
        name("id", primary_key=True),
        *(name(column) for column in ("tenant", "owner", "state")),
        sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()),
        time("created_at", nullable=False),
        *(time(column) for column in ("next_at", "wake_at", "fired_at")),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("schedule_of_tenant", "schedule", ["tenant", "id"], unique=True)
    op.create_index("schedule_of_owner", "schedule", ["tenant", "owner"])
    waking = sa.text("wake_at IS NOT NULL")
    op.create_index("schedule_due", "schedule", ["wake_at"], sqlite_where=waking, postgresql_where=waking)
    op.create_table(
        "schedule_occurrence",
        *(name(column, primary_key=True) for column in ("tenant", "schedule")),
        time("at", nullable=False, primary_key=True),
        time("fired_at", nullable=False),
        *(name(column) for column in ("outcome", "run", "by")),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "schedule"], ["schedule.tenant", "schedule.id"], name="occurrence_of"),
    )
    op.create_index("occurrence_fired", "schedule_occurrence", ["fired_at"])
    op.create_table(
        "person_zone",
        *(name(column, primary_key=True) for column in ("tenant", "person")),
        name("zone"),
    )


def downgrade() -> None:
    for table in ("person_zone", "schedule_occurrence", "schedule"):
        op.drop_table(table)
    op.drop_column("channel", "zone")
    op.drop_column("collaboration", "note")
