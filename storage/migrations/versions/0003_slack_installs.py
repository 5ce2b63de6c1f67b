"""Where Slack's installations are kept: the tables of slack_sdk, with room for tokens that are sealed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String(32)
LONG = sa.Text()


def _bot() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("client_id", NAME, nullable=False),
        sa.Column("app_id", NAME, nullable=False),
        sa.Column("enterprise_id", NAME),
        sa.Column("enterprise_name", sa.String(200)),
        sa.Column("team_id", NAME),
        sa.Column("team_name", sa.String(200)),
        sa.Column("bot_token", LONG),
        sa.Column("bot_id", NAME),
        sa.Column("bot_user_id", NAME),
        sa.Column("bot_scopes", LONG),
        sa.Column("bot_refresh_token", LONG),
        sa.Column("bot_token_expires_at", sa.DateTime()),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("installed_at", sa.DateTime(), nullable=False),
    )


def upgrade() -> None:
    op.create_table("slack_bots", *_bot())
    op.create_index("slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"])
    op.create_index("slack_bots_team", "slack_bots", ["client_id", "team_id"])
    op.create_table(
        "slack_installations",
        *_bot(),
        sa.Column("enterprise_url", sa.String(200)),
        sa.Column("user_id", NAME, nullable=False),
        sa.Column("user_token", LONG),
        sa.Column("user_scopes", LONG),
        sa.Column("user_refresh_token", LONG),
        sa.Column("user_token_expires_at", sa.DateTime()),
        sa.Column("incoming_webhook_url", LONG),
        sa.Column("incoming_webhook_channel", sa.String(200)),
        sa.Column("incoming_webhook_channel_id", sa.String(200)),
        sa.Column("incoming_webhook_configuration_url", LONG),
        sa.Column("token_type", NAME),
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("state", sa.String(200), nullable=False),
        sa.Column("expire_at", sa.DateTime(), nullable=False),
    )
    op.create_index("slack_oauth_states_state", "slack_oauth_states", ["state"])


def downgrade() -> None:
    for table in ("slack_oauth_states", "slack_installations", "slack_bots"):
        op.drop_table(table)
