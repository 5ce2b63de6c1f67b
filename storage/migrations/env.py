"""Alembic's entry: it migrates on the connection that `storage.schema` hands over, and nowhere else."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    include_name=lambda name, kind, _: kind != "table" or name in {table.name for table in tables.ALL},
    transactional_ddl=True,  # SQLite can, whatever Alembic assumes; `storage.schema` has begun the transaction
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
