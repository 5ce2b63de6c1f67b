"""The door: a platform event is accepted once, together with its collaboration and whatever else starts it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from core.entities import Collaboration
from storage.rows import clean, collaboration_row
from storage.tables import COLLABORATION, INBOX


def accept(
    connection: Connection, collaboration: Collaboration, inbox_key: str, also: Callable[[Connection], object]
) -> bool:
    """Write the inbox row and the collaboration, then call `also` in the same transaction.

    Returns False, calling and changing nothing, where the tenant's key, or the collaboration, is there already.
    """
    seen = {
        "tenant": collaboration.tenant,
        "key": clean(inbox_key),
        "run": collaboration.id,
        "created_at": collaboration.created_at,
    }
    if not _new(connection, INBOX, seen) or not _new(connection, COLLABORATION, collaboration_row(collaboration)):
        return False
    also(connection)
    return True


def started_by(connection: Connection, tenant: str, run: str, prefix: str) -> str:
    """Return the key that started a run, where it begins with `prefix`; else nothing. Keys in between are read."""
    key = INBOX.c.key
    beginning = key >= prefix, key < prefix[:-1] + chr(ord(prefix[-1]) + 1)
    query = select(key).where(INBOX.c.tenant == tenant, *beginning, INBOX.c.run == run)
    return str(connection.execute(query).scalar() or "")


def _new(connection: Connection, table: Any, values: dict[str, Any]) -> bool:
    inserting: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    insertion = inserting(table).on_conflict_do_nothing().returning(table.c.tenant)
    return connection.execute(insertion, values).first() is not None
