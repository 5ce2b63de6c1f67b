"""What was asked between Dexter and one person alone says so; of what is there the addresses tell."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW = sa.table("collaboration", *map(sa.column, ("address", "task", "private")))
BETWEEN_TWO = ("slack:%:D%", "discord:dm:%", "discord:%:~%")


def upgrade() -> None:
    op.add_column("collaboration", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    there = sa.or_(*(ROW.c.address.like(mark) for mark in BETWEEN_TWO))
    theirs = sa.or_(ROW.c.task == "", ROW.c.task.like('%"kind":"run"%'))
    op.execute(sa.update(ROW).where(there, theirs).values(private=sa.true()))


def downgrade() -> None:
    op.drop_column("collaboration", "private")
