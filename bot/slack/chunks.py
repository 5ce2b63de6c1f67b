"""What a stream of progress is told: a plan's title, its tasks as they change, and what stands under them.

https://docs.slack.dev/reference/methods/chat.appendStream#chunks
"""

from dataclasses import dataclass, field
from typing import Any

from bot.shapes import Foot, Heading, Line, Lines, Post, Table
from bot.slack import native, units
from bot.slack.blocks import MOST_BLOCKS
from bot.slack.buttons import buttons_of
from bot.slack.mrkdwn import one_line
from bot.slack.speech import Speech
from bot.words import words_for

Chunk = dict[str, Any]


@dataclass(slots=True)
class Told:
    """What a stream has been told."""

    title: str = ""
    tasks: dict[str, dict[str, str]] = field(default_factory=dict)
    speech: Speech = field(default_factory=Speech)


def news(told: Told, post: Post, lines: Lines, mark: str) -> list[Chunk]:
    """Return what a stream has not been told yet, and take it as told."""
    title = one_line(next((p.text for p in post.parts if isinstance(p, Heading)), ""), native.TITLE) or "…"
    steps = [*(lines.steps or lines.lines), *_rows(post)]
    tasks = {task["id"]: task for task in (native.task_of(step, mark) for step in steps)}
    for gone in told.tasks.keys() - tasks.keys():  # a step that was foreseen and has not come
        tasks[gone] = told.tasks[gone] | {"status": "complete"}
    room = max(native.TASKS - len(told.tasks), 0)
    new = [task for task in tasks.values() if task["id"] not in told.tasks][:room]
    changed = [task for task in tasks.values() if told.tasks.get(task["id"], task) != task]
    chunks: list[Chunk] = [{"type": "plan_update", "title": title}] if title != told.title else []
    told.title = title
    words = words_for(post.language)
    told.speech.rest = words("(the whole answer follows below)")
    told.tasks |= {task["id"]: task for task in (*changed, *new)}
    return chunks + [{"type": "task_update", **task} for task in (*changed, *new)]


def _rows(post: Post) -> list[Line]:
    """Return the rows of a post's tables as steps: of what a stream holds, tasks alone can change."""
    tables = [part for part in post.parts if isinstance(part, Table)]
    return [Line("done", row[0], "  ".join(row[1:]), key=f"row:{row[0]}") for table in tables for row in table.rows]


def frame(post: Post) -> list[Chunk]:
    """Return what stands under the plan: why it is done this way, and the button that stops it."""
    lines = [unit.block for part in post.parts if isinstance(part, Foot) for unit in units.foot(part.text)]
    buttons = buttons_of(post, words_for(post.language))[:MOST_BLOCKS]
    made = [*lines[: MOST_BLOCKS - len(buttons)], *buttons]
    return [{"type": "blocks", "blocks": made}] if made else []
