"""A whole Dexter that works on skills, made to be killed.

    python -m tests.kills.skills_worker URL --home FOLDER --chat PORT --mark 0.40012345

asks for the same tasks at every start (a redelivery, but for the first time), prints READY, and works until it is
killed. While a skill is at work, a process whose command line has the mark in it sleeps for so many seconds.
"""

import argparse
import asyncio
from pathlib import Path

from bot.app import running
from bot.settings import Database, Settings
from core.adapters.scripted_model import ScriptedModel
from core.entities import Collaboration, Principal, Role, Task, now, run_id
from tests.doubles.workshop import words
from tests.kills.chat import SocketChat

TENANT = "kills"
CODE = """\
import subprocess


def run(text):
    if text == "slow":
        subprocess.run(["sleep", "{mark}"], check=True)
    return len(text.split())
"""
TESTS = """\
from main import run


def test_words_are_counted():
    assert run("slow") == 1
    assert run("one two  three") == 3
"""
NAMED = {"skill": "word-count", "version": "1.0.0"}
USED = Task(kind="run", **NAMED, input={"text": "slow"}, unpromoted=True)
TASKS = (USED, Task(kind="test", **NAMED), USED, Task(kind="promote", **NAMED), USED)


def asked(number: int) -> tuple[Collaboration, str]:
    """Return a task and the key of the event that brought it."""
    key = f"event-{number}"
    task = Collaboration(
        id=run_id(TENANT, key), tenant=TENANT, asker="a", asker_name="Ada", address=f"socket:{TENANT}:C{number}",
        question=f"skill {TASKS[number].kind}", created_at=now(), task=TASKS[number],
    )  # fmt: skip
    return task, key


async def main(options: argparse.Namespace) -> None:
    settings = Settings(home=options.home, database=Database(url=options.url))
    who = Principal(tenant=TENANT, id="a", name="Ada", role=Role.OPERATOR)
    chats = {"socket": SocketChat(options.chat)}
    async with running(settings, chats=chats, model=ScriptedModel({})) as app:
        await app.prove()
        await app.desk.skills.bring(words(code=CODE.format(mark=options.mark), tests=TESTS), who, source="here")
        print("READY", flush=True)  # noqa: T201 -- the driver waits for it
        for number in range(len(TASKS)):
            await app.desk.runs.start(*asked(number))
        await asyncio.Event().wait()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A Dexter to be killed.")
    parser.add_argument("url")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--chat", type=int, required=True)
    parser.add_argument("--mark", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
