"""Kill a Dexter with -9 at random moments while 20 campaigns go on in front of a Slack, and count what came of it.

    python -m benchmarks.campaign_kills [--kills 50] [--campaigns 20] [--objectives 8] [--longest 4]
    [--database sqlite|postgresql]

Everything is real but the members, who play a script and take their time, and Slack, which is a server on a socket.
What must come out: no step lost, no effect doubled, no post doubled, and every sum the sum of its calls.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from benchmarks.kills import database
from storage.engine import connect
from tests.doubles.slack_server import SlackServer
from tests.doubles.slack_workspace import Channel
from tests.kills.campaigns_judge import Judge
from tests.kills.campaigns_worker import SLACK_TENANT, asked
from tests.kills.driver import Workers, torment


async def kills(options: argparse.Namespace, kind: str, folder: Path) -> None:
    """Kill one worker again and again, let the last one finish, and print what is found."""
    slack = SlackServer(retry_seconds=3.0, retries=100)
    started = [asked(number, slack=True)[0] for number in range(options.campaigns)]
    channels = [of.address.rpartition(":")[2] for of in started]
    for channel in channels:
        slack.space.channels[channel] = Channel(channel, channel.lower())
    await slack.start()
    with database(kind, folder) as url:
        command = [sys.executable, "-m", "tests.kills.campaigns_worker", url, f"--home={folder}"]
        command += [f"--slack={slack.base_url}", f"--campaigns={options.campaigns}"]
        command += [f"--objectives={options.objectives}", f"--seconds={options.seconds}"]
        workers, engine = Workers(command, folder), connect(url)
        judge = Judge(engine, SLACK_TENANT, [of.id for of in started])

        async def finished() -> bool:
            try:
                return await asyncio.to_thread(judge.settled)
            except SQLAlchemyError:
                return False  # the first worker has not made its tables yet

        began = time.monotonic()
        try:
            await torment(workers, options.kills, options.longest, finished, patience=900)
            await workers.stop()
            found = await judge.look()
        finally:
            await workers.stop()
            engine.dispose()
            await slack.stop()
    posts = [key for channel in channels for key in _keys(slack, channel)]
    print(
        f"{kind}: {workers.kills} kills over {found}; {len(posts) - len(set(posts))} of {len(posts)} posts doubled; "
        f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _keys(slack: SlackServer, channel: str) -> list[str]:
    """Return the key of every post in a channel and its threads; of files their names, which hold it."""
    return [_key(post) for post in slack.space.posts(channel)]


def _key(post: dict[str, Any]) -> str:
    names = ", ".join(file["name"] for file in post.get("files", ()))
    return names or post.get("metadata", {}).get("event_payload", {}).get("key", "?")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description="Campaigns whose Dexter is killed again and again.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--campaigns", type=int, default=20)
    parser.add_argument("--objectives", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.0, help="that a member takes for a reply, on average")
    parser.add_argument("--longest", type=float, default=4.0, help="seconds that a worker lives at most")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="dexter-kills-") as name:
        for kind in options.database or ("sqlite", "postgresql"):
            folder = Path(name) / kind
            folder.mkdir()
            asyncio.run(kills(options, kind, folder))


if __name__ == "__main__":
    main()
