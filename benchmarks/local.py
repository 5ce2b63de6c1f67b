"""A short factual question to the shipped committee of local models: seconds to the first words and to the answer.

The models are loaded before the clock starts, as they are while a person types. usage: local.py [question …]
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import structlog

from bot.app import running
from bot.live import Spoken
from bot.settings import load
from bot.shapes import Request
from core.entities import run_id
from core.events import Answer, Event

QUESTIONS = ("What is the capital of Australia?", "What is 17 + 25?", "How many legs does a spider have?")
TENANT = "local"


async def main(questions: tuple[str, ...]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as home:
        settings = load().model_copy(update={"home": Path(home)})
        async with running(settings) as app:
            await app.fetch()
            await app.warm()
            print(f"{'first words':>11} {'answered':>9}  pattern  status    answer")
            for number, question in enumerate(questions):
                key = f"bench-{number}"
                begun = time.perf_counter()
                await app.handle(
                    Request(key, TENANT, "local:bench", "bench", f"terminal:{TENANT}:{key}", f"ask {question}")
                )
                first, pattern = None, ""
                async for item in app.live.follow(app.desk.store, TENANT, run_id(TENANT, key)):
                    if isinstance(item, Spoken) and first is None:
                        first = time.perf_counter() - begun
                    if isinstance(item, Event) and item.body.kind == "asked":
                        pattern = item.body.pattern
                    if isinstance(item, Event) and isinstance(item.body, Answer):
                        said = item.body
                seconds = time.perf_counter() - begun
                line = " ".join(said.text.split())[:60]
                print(f"{first or 0:>10.1f}s {seconds:>8.1f}s  {pattern:<8} {said.status.value:<9} {line}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(tuple(sys.argv[1:]) or QUESTIONS))
