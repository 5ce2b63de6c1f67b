"""A day of traffic in Slack: how memory grows over 10,000 questions, and what Dexter costs while nobody asks.

    python -m benchmarks.day [--questions 10000] [--pattern solo] [--in-flight 32]

All of Dexter in one process (Slack over a socket, durable runs and an SQLite file), a Slack server in another, and
scripted members, so that a day's questions come within minutes. Memory is read once the first tenth is answered,
when every cache has what it needs, and again after the last.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import structlog

from benchmarks.startup import cpu, rss_mb
from bot.app import running
from bot.posts import ANSWER
from bot.settings import load
from bot.shapes import Address, Post
from tests.doubles import house
from tests.doubles.slack_chat import SlackChat

IDLE_SECONDS = 30.0


class Counted(SlackChat):
    """Slack, and a count of the answers that have been posted."""

    answers = 0

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        shown = await super().show(address, post, key, message, again)
        self.answers += key.endswith(f":{ANSWER}")
        return shown


class Town:
    """People in Slack who ask, never more than so many questions at a time."""

    def __init__(self, slack: Counted, session: aiohttp.ClientSession, say: str, in_flight: int) -> None:
        self._slack, self._session, self._say, self._in_flight = slack, session, say, in_flight
        self.asked = 0

    async def ask(self, questions: int, pattern: str) -> None:
        """Ask, and return once every question is answered in its thread."""
        until = self.asked + questions
        while self._slack.answers < until:
            while self.asked < min(until, self._slack.answers + self._in_flight):
                self.asked += 1
                text = f"<@UDEXTER> ask --pattern {pattern} Should we move in step {self.asked}?"
                async with self._session.post(self._say, json={"text": text}) as reply:
                    reply.raise_for_status()
            answered = self._slack.answers
            async with asyncio.timeout(120):
                while self._slack.answers == answered:
                    await asyncio.sleep(0.01)


@asynccontextmanager
async def town(folder: Path, in_flight: int) -> AsyncIterator[Town]:
    """Open a Slack, and Dexter in it."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doubles.slack_server", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    base_url = (await server.stdout.readline()).decode().strip()
    slack = Counted("xoxb-1", "xapp-1", base_url, pace=0)
    settings = load(house.settings(folder))
    try:
        async with aiohttp.ClientSession() as session, running(settings, chats={"slack": slack}) as app:
            await slack.start(app.handle, app.desk.store.channel)
            yield Town(slack, session, base_url.removesuffix("api/") + "control/say", in_flight)
    finally:
        server.terminate()
        await server.wait()


async def main(questions: int, pattern: str, in_flight: int) -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        async with town(Path(folder), in_flight) as people:
            await people.ask(questions // 10, pattern)
            gc.collect()
            before, begun, used = rss_mb(), time.perf_counter(), cpu()
            print(f"{people.asked:,} questions answered: {before:.0f} MB", flush=True)
            await people.ask(questions - people.asked, pattern)
            gc.collect()
            rate = (questions - questions // 10) / (time.perf_counter() - begun)
            print(f"{people.asked:,} questions answered: {rss_mb():.0f} MB, grown by {rss_mb() - before:+.1f} MB")
            print(f"  {rate:.1f} a second, {(cpu() - used) * 1000 / (questions * 0.9):.1f} ms CPU each")
            await asyncio.sleep(2)
            begun, used = time.perf_counter(), cpu()
            await asyncio.sleep(IDLE_SECONDS)
            idle = 100 * (cpu() - used) / (time.perf_counter() - begun)
            print(f"idle: {idle:.2f} % of a core, at a load of {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--pattern", default="solo")
    parser.add_argument("--in-flight", type=int, default=32)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(main(options.questions, options.pattern, options.in_flight))
