"""A process of Dexter's own parts under a small scripted committee, made to be killed.

    python -m tests.kills.worker URL --effects FILE --chat PORT --runs 100 [--concurrent 4] [--seconds 0.1]

asks its questions at every start (a redelivery, but for the first time), prints READY, and works until it is killed.
Each step that it does becomes a line of FILE: run, step, process id and time.
"""

import argparse
import asyncio
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

from bot.outbox import Postman, Rhythm
from bot.posting import Posting
from bot.posts import slots
from core.adapters.durable import DurableRuns
from core.entities import Collaboration, Noun, Status, now, run_id
from core.errors import DexterError
from core.events import Answer, Asked, Call, Event, Happening, Proposal, Usage
from core.ports import Steps
from storage.kept import Database, Kept
from tests.kills.chat import SocketChat

TENANT = "kills"
PHASES = ("propose", "critique", "vote")
MEMBERS = ("ada", "bob", "cleo")
LEASE_SECONDS = 3.0
"""The posts of a dead worker are given up soon, so that a test need not wait a minute for each kill."""


class Said(Noun):
    text: str


class Effects:
    """What was really done in the world, written so that a killed process cannot take it back."""

    def __init__(self, file: Path, seconds: float) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seconds = seconds

    async def do(self, run: str, key: str) -> Said:
        await asyncio.sleep(random.uniform(0, 2 * self._seconds))
        os.write(self._file, f"{run} {key} {os.getpid()} {time.time():.3f}\n".encode())
        os.fsync(self._file)
        await asyncio.sleep(random.uniform(0, 0.02))
        return Said(text=f"{key} of {run}")


@dataclass
class SmallCommittee:
    """Three phases of three members, an event for each, and an answer that holds all that was said."""

    kept: Kept
    effects: Effects
    postman: Postman

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        asked = await self.kept.store.collaboration(tenant, run)
        await self.tell(asked, "asked", _asked(asked))
        said: list[str] = []
        for phase in PHASES:
            words = await asyncio.gather(*(self.ask(asked, f"{phase}:{member}", steps) for member in MEMBERS))
            said += [word.text for word in words]
        assert said == [f"{phase}:{member} of {run}" for phase in PHASES for member in MEMBERS]
        answer = Answer(status=Status.ANSWERED, text=" / ".join(said), how="winner", usage=Usage())
        await self.tell(asked, "answer", answer)
        await self.kept.store.settle(run, Status.ANSWERED, answer.text)

    async def ask(self, asked: Collaboration, key: str, steps: Steps) -> Said:
        said = await steps.once(key, lambda: self.effects.do(asked.id, key), Said)
        call = Call(member=key, phase="propose", model="scripted/x")
        await self.tell(asked, key, Proposal(member=key, label="A", text=said.text, call=call))
        return said

    async def tell(self, asked: Collaboration, key: str, body: Happening) -> None:
        event = Event(key=key, run=asked.id, tenant=asked.tenant, address=asked.address, at=now(), body=body)
        if await self.kept.store.append(event, slots(event)):
            self.postman.nudge()

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        asked = await self.kept.store.collaboration(tenant, run)
        await self.tell(asked, "answer", Answer(status=Status.FAILED, text=str(error), how="none", usage=Usage()))
        await self.kept.store.settle(run, Status.FAILED, str(error))


def _asked(asked: Collaboration) -> Asked:
    return Asked(
        question=asked.question, asker_name="Ada", committee="small", pattern="panel", seats=(), phases=PHASES
    )  # fmt: skip


def question(number: int) -> tuple[Collaboration, str]:
    """Return a question and the key of the event that brought it."""
    key = f"event-{number}"
    address = f"socket:{TENANT}:C{number}"
    asked = Collaboration(
        id=run_id(TENANT, key), tenant=TENANT, asker="a", asker_name="Ada", address=address,
        question=f"Question {number}?", created_at=now(),
    )  # fmt: skip
    return asked, key


async def main(options: argparse.Namespace) -> None:
    with Database(options.url).opened() as kept:
        chats = {"socket": SocketChat(options.chat)}
        postman = Postman(kept.outbox, Posting(kept.store), chats, str(os.getpid()), rhythm=Rhythm(0.5, LEASE_SECONDS))
        committee = SmallCommittee(kept, Effects(options.effects, options.seconds), postman)
        runs = DurableRuns(
            kept.transactions, accept=kept.store.accept, work=committee.carry, failed=committee.fail,
            limits=(options.concurrent, 10_000),
        )  # fmt: skip
        await runs.open()
        print("READY", flush=True)  # noqa: T201 -- the driver waits for it
        for number in range(options.runs):
            await runs.start(*question(number))
        await postman.run()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A worker to be killed.")
    parser.add_argument("url")
    parser.add_argument("--effects", type=Path, required=True)
    parser.add_argument("--chat", type=int, required=True)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--concurrent", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.1)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
