"""Have the shipped local models pursue a shipped template in front of a Slack, and print the thread that comes of it.

    python -m benchmarks.campaign_local [--template dependency_upgrade] [--minutes 90] [--keep FOLDER]
    [parameter=value …]

On the way a person approves the plan, leaves a note, pauses and resumes, and Dexter is killed with -9 in the middle of
a step and started again. Slack is a server on a socket; all else is as it is shipped. The files of the end are kept.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.slack.thread import slot_of
from tests.doubles.slack_server import SlackServer, slack_server

GIVEN = {
    "dependency": "urllib3",
    "current": "1.26.18",
    "wanted": "2.2.1",
    "notes": "2.0 removed support for Python 2.7 and 3.6. HTTPResponse.getheaders() is deprecated. "
    "The default TLS minimum is 1.2. 2.2 added support for Emscripten.",
}
NOTE = "Our project still calls getheaders() in two places."
STUCK = ("Try again", "Go on", "Allow more", "Yes")
"""What a person presses who is asked on the way: they want it to go on."""
PATIENCE = 2
"""Requests that are answered so, before the person gives up and says no."""


class Person:
    """Who has asked for the campaign, and does with it what people do."""

    def __init__(self, slack: SlackServer, folder: Path, minutes: float) -> None:
        self._slack, self._folder, self._until = slack, folder, time.monotonic() + 60 * minutes
        self._process: asyncio.subprocess.Process | None = None
        self._begun = time.monotonic()

    async def starts(self) -> None:
        """Start Dexter, as a process of its own."""
        config = self._folder / "dexter.toml"
        slack = f'[slack]\nbase_url = "{self._slack.base_url}"\n'
        config.write_text(f'home = "{self._folder}"\n{slack}[people.roles]\n"slack:U1" = "administrator"\n')
        command = (sys.executable, "-m", "bot", "run", "--config", str(config))
        tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
        log = os.open(self._folder / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        env = {**os.environ, **tokens}
        self._process = await asyncio.create_subprocess_exec(*command, env=env, stdout=log, stderr=log)
        os.close(log)

    async def kills(self) -> None:
        """Kill Dexter with -9, and start it again."""
        self._tell("kill -9")
        await self.stops(signal.SIGKILL)
        await self.starts()

    async def stops(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End Dexter."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(by)
            await self._process.wait()

    async def sees(self, what: str, true: Callable[[], object]) -> None:
        """Wait for something to be seen in the channel."""
        while not true():
            if time.monotonic() > self._until:
                raise TimeoutError(f"Not seen in time: {what}")
            if self._process and self._process.returncode is not None:
                raise RuntimeError(f"Dexter has ended; {self._folder / 'log.txt'} says why.")
            await asyncio.sleep(0.5)
        self._tell(what)

    def shown(self, slot: str, text: str = "") -> bool:
        """Tell whether a post of a slot says something."""
        return any(slot_of(post)[1] == slot and text in str(post) for post in self._slack.space.posts("C1"))

    async def answers_until_the_end(self) -> None:
        """Answer whatever is asked, until the campaign is over."""
        answered = 0
        while not self.shown("answer"):
            label = next((label for label in STUCK if self._asked(label)), "")
            if label:
                answered += 1
                self._tell(f"asked: {label}")
                self._slack.press(label if answered <= PATIENCE else "No")
                await asyncio.sleep(10)
            await self.sees("", lambda: self.shown("answer") or any(self._asked(each) for each in STUCK))
        self._tell("the end")

    def _asked(self, label: str) -> bool:
        posts = self._slack.space.posts("C1")
        return any((slot_of(post)[1] or "").startswith("request") and f"'{label}'" in str(post) for post in posts)

    def _tell(self, what: str) -> None:
        if what:
            print(f"{time.monotonic() - self._begun:7.0f} s  {what}", flush=True)


async def walk(options: argparse.Namespace) -> None:
    """Do all of it, and print the thread."""
    folder = Path(options.keep)
    folder.mkdir(parents=True, exist_ok=True)
    given = {**GIVEN, **dict(each.split("=", 1) for each in options.given)}
    typed = " ".join(f'{name}="{value}"' for name, value in given.items())
    async with slack_server(retry_seconds=3.0, retries=100) as slack:
        ada = Person(slack, folder, options.minutes)
        await ada.starts()
        try:
            await ada.sees("Dexter is connected", lambda: slack.connections)
            await asyncio.sleep(2)
            slack.command(f"campaign start --template {options.template} {typed}")
            await ada.sees("the plan is shown", lambda: ada.shown("request:1", "Approve"))
            slack.press("Approve")
            await ada.sees("it runs", lambda: ada.shown("question", "Running"))
            card = next(post for post in slack.space.posts("C1") if slot_of(post)[1] == "question")
            slack.say(NOTE, thread_ts=card["ts"])
            await asyncio.sleep(20)
            await ada.kills()
            await ada.sees("Dexter is back", lambda: slack.connections > 1)
            slack.press("Pause")
            await ada.sees("it is paused", lambda: ada.shown("question", "Paused"))
            slack.press("Resume")
            await ada.answers_until_the_end()
            await asyncio.sleep(20)  # for its pictures
        finally:
            print(slack.transcript("C1"), flush=True)
            keep(slack, folder)
            await ada.stops()


def keep(slack: SlackServer, folder: Path) -> None:
    """Keep the files that were uploaded."""
    for upload in slack.api.documents.uploads.values():
        path = folder / Path(str(upload["name"])).name
        path.write_bytes(upload.get("bytes", b""))
        print(f"kept {path}", flush=True)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description="A campaign of local models in front of a Slack.")
    parser.add_argument("--template", default="dependency_upgrade")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--keep", default="campaign-local", help="folder of Dexter's home, its log and the files")
    parser.add_argument("given", nargs="*", help="parameter=value")
    asyncio.run(walk(parser.parse_args()))


if __name__ == "__main__":
    main()
