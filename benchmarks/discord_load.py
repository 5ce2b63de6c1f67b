"""Discord under load: acknowledgements beside 50 collaborations, bursts, redeliveries, limits, disconnects.

    python -m benchmarks.discord_load [ack] [commands] [redeliveries] [storm] [disconnects] [--scale 1.0]

`dexter run` is a process of its own; the Discord server and the model provider that it talks to are in this one, on
real sockets. `--scale 0.1` takes a tenth of everything. Times are from an interaction's being sent to its
acknowledgement.
"""

import asyncio
import contextlib
import itertools
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import run_scenes, tell
from tests.doubles.discord_desk import ANNA, text
from tests.doubles.discord_server import BOT, TOKEN, DiscordServer
from tests.doubles.discord_world import Interaction
from tests.doubles.model_server import ModelServer
from tests.kills.driver import Workers
from tests.walks.test_discord_killed import CONFIG, MEMBER

CHANNELS = tuple(range(400, 425))
MORE = '[quotas]\nconcurrent = 60\nwaiting = 5000\n[log]\nformat = "json"\n'


@dataclass
class Stage:
    """A server with many channels, and Dexter in it."""

    server: DiscordServer
    models: ModelServer

    async def mention(self, words: str, number: int) -> int:
        """Mention Dexter in one of the channels."""
        return await self.server.say(ANNA, f"<@{BOT}> {words}", CHANNELS[number % len(CHANNELS)])

    async def show(self, number: int) -> Interaction:
        """Type a command that carries a number, which its reply repeats."""
        return await self.server.slash(ANNA, "show", CHANNELS[number % len(CHANNELS)], id=f"zz{number:05}")

    def said(self) -> Iterable[str]:
        """Return all that Dexter has said in channels and threads."""
        return (text(post) for channel in list(self.server.world.messages) for post in self.server.posts(channel))

    def replies(self) -> Counter[str]:
        """Return how often each mention that carried a number was answered."""
        return Counter(found[0] for words in self.said() for found in [re.findall(r"zz\d{5}", words)] if found)

    def answers(self) -> Counter[str]:
        """Return how often each run was answered, by the run's id at the end of the answer."""
        found = (re.search(r" · ([a-z2-7]{12})$", words) for words in self.said() if "3 models" in words)
        return Counter(each[1] for each in found if each)

    async def until(self, true: Callable[[], object], seconds: float) -> None:
        """Wait until something is true, for so long at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def stage(latency: float = 0.2) -> AsyncIterator[Stage]:
    """Start everything, Dexter last, and have a first question answered: a start loads what that takes."""
    models = ModelServer(latency=latency)
    with tempfile.TemporaryDirectory(prefix="dexter-load-") as name:
        folder = Path(name)
        async with DiscordServer().running() as server:
            await models.start()
            server.rest.checked = False  # it would cost more than what is measured; the tests check every request
            for channel in CHANNELS:
                server.world.add_channel(channel, 0, f"channel-{channel}")
            where = {"home": folder, "rest": server.base_url, "gateway": server.gateway_url, "models": models.openai}
            members = "".join(MEMBER.format(name=each) for each in ("ada", "bob", "cleo"))
            config = folder / "dexter.toml"
            config.write_text(CONFIG.format(**where) + members + MORE)
            command = [sys.executable, "-m", "bot", "run", f"--config={config}"]
            environment = {"DISCORD_TOKEN": TOKEN, "OPENAI_API_KEY": "none"}
            workers = Workers(command, folder, ready="listening", environment=environment)
            try:
                await workers.start()
                play = Stage(server, models)
                await play.mention("ask Is one a good number?", 0)
                await play.until(play.answers, 60)
                yield play
            finally:
                await workers.stop()
                await models.stop()


async def ack(scale: float) -> None:
    """Measure acknowledgements while 50 collaborations run."""
    async with stage(latency=1.0) as play:
        served = play.models.served
        for number in range(50):
            await play.mention(f"ask Is {number} a good number?", number)
        await play.until(lambda: play.models.served > served + 50, 60)
        sent: list[Interaction] = []
        for number in range(int(200 * scale)):
            sent.append(await play.show(number))
            if number % 20 == 19:
                await play.mention("ask And one more?", number)  # keep them coming
            await asyncio.sleep(0.05)
        await play.until(lambda: all(each.acked.is_set() for each in sent), 30)
        tell(
            f"{len(sent)} commands beside {50 - len(play.answers()) + 1} to 50 collaborations",
            *acknowledged(sent),
            goals=True,
        )


async def commands(scale: float) -> None:
    """Send 1,000 slash commands in ten seconds."""
    async with stage() as play:
        count, began, sent = int(1000 * scale), time.monotonic(), []
        for number in range(count):
            sent.append(await play.show(number))
            await asyncio.sleep(max(0.0, began + 10 * scale * number / count - time.monotonic()))
        await play.until(lambda: all(each.said for each in sent), 60)
        tell(f"{count} commands in {10 * scale:.0f} s", *acknowledged(sent))
        print(
            f"  answered {sum(bool(each.said) for each in sent)}, twice {sum(len(each.said) > 1 for each in sent)}, "
            f"out of order {disorder(sent)}"
        )


def disorder(sent: list[Interaction]) -> int:
    """Count the acknowledgements that come before one to an earlier command in their channel."""
    by_channel: dict[str, list[float]] = {}
    for each in sent:
        by_channel.setdefault(each.payload["channel_id"], []).append(each.acked_at)
    return sum(one > two for times in by_channel.values() for one, two in itertools.pairwise(times))


async def redeliveries(scale: float) -> None:
    """Send 5,000 events of which 4,000 are redeliveries."""
    async with stage() as play:
        count = int(1000 * scale)
        for number in range(count):
            await play.mention(f"show zz{number:05}", number)
            for _ in range(4):
                await play.server.again()
            await asyncio.sleep(0.01)
        await play.until(lambda: len(play.replies()) >= count, 120)
        await asyncio.sleep(2)
        replies = play.replies()
        print(f"{5 * count} events, {count} of them new: answers {sum(replies.values())}, lost {count - len(replies)}")


async def storm(scale: float) -> None:
    """Turn every third call away for two seconds."""
    async with stage() as play:
        weather = play.server.storm(every=3, seconds=2.0)
        count = max(1, int(20 * scale))
        for number in range(count):
            await play.mention(f"ask --pattern quick Is {number} a good number?", number)
        await play.until(lambda: len(play.answers()) >= count + 1, 300)
        await asyncio.sleep(3)
        answers = play.answers()
        print(
            f"storm: {count} questions, {weather.met // 3} calls limited; {count + 1 - len(answers)} answers lost, "
            f"{sum(times > 1 for times in answers.values())} doubled, {len(weather.early)} calls before their time"
        )


async def disconnects(scale: float) -> None:
    """Disconnect 30 times in five minutes, in the ways that Discord has; `--scale` shortens the time alone."""
    async with stage() as play:
        length, times, sent, cut = 300 * scale, 30, 0, 0
        began = time.monotonic()
        while (now := time.monotonic() - began) < length or cut < times:
            if cut < times and now >= cut * length / times:
                await play.server.drop((4000, 1000, 4009, 1001)[cut % 4])
                cut += 1
            await play.mention(f"show zz{sent:05}", sent)
            sent += 1
            await asyncio.sleep(0.1)
        await play.until(lambda: len(play.replies()) >= sent, 120)
        replies, gateway = play.replies(), play.server.gateway
        print(
            f"{cut} disconnects in {length:.0f} s, {sent} mentions: lost {sent - len(replies)}, doubled "
            f"{sum(n > 1 for n in replies.values())}; sessions {len(gateway.identifies)}, resumed {gateway.resumes}"
        )


def acknowledged(sent: list[Interaction]) -> tuple[list[float], int]:
    """Return the seconds that acknowledgements took, and how many never came."""
    took = [each.acked_at - each.asked_at for each in sent if each.acked.is_set()]
    return took, len(sent) - len(took)


SCENES = {"ack": ack, "commands": commands, "redeliveries": redeliveries, "storm": storm, "disconnects": disconnects}


if __name__ == "__main__":
    run_scenes(SCENES, "Discord under load.")
