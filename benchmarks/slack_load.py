"""Slack under load: acknowledgements beside 50 collaborations, bursts, redeliveries, limits, disconnects.

    python -m benchmarks.slack_load [ack] [commands] [redeliveries] [storm] [disconnects] [--scale 1.0]

`dexter run` is a process of its own; the Slack server and the model provider that it talks to are in this one, on real
sockets. `--scale 0.1` takes a tenth of everything. Times are from a request's being sent to its acknowledgement.
"""

import asyncio
import contextlib
import itertools
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import run_scenes, tell
from tests.doubles.model_server import ModelServer
from tests.doubles.slack_server import Envelope, SlackServer
from tests.doubles.slack_storm import Storm
from tests.doubles.slack_workspace import Channel
from tests.kills.driver import Workers

CHANNELS = 25
CONFIG = """
home = "{home}"
[slack]
base_url = "{slack}"
[quotas]
concurrent = 60
waiting = 5000
[models.bases]
"openai/" = "{models}"
[committees.default]
pattern = "panel"
chair = "ada"
[log]
format = "json"
"""
MEMBER = '[[committees.default.members]]\nname = "{name}"\nmodel = "openai/{name}"\nrole = "analyst"\ntimeout = 60.0\n'


@dataclass
class Stage:
    """A workspace with many channels, and Dexter in it."""

    slack: SlackServer
    models: ModelServer
    channels: tuple[str, ...]

    def mention(self, text: str, number: int) -> Envelope:
        """Mention Dexter in one of the channels."""
        return self.slack.say(f"<@{self.slack.space.bot_user}> {text}", self.channels[number % len(self.channels)])

    def said(self) -> Iterable[tuple[str, str]]:
        """Return all that Dexter has said: channel and words, in order."""
        for channel in self.channels:
            for post in self.slack.space.posts(channel):
                yield channel, post["text"]

    def replies(self) -> Counter[str]:
        """Return how often each request that carried a number was answered."""
        return Counter(found[0] for _, text in self.said() for found in [re.findall(r"zz\d{5}", text)] if found)

    def answers(self) -> Counter[str]:
        """Return how often each post is there, by its key; those of runs alone."""
        keys = (
            (post.get("metadata") or {}).get("event_payload", {}).get("key", "")
            for channel in self.channels
            for post in self.slack.space.posts(channel)
        )
        return Counter(key for key in keys if key.endswith((":answer", ":question", ":progress")))

    async def warm(self) -> None:
        """Have a first question answered in a channel of its own: a start loads litellm, which takes seconds."""
        first = self.slack.say(f"<@{self.slack.space.bot_user}> ask Is one a good number?", "C1")
        await self.until(lambda: len(self.slack.space.thread(self.slack.space.channels["C1"], first.ts)) > 2, 60)
        await asyncio.sleep(1.0)

    async def until(self, true: object, seconds: float) -> None:
        """Wait until something is true, for so long at most."""
        assert callable(true)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def stage(latency: float = 0.2, retry_seconds: float = 3.0) -> AsyncIterator[Stage]:
    """Start everything, Dexter last."""
    with tempfile.TemporaryDirectory(prefix="dexter-load-") as name:
        folder = Path(name)
        slack, models = SlackServer(retry_seconds=retry_seconds, retries=20), ModelServer(latency=latency)
        await slack.start()
        await models.start()
        members = "".join(MEMBER.format(name=each) for each in ("ada", "bob", "cleo"))
        config = folder / "dexter.toml"
        config.write_text(CONFIG.format(home=folder, slack=slack.base_url, models=models.openai) + members)
        environment = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OPENAI_API_KEY": "none"}
        command = [sys.executable, "-m", "bot", "run", f"--config={config}"]
        workers = Workers(command, folder, ready="listening", environment=environment)
        channels = tuple(f"C9{number:02}" for number in range(CHANNELS))
        for channel in channels:
            slack.space.channels[channel] = Channel(channel, channel.lower())
        try:
            await workers.start()
            play = Stage(slack, models, channels)
            await play.warm()
            yield play
        finally:
            await workers.stop()
            await slack.stop()
            await models.stop()


async def ack(scale: float) -> None:
    """Measure acknowledgements while 50 collaborations run."""
    async with stage(latency=1.0) as play:
        for number in range(50):
            play.mention(f"ask Is {number} a good number?", number)
        await play.until(lambda: play.models.served > 50, 60)
        sent: list[Envelope] = []
        for number in range(int(200 * scale)):
            sent.append(play.slack.command(f"show zz{number:05}", play.channels[number % CHANNELS]))
            if play.slack.envelopes and len([k for k in play.answers() if k.endswith(":answer")]) > 40:
                play.mention("ask And one more?", number)  # keep them coming
            await asyncio.sleep(0.05)
        await play.until(lambda: all(each.acked.is_set() for each in sent), 30)
        running = 50 - len([key for key in play.answers() if key.endswith(":answer")])
        tell(f"{len(sent)} commands while 50 to {max(running, 0)} collaborations run", *acknowledged(sent), goals=True)


async def commands(scale: float) -> None:
    """Send 1,000 slash commands in ten seconds."""
    async with stage() as play:
        count, began, sent = int(1000 * scale), time.monotonic(), []
        for number in range(count):
            sent.append(play.slack.command(f"show zz{number:05}", play.channels[number % CHANNELS]))
            await asyncio.sleep(max(0.0, began + 10 * scale * number / count - time.monotonic()))
        await play.until(lambda: len(play.replies()) >= count, 60)
        replies = play.replies()
        tell(f"{count} commands in {10 * scale:.0f} s", *acknowledged(sent))
        print(f"  answered {len(replies)}, twice {sum(n > 1 for n in replies.values())}, out of order {disorder(play)}")


def disorder(play: Stage) -> int:
    """Count the answers that come before one to an earlier request in their channel."""
    wrong = 0
    for channel in play.channels:
        numbers = [
            found[0] for where, text in play.said() if where == channel for found in [re.findall(r"zz\d+", text)]
        ]
        wrong += sum(one > two for one, two in itertools.pairwise(numbers))
    return wrong


async def redeliveries(scale: float) -> None:
    """Send 5,000 events of which 4,000 are redeliveries."""
    async with stage() as play:
        count, sent = int(1000 * scale), []
        for number in range(count):
            first = play.mention(f"show zz{number:05}", number)
            sent += [first, *(play.slack.redeliver(first) for _ in range(4))]
            await asyncio.sleep(0.01)
        await play.until(lambda: len(play.replies()) >= count, 60)
        await play.until(lambda: all(each.acked.is_set() for each in sent), 30)
        replies = play.replies()
        tell(f"{len(sent)} events, {count} of them new", *acknowledged(sent))
        print(f"  answers {sum(replies.values())}, lost {count - len(replies)}")


async def storm(scale: float) -> None:
    """Turn every third call away for two seconds."""
    async with stage() as play:
        weather = play.slack.api.weather = Storm()
        count = max(1, int(20 * scale))
        for number in range(count):
            play.mention(f"ask --pattern quick Is {number} a good number?", number)
        await play.until(lambda: sum(key.endswith(":answer") for key in play.answers()) >= count, 300)
        await asyncio.sleep(3)
        posts = play.answers()
        lost = count - sum(key.endswith(":answer") for key in posts)
        doubled = sum(times > 1 for times in posts.values())
        print(
            f"storm: {count} questions, {weather.limited} calls limited; {lost} answers lost, {doubled} posts doubled, "
            f"{len(weather.early)} calls before their time"
        )


async def disconnects(scale: float) -> None:
    """Disconnect 30 times in five minutes, in every way there is."""
    async with stage(retry_seconds=1.0) as play:
        length, times, sent = 300 * scale, max(3, int(30 * min(1.0, scale * 3))), []
        began, cut = time.monotonic(), 0
        while (now := time.monotonic() - began) < length or cut < times:
            if now >= cut * length / times:
                await (play.slack.sockets.drop() if cut % 3 == 2 else play.slack.cut())
                if cut % 5 == 4:
                    play.slack.mute()
                cut += 1
            number = len(sent)
            sent.append(play.mention(f"show zz{number:05}", number))
            await asyncio.sleep(0.1)
        await play.until(lambda: len(play.replies()) >= len(sent), 120)
        replies = play.replies()
        twice = sum(n > 1 for n in replies.values())
        tell(f"{cut} disconnects in {length:.0f} s, {len(sent)} mentions", *acknowledged(sent))
        print(f"  lost {len(sent) - len(replies)}, doubled {twice}")


def acknowledged(sent: list[Envelope]) -> tuple[list[float], int]:
    """Return the seconds that acknowledgements took, and how many never came."""
    return [each.took for each in sent if each.took], sum(not each.acked.is_set() for each in sent)


SCENES = {"ack": ack, "commands": commands, "redeliveries": redeliveries, "storm": storm, "disconnects": disconnects}


if __name__ == "__main__":
    run_scenes(SCENES, "Slack under load.")
