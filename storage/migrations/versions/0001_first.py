"""The first tables: collaborations, the journal, calls, the outbox, the inbox and the search index."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def words(column: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(column, sa.Text(), nullable=nullable)


def number() -> sa.Column[int]:
    return sa.Column("seq", NUMBER, primary_key=True, autoincrement=True)


def of_run(constraint: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name=constraint)


def partial(index: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(index, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    collaborations()
    journal()
    posts()
    if op.get_bind().dialect.name == "sqlite":
        each(SQLITE)
    else:
        each(POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search")
    for table in ("inbox", "outbox", "call", "event", "collaboration"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")


def collaborations() -> None:
    op.create_table(
        "collaboration",
        number(),
        name("id"),
        name("tenant"),
        name("asker"),
        words("asker_name"),
        words("address"),
        words("question"),
        words("context"),
        words("committee"),
        words("pattern"),
        sa.Column("parent", NAME),
        name("status"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        words("answer"),
        sqlite_autoincrement=True,
    )
    op.create_index("collaboration_id", "collaboration", ["id"], unique=True)
    op.create_index("collaboration_tenant_id", "collaboration", ["tenant", "id"], unique=True)
    op.create_index("collaboration_recent", "collaboration", ["tenant", "seq"])
    op.create_index("collaboration_recent_of_asker", "collaboration", ["tenant", "asker", "seq"])
    partial("collaboration_live", "collaboration", ["status", "seq"], "status IN ('queued', 'running')")


def journal() -> None:
    op.create_table(
        "event",
        number(),
        name("id"),
        name("run"),
        name("key"),
        name("tenant"),
        words("address"),
        name("kind"),
        sa.Column("at", TIME, nullable=False),
        words("body"),
        of_run("event_run"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_id", "event", ["id"], unique=True)
    op.create_index("event_history", "event", ["tenant", "run", "seq"])
    op.create_index("event_latest", "event", ["tenant", "kind", "seq"])
    op.create_table(
        "call",
        number(),
        name("id"),
        name("tenant"),
        name("run"),
        name("asker"),
        sa.Column("day", sa.Date(), nullable=False),
        words("member"),
        words("phase"),
        words("model"),
        words("provider"),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("first_token_seconds", sa.Float()),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float()),
        sa.Column("retries", sa.Integer(), nullable=False),
        words("outcome"),
        of_run("call_run"),
        sqlite_autoincrement=True,
    )
    op.create_index("call_id", "call", ["id"], unique=True)
    op.create_index("call_spent", "call", ["tenant", "day", "asker"])
    op.create_index("call_latest", "call", ["tenant", "seq"])


def posts() -> None:
    op.create_table(
        "outbox",
        name("run", primary_key=True),
        name("slot", primary_key=True),
        name("tenant"),
        words("address"),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        words("message", nullable=True),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        words("worker", nullable=True),
        words("error", nullable=True),
        words("buried", nullable=True),
        of_run("outbox_run"),
    )
    partial("outbox_due", "outbox", ["due_at"], "upto > shown AND buried IS NULL")
    partial("outbox_standing", "outbox", ["tenant"], "upto > shown")
    op.create_table(
        "inbox",
        name("tenant", primary_key=True),
        name("key", primary_key=True),
        name("run"),
        sa.Column("created_at", TIME, nullable=False),
    )


def each(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


SQLITE = (
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE VIRTUAL TABLE search USING fts5("
    "question, answer, content='collaboration', content_rowid='seq', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER search_insert AFTER INSERT ON collaboration BEGIN "
    "INSERT INTO search (rowid, question, answer) VALUES (new.seq, new.question, new.answer); END",
    "CREATE TRIGGER search_update AFTER UPDATE OF question, answer ON collaboration BEGIN "
    "INSERT INTO search (search, rowid, question, answer) VALUES ('delete', old.seq, old.question, old.answer); "
    "INSERT INTO search (rowid, question, answer) VALUES (new.seq, new.question, new.answer); END",
    "CREATE TRIGGER search_delete AFTER DELETE ON collaboration BEGIN "
    "INSERT INTO search (search, rowid, question, answer) VALUES ('delete', old.seq, old.question, old.answer); END",
)

# Punctuation becomes space, so that words are found inside addresses and paths as they are on SQLite; the length is
# bounded because a tsvector is (1 MB).
POSTGRESQL = (
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
    r"""ALTER TABLE collaboration ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig,
    regexp_replace(left(question, 50000) || ' ' || left(answer, 50000), '[!-/:-@\[-`{-~]+', ' ', 'g'))) STORED""",
    "CREATE INDEX collaboration_words ON collaboration USING gin (words)",
)
