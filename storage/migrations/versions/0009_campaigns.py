"""Campaigns, and the runs that are their steps, which are in no list and wait behind what people ask."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
SUMS = ("tokens", "microdollars", "unpriced", "calls", "model_milliseconds", "sandbox_milliseconds")
LISTED = {
    "collaboration_recent": ["tenant", "seq"],
    "collaboration_recent_of_asker": ["tenant", "asker", "seq"],
}


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def whole(column: str) -> sa.Column[int]:
    return sa.Column(column, sa.BigInteger(), nullable=False)


def index(index: str, table: str, columns: list[str], where: str | None = None, unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(index, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def upgrade() -> None:
    op.add_column("collaboration", sa.Column("aim", sa.Text(), nullable=False, server_default=sa.text("''")))
    for listed, columns in LISTED.items():
        op.drop_index(listed, "collaboration")
        index(listed, "collaboration", columns, "aim = ''")
    if sa.inspect(op.get_bind()).has_table("run_line"):  # the engine of runs makes it, where it is not there yet
        op.add_column("run_line", sa.Column("patient", sa.Boolean(), nullable=False, server_default=sa.false()))
    campaigns()
    beside()


def campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        *(name(column) for column in ("id", "tenant", "owner", "template", "mode", "course")),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("objectives", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        whole("tokens"),
        whole("microdollars"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("due_at", TIME),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant", "id"], ["collaboration.tenant", "collaboration.id"], name="campaign_run"),
        sqlite_autoincrement=True,
    )
    index("campaign_id", "campaign", ["tenant", "id"], unique=True)
    index("campaign_recent", "campaign", ["tenant", "seq"])
    index("campaign_recent_of_owner", "campaign", ["tenant", "owner", "seq"])
    index("campaign_going", "campaign", ["tenant", "seq"], "ended_at IS NULL")
    index("campaign_due", "campaign", ["due_at"], "due_at IS NOT NULL")


def beside() -> None:
    op.create_table(
        "campaign_moment",
        *(name(column, primary_key=True) for column in ("tenant", "campaign", "slot")),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(["tenant", "campaign"], ["campaign.tenant", "campaign.id"], name="campaign_moment_of"),
    )
    op.create_table(
        "campaign_month", name("tenant", primary_key=True), name("month", primary_key=True), *map(whole, SUMS)
    )
    op.create_table(
        "campaign_template",
        name("tenant", primary_key=True),
        name("name", primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        name("saved_by"),
        sa.Column("saved_at", TIME, nullable=False),
    )


def downgrade() -> None:
    for table in ("campaign_template", "campaign_month", "campaign_moment", "campaign"):
        op.drop_table(table)
    if sa.inspect(op.get_bind()).has_table("run_line"):
        op.drop_column("run_line", "patient")
    for listed, columns in LISTED.items():
        op.drop_index(listed, "collaboration")
        index(listed, "collaboration", columns)
    op.drop_column("collaboration", "aim")
