"""What is remembered of registries: who publishes under which key, what came from where, and ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def text(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.Text(), nullable=False)


def at() -> sa.Column[object]:
    return sa.Column("at", TIME, nullable=False)


def upgrade() -> None:
    op.create_table(
        "publisher",
        *(name(column, primary_key=True) for column in ("tenant", "publisher")),
        *(name(column) for column in ("key", "by")),
        text("by_name"),
        at(),
    )
    op.create_table(
        "skill_origin",
        sa.Column("seq", NUMBER, primary_key=True, autoincrement=True),
        *(name(each) for each in ("tenant", "place", "skill", "version", "publisher", "key", "content", "archive")),
        text("statement"),
        at(),
        sqlite_autoincrement=True,
    )
    package = ["tenant", "skill", "version", "place"]
    op.create_index("skill_origin_package", "skill_origin", package, unique=True)
    op.create_index("skill_origin_order", "skill_origin", ["tenant", "seq"])
    op.create_table(
        "registry_seen",
        *(name(column, primary_key=True) for column in ("tenant", "place")),
        sa.Column("serial", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "skill_rating",
        *(name(column, primary_key=True) for column in ("tenant", "skill", "person")),
        sa.Column("stars", sa.Integer(), nullable=False),
        text("why"),
        at(),
    )


def downgrade() -> None:
    for table in ("skill_rating", "registry_seen", "skill_origin", "publisher"):
        op.drop_table(table)
