"""What is set for a channel, and the language of a collaboration's posts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
LIVE = sa.text("status IN ('queued', 'running')")


def upgrade() -> None:
    op.add_column("collaboration", sa.Column("language", NAME, nullable=False, server_default=sa.text("'en'")))
    op.drop_index("collaboration_live", "collaboration")  # the line of runs has a table of its own
    op.create_table(
        "channel",
        sa.Column("tenant", NAME, primary_key=True),
        sa.Column("address", NAME, primary_key=True),
        *(
            sa.Column(column, sa.Text(), nullable=False)
            for column in ("committee", "pattern", "listen", "language", "quiet", "reaction")
        ),
        sa.Column("thread_only", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("channel")
    op.create_index(
        "collaboration_live", "collaboration", ["status", "seq"], sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.drop_column("collaboration", "language")
