"""How the outbox stands over all tenants: for the one who runs Dexter, who asks with `dexter doctor`."""

from sqlalchemy import Connection, and_, func, inspect, select

from core.entities import Backlog
from storage.tables import OUTBOX

O = OUTBOX.c  # noqa: E741 -- as in the outbox itself


def standing(connection: Connection) -> Backlog:
    """Return how many posts wait and were given up, and what the last try of one that waits said."""
    if not inspect(connection).has_table(OUTBOX.name):
        return Backlog()
    behind = O.upto > O.shown
    waits = and_(behind, O.buried.is_(None))
    waiting, oldest = connection.execute(select(func.count(), func.min(O.due_at)).where(waits)).one()
    buried = connection.execute(select(func.count()).where(behind, O.buried.is_not(None))).scalar_one()
    last = select(O.error).where(waits, O.error.is_not(None)).order_by(O.upto.desc()).limit(1)
    return Backlog(waiting=waiting, oldest=oldest, buried=buried, reasons=tuple(connection.scalars(last)))
