"""A whole Dexter with campaigns under way, made to be killed.

    python -m tests.kills.campaigns_worker URL --home FOLDER (--chat PORT | --slack URL) --campaigns 20

starts the same campaigns at every start (a redelivery, but for the first time), prints READY, and works until it is
killed. Members take a while for each reply.
"""

import argparse
import asyncio
import random
from pathlib import Path

from pydantic import SecretStr

from bot.app import Chats, chats_of, running
from bot.settings import Database, Settings, Slack
from core.adapters.scripted_model import Player, ScriptedModel
from core.campaigns.wishes import Wishes
from core.entities import Collaboration, now, run_id
from core.ports import Prompt
from tests.doubles.campaign_model import plays_along
from tests.kills.chat import SocketChat

MEMBERS = ("ada", "bob", "cleo")
SLACK_TENANT, SOCKET_TENANT = "slack:T1", "kills"


def tenant_of(*, slack: bool) -> str:
    """Return whose campaigns they are."""
    return SLACK_TENANT if slack else SOCKET_TENANT


def asked(number: int, *, slack: bool) -> tuple[Collaboration, str]:
    """Return what a campaign is started from, in a channel of its own, and the key of the event that brought it."""
    tenant, key = tenant_of(slack=slack), f"campaign-{number}"
    channel = f"C9{number:02}"
    of = Collaboration(
        id=run_id(tenant, key), tenant=tenant, asker=f"{tenant}:U1", asker_name="Ada",
        address=f"{tenant}:{channel}" if slack else f"socket:{tenant}:{channel}",
        question="campaign start", created_at=now(),
    )  # fmt: skip
    return of, key


def plan(objectives: int) -> str:
    """Return a plan of so many objectives, every third of which needs the one before."""
    lines = (
        f"{at}. Part {at} of the paper\ndone when: three facts are listed\n"
        f"needs: {at - 1 if at % 3 == 0 else 'none'}\nby: committee\n"
        for at in range(1, objectives + 1)
    )
    return "\n".join(lines)


def player(objectives: int, seconds: float) -> Player:
    """Return members that take about so many seconds for each reply."""
    whole = plan(objectives)

    async def reply(prompt: Prompt) -> str:
        await asyncio.sleep(random.uniform(0, 2 * seconds))
        return plays_along(prompt, whole)

    return reply


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings of a process."""
    members = [{"name": name, "model": f"scripted/{name}"} for name in MEMBERS]
    slack = Slack(bot_token=SecretStr("xoxb-1"), app_token=SecretStr("xapp-1"), base_url=options.slack or "http://x/")
    return Settings(
        home=options.home,
        database=Database(url=options.url),
        committees={"default": {"members": members, "pattern": "panel"}},
        slack=slack if options.slack else Slack(),
    )


async def main(options: argparse.Namespace) -> None:
    model = ScriptedModel(player(options.objectives, options.seconds))
    chats: Chats = chats_of if options.slack else lambda settings, kept: {"socket": SocketChat(options.chat)}
    async with running(settings_of(options), chats=chats, model=model) as app:
        for chat in app.chats.values():
            await chat.start(app.handle, app.desk.store.channel)
        print("READY", flush=True)  # noqa: T201 -- the driver waits for it
        for number in range(options.campaigns):
            wishes = Wishes(goal=f"Write paper number {number} on tea", mode="autonomous")
            await app.desk.campaigns.start(*_with(asked(number, slack=bool(options.slack)), wishes))
        await asyncio.Event().wait()


def _with(started: tuple[Collaboration, str], wishes: Wishes) -> tuple[Collaboration, Wishes, str]:
    return started[0], wishes, started[1]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A Dexter to be killed.")
    parser.add_argument("url")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--chat", type=int, default=0)
    parser.add_argument("--slack", default="")
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--objectives", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.1)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
