"""A workshop that shares: a real store, a real sandbox, and a registry in a folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.adapters.registries import own_key
from core.skills.registry.installing import Installing
from core.skills.registry.publishing import Publisher
from core.skills.registry.sharing import Sharing
from core.skills.registry.watching import Watching
from core.skills.skills import Skills
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from storage.trust import SqlTrust
from tests.doubles.registries import Place, place
from tests.doubles.sandboxes import MAKE, lacking
from tests.doubles.workshop import Workshop


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Place]:
    """A registry, and others who read and write it."""
    async with place("folder", tmp_path / "there") as made:
        yield made


@pytest.fixture
def trust(on_sqlite: Transactions) -> SqlTrust:
    """What is remembered here."""
    return SqlTrust(on_sqlite)


@pytest.fixture
def sharing(on_sqlite: Transactions, trust: SqlTrust, there: Place, tmp_path: Path) -> Sharing:
    """This installation, which reads and writes the registry."""
    publisher = Publisher(own_key(tmp_path / "home"), "us")
    return Sharing(SqlStore(on_sqlite), Skills(SqlSkills(on_sqlite)), trust, [there.reader], publisher)


@pytest.fixture
async def shop(on_sqlite: Transactions, sharing: Sharing) -> AsyncIterator[Workshop]:
    """Tasks of this installation, `install` among them."""
    if missing := lacking("bubblewrap"):
        pytest.skip(missing)
    kept = SqlSkills(on_sqlite)
    more = {"install": Installing(sharing, Skills(kept)), "check": Watching(sharing)}
    made = Workshop(SqlStore(on_sqlite), kept, MAKE["bubblewrap"](), more=more)
    yield made
    await made.pool.aclose()
