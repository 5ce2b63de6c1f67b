"""What many tests need: real databases, and a store on each of them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from bot.posts import slots
from core.adapters.durable import line
from storage.campaigns import SqlCampaigns
from storage.engine import connect
from storage.outbox import SqlOutbox
from storage.schedules import SqlSchedules
from storage.schema import upgrade
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from storage.trust import SqlTrust
from tests.doubles import postgres

os.environ["LC_ALL"] = "C.UTF-8"  # what tests read of the terminal is English, wherever they run
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no test leave its log to the next: a logger that is kept goes on to write to where its first test had it."""
    configure = structlog.configure
    monkeypatch.setattr(
        structlog, "configure", lambda **given: configure(**given | {"cache_logger_on_first_use": False})
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """A real PostgreSQL server, one for all workers of the run."""
    base = tmp_path_factory.getbasetemp()
    with postgres.shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> Iterator[str]:
    """The name of a database with Dexter's tables, to copy from."""
    with postgres_server.database() as url:
        engine = connect(url)
        upgrade(engine)
        engine.dispose()
        yield url.rpartition("/")[2]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with Dexter's tables, to copy from."""
    file = tmp_path_factory.mktemp("template") / "dexter.db"
    engine = connect(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with Dexter's tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'dexter.db')}"


@pytest.fixture
def postgresql_url(postgres_server: postgres.Server, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database with Dexter's tables."""
    with postgres_server.database(template=postgres_template) as url:
        yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with Dexter's tables, on each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def transactions(engine: Engine) -> Iterator[Transactions]:
    """Transactions on a fresh database."""
    transactions = Transactions(engine)
    yield transactions
    transactions.close()


@pytest.fixture
def store(transactions: Transactions) -> SqlStore:
    """A store on a fresh database, on each kind in turn."""
    return SqlStore(transactions)


@pytest.fixture
def skills(transactions: Transactions) -> SqlSkills:
    """The skills beside `store`."""
    return SqlSkills(transactions)


@pytest.fixture
def trust(transactions: Transactions) -> SqlTrust:
    """What is remembered of registries, beside `store`."""
    return SqlTrust(transactions)


@pytest.fixture
def campaigns(transactions: Transactions) -> SqlCampaigns:
    """The campaigns beside `store`, and the line in which their runs wait."""
    line.make_tables(transactions.engine)
    return SqlCampaigns(transactions, line, slots)


@pytest.fixture
def schedules(transactions: Transactions) -> SqlSchedules:
    """The schedules beside `store`, and the line in which their runs wait."""
    line.make_tables(transactions.engine)
    return SqlSchedules(transactions, line, slots)


@pytest.fixture
def outbox(transactions: Transactions) -> SqlOutbox:
    """The outbox beside `store`."""
    return SqlOutbox(transactions)
