"""The workflow step "Ask Dexter": a run that a workflow starts, and its answer as the step's outputs.

https://docs.slack.dev/workflows/workflow-steps; the step's own id is the key under which the question was taken in,
so that the answer finds its step after a restart as well.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.overview import Books
from bot.posts import dissent_text
from bot.shapes import Post, Prose, TryLater, Undeliverable
from bot.slack.api import TooLong, Vanished, call
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.mrkdwn import cut
from bot.slack.place import Place
from bot.tallies import bars, caption
from bot.words import Words, key, words_for
from core.entities import Collaboration, Status
from core.events import Answer, Tally

log = structlog.get_logger("dexter.slack")

STEP = "ask_dexter"
"""The step's `callback_id` in the manifest."""
KEY = "step:"
PERSON = "workflow"
"""Who asks: roles can be given to `slack:workflow`."""
TRIES, LONGEST_WAIT = 3, 30.0
"""Of telling a step that its question was not taken in, and seconds between two of them."""
MOST = 12_000
"""Characters of an output."""
STRANGE = key("Dexter does not know this step any more. Please update the workflow.")


def is_step(place: Place) -> bool:
    """Tell a step that has no channel from a place where something can be posted."""
    return place.channel.startswith("Fx")


class Workflow:
    """Takes steps, and completes them."""

    def __init__(self, entrance: Entrance, books: Books | None) -> None:
        self._in, self._books = entrance, books

    async def on_executed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Ask what a workflow asks."""
        event = body["event"]
        step, inputs = str(event.get("function_execution_id") or ""), event.get("inputs") or {}
        if (event.get("function") or {}).get("callback_id") == STEP:
            await self._in.take(lambda: self._asked(step, inputs), 0.0)
        else:  # a workflow has no language of its own; the channel that it speaks in may have one
            channel = await self._in.channel(str(inputs["channel"])) if inputs.get("channel") else None
            await self._failed(step, words_for(channel.language if channel else "")(STRANGE))
        await ack()

    async def complete(self, found: Collaboration) -> None:
        """Hand a run's answer to the step that asked for it, if one did. Raises `TryLater`."""
        if found.asker != f"slack:{PERSON}" or self._books is None:
            return
        started_by = await self._books.started_by(found.tenant, found.id, KEY)
        events = await self._books.history(found.tenant, found.id)
        said = next((event.body for event in events if isinstance(event.body, Answer)), None)
        if not started_by or said is None:
            return
        step = started_by.removeprefix(KEY)
        if said.status in (Status.ANSWERED, Status.DISAGREED):
            await self._done(step, outputs(found, said))
        else:
            await self._failed(step, words_for(found.language).told(said.text, said.sentence))

    async def _asked(self, step: str, inputs: Body) -> Arrival:
        channel = str(inputs.get("channel") or "")
        # A step without a channel is its own place: nothing is posted there.
        place = Place(channel or step)
        made = await self._in.arrival(f"{KEY}{step}", PERSON, place, "", "A workflow")
        options = ((name, str(inputs.get(name) or "").replace('"', "")) for name in ("committee", "pattern"))
        given = "".join(f'--{name} "{value}" ' for name, value in options if value)
        question = (await self._in.names.read(str(inputs.get("question") or ""))).strip()

        async def after(post: Post | None) -> None:
            """A question that is not taken in ends its step, with the reason."""
            for attempt in range(TRIES if post is not None else 0):
                try:
                    await self._failed(step, _text(post) if post else "")
                    return
                except TryLater as later:
                    await asyncio.sleep(min(later.seconds * (attempt + 1), LONGEST_WAIT))

        return replace(made, request=replace(made.request, text=f"ask {given}-- {question}"), after=after, mute=True)

    async def _done(self, step: str, outputs: Mapping[str, str]) -> None:
        await self._tell(self._in.web.functions_completeSuccess(function_execution_id=step, outputs=dict(outputs)))

    async def _failed(self, step: str, why: str) -> None:
        await self._tell(self._in.web.functions_completeError(function_execution_id=step, error=why[:MOST]))

    async def _tell(self, telling: Any) -> None:
        try:
            await call(telling)
        except (Undeliverable, TooLong, Vanished) as error:  # it was completed before, or its workflow is gone
            log.info("a workflow step takes no answer", tenant=self._in.me.tenant, why=str(error))


def outputs(found: Collaboration, said: Answer) -> dict[str, str]:
    """Return what a step hands on to the workflow."""
    words = words_for(found.language)
    answer = words.told(said.text, said.sentence)
    dissent = dissent_text(said.dissent) if said.dissent else ""
    tally = _tally(said.tally, words) if said.tally else ""
    rest = words("(`/dexter show {run}` has the rest)", run=found.id)
    kept = {"answer": answer, "tally": tally, "dissent": dissent}
    return {name: _bounded(text, f" … {rest}") for name, text in kept.items()} | {"run": found.id}


def _bounded(text: str, ending: str) -> str:
    return text if len(text) <= MOST else text[: cut(text, MOST - len(ending))].rstrip() + ending


def _tally(tally: Tally, words: Words) -> str:
    rows = [f"{bar.label}: {bar.figure}{' ★' if bar.mark else ''}" for bar in bars(tally, words).bars]
    return "\n".join([caption(tally, words), *rows])


def _text(post: Post) -> str:
    return "\n".join(part.markdown for part in post.parts if isinstance(part, Prose))
