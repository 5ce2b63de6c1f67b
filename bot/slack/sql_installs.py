"""Installations in many workspaces, in Dexter's own database: the SDK's stores, with their tokens sealed.

The tables are made by Dexter's migrations. Everything here that asks the database does so in a thread of a small pool.
"""

import copy
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import Engine, select, update

from bot.shapes import TryLater, Undeliverable
from bot.slack.api import Web, call, wire_log
from bot.slack.installs import Installed, Installs
from bot.slack.seal import Seal
from bot.slack.states import DatabaseThreads, States

SECRET = (
    *("bot_token", "bot_refresh_token", "user_token", "user_refresh_token"),
    *("incoming_webhook_url", "incoming_webhook_configuration_url"),
)


class SqlInstalls(Installs, AsyncInstallationStore):
    """Every workspace that an administrator has installed Dexter in."""

    def __init__(self, engine: Engine, client_id: str, keys: str) -> None:
        self._store = SQLAlchemyInstallationStore(client_id, engine, logger=wire_log())
        self._engine, self._client_id, self._keys = engine, client_id, keys
        self._threads = DatabaseThreads()
        self._web: Web | None = None
        self._organisations: dict[str, str] = {}
        """Workspace to organisation, for those that were not installed one by one."""

    async def open(self, web: Web) -> None:
        """Seal anew what an older key has sealed. Raises `Misconfigured` where no key fits."""
        self._web, self._seal = web, Seal(self._keys)
        await self._threads.run(self._reseal)

    async def find(self, team: str, enterprise: str | None = None) -> Installed | None:
        """Return what is installed for a workspace: by itself, or with the whole of its organisation."""
        bot = await self._threads.run(lambda: self._bot(team))
        if bot is None:
            organisation = enterprise or await self._organisation(team)
            bot = await self._threads.run(lambda: self._organisations_bot(organisation)) if organisation else None
        if bot is None or not bot.bot_token:
            return None
        token = self._seal.open(bot.bot_token)
        return Installed(bot.team_id or team, bot.bot_user_id or "", bot.bot_id or "", token, bot.enterprise_id)

    async def remove(self, installed: Installed) -> bool:
        """Delete a workspace's tokens, unless it has been installed anew meanwhile."""
        known = await self.find(installed.team, installed.enterprise)
        if known is None or known.token != installed.token:
            return False
        await self._threads.run(lambda: self._delete(installed))
        return True

    async def close(self) -> None:
        """Forget what was asked; the engine belongs to whoever made it."""
        self._organisations.clear()
        self._threads.close()

    async def async_save(self, installation: Installation) -> None:
        """Keep what an administrator has installed, sealed."""
        sealed = copy.copy(installation)
        for name in SECRET:
            if value := getattr(sealed, name):
                setattr(sealed, name, self._seal.shut(value))
        await self._threads.run(lambda: self._store.save(sealed))

    def states(self) -> AsyncOAuthStateStore:
        """Return where installations under way are kept."""
        return States(self._engine, self._threads)

    def _bot(self, team: str) -> Bot | None:
        bots = self._store.bots.c
        mine = select(bots.enterprise_id).where(bots.client_id == self._client_id, bots.team_id == team)
        with self._engine.connect() as connection:
            row = connection.execute(mine.order_by(bots.installed_at.desc()).limit(1)).first()
        return self._store.find_bot(enterprise_id=row[0], team_id=team) if row else None

    def _organisations_bot(self, enterprise: str) -> Bot | None:
        return self._store.find_bot(enterprise_id=enterprise, team_id=None, is_enterprise_install=True)

    async def _organisation(self, team: str) -> str | None:
        """Return the organisation of a workspace, asking each that has installed Dexter for its workspaces."""
        if team not in self._organisations and self._web is not None:
            for bot in await self._threads.run(self._all_organisations):
                for found in await _teams(self._web, self._seal.open(bot.bot_token or "")):
                    self._organisations[found] = bot.enterprise_id or ""
        return self._organisations.get(team)

    def _all_organisations(self) -> list[Bot]:
        bots = self._store.bots.c
        wanted = select(bots.enterprise_id).where(bots.client_id == self._client_id, bots.is_enterprise_install)
        with self._engine.connect() as connection:
            found = [row[0] for row in connection.execute(wanted.distinct())]
        return [bot for enterprise in found if (bot := self._organisations_bot(enterprise)) is not None]

    def _delete(self, installed: Installed) -> None:
        whose = {"enterprise_id": installed.enterprise, "team_id": self._kept_under(installed)}
        self._store.delete_installation(**whose)
        self._store.delete_bot(**whose)

    def _kept_under(self, installed: Installed) -> str | None:
        return installed.team if self._bot(installed.team) is not None else None

    def _reseal(self) -> None:
        for table in (self._store.bots, self._store.installations):
            names = [name for name in SECRET if name in table.c]
            with self._engine.begin() as connection:
                for row in connection.execute(select(table)).mappings().all():
                    old = {name: row[name] for name in names if row[name] and not self._seal.is_newest(row[name])}
                    if old:
                        new: dict[str, Any] = {name: self._seal.shut(self._seal.open(it)) for name, it in old.items()}
                        connection.execute(update(table).where(table.c.id == row["id"]).values(new))


async def _teams(web: Web, token: str) -> list[str]:
    """Return the workspaces of an organisation that may use Dexter; none where Slack does not say."""
    found: list[str] = []
    cursor = ""
    for _ in range(20):
        try:
            answer = await call(web.auth_teams_list(token=token, limit=1000, cursor=cursor or None))
        except (TryLater, Undeliverable):
            break
        found += [str(team.get("id")) for team in answer.get("teams") or ()]
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found
