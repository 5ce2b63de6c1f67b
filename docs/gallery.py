"""Draw golden posts as one self-contained page that looks like the chat, for looking at and for the README's picture.

    python docs/gallery.py slack > slack.html
    chromium --headless --no-sandbox --hide-scrollbars --force-device-scale-factor=1.5 --window-size=780,1060 \\
        --screenshot=docs/slack.png slack.html

and the same for Discord, with `--window-size=780,1195`.

Each chat is a function from its golden files to the inside of the page; another one is an entry in `CHATS`.
"""

import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gallery_discord import discord
from gallery_message import message
from markdown_it import MarkdownIt

Json = dict[str, Any]
GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
THREAD = ("progress_critique_07", "answer")
"""The posts of the thread in the picture, in order."""
QUESTION = "Should we move the nightly reports from cron to our job queue?"
SIGNS = {"pending": "○", "in_progress": "◐", "complete": "✓", "error": "✕"}


def slack() -> str:
    """Return a Slack thread: a question, the plan while the committee works, the answer."""
    asked = f'<p><span class="at">@Dexter</span> {html.escape(QUESTION)}</p>'
    posts = [message("Ada Lovelace", "AL", asked, "09:30")]
    for name, at in zip(THREAD, ("09:30", "09:31"), strict=True):
        (blocks,) = json.loads((GOLDEN / "slack" / f"{name}.json").read_text())
        posts.append(message("Dexter", "D", "".join(map(_block, blocks)), at, app=True))
    return '<header><b>Thread</b> <span># platform</span></header><hr class="rule">' + "".join(posts)


def _block(block: Json) -> str:
    draw = BLOCKS.get(block["type"])
    return draw(block) if draw else ""


def _markdown(block: Json) -> str:
    text = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(block["text"])
    return f'<div class="md">{text}</div>'


def _plan(block: Json) -> str:
    rows = "".join(map(_task, block["tasks"]))
    return f'<div class="plan"><b>{html.escape(block["title"])}</b>{rows}</div>'


def _task(task: Json) -> str:
    texts = (task[name]["elements"] for name in ("details", "output") if name in task)
    said = " ".join(_text(element) for elements in texts for element in elements)
    sign = f'<i class="{task["status"]}">{SIGNS[task["status"]]}</i>'
    return f'<div class="task">{sign}<span>{html.escape(task["title"])}</span><small>{html.escape(said)}</small></div>'


def _text(element: Json) -> str:
    inner = element.get("elements")
    return "".join(map(_text, inner)) if inner else str(element.get("text") or element.get("url"))


def _table(block: Json) -> str:
    rows = [[" ".join(map(_text, cell["elements"])) for cell in row] for row in block["rows"]]
    lines = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="tally">{lines}</table>'


def _cell(cell: str) -> str:
    return f'<span class="bar">{cell}</span>' if re.fullmatch(r"[█▏▎▍▌▋▊▉·]+", cell) else html.escape(cell)


def _rich(block: Json) -> str:
    return "".join(f'<p class="caption">{html.escape(_text(element))}</p>' for element in block["elements"])


def _container(block: Json) -> str:
    return f'<div class="fold"><i>▸</i> <b>{html.escape(block["title"]["text"])}</b></div>'


def _context(block: Json) -> str:
    return "".join(f'<p class="small">{html.escape(element["text"])}</p>' for element in block["elements"])


def _actions(block: Json) -> str:
    made = (f'<span class="{e.get("style", "")}">{html.escape(e["text"]["text"])}</span>' for e in block["elements"])
    return f'<div class="actions">{"".join(made)}</div>'


def _thumbs(block: Json) -> str:
    (element,) = block["elements"]
    sides = ((element["positive_button"], "up"), (element["negative_button"], "down"))
    made = (f'<span class="{way}">{THUMB}{html.escape(side["text"]["text"])}</span>' for side, way in sides)
    return f'<div class="thumbs">{"".join(made)}</div>'


THUMB = (
    '<svg viewBox="0 0 20 20"><path d="M6 9 9.5 2.5c1.6 0 2.2 1 1.9 2.3L10.8 8H16c1 0 1.7.9 1.4 1.9l-1.5 5.6'
    'c-.2.9-1 1.5-1.9 1.5H6zM6 9H3v8h3" fill="none" stroke="currentColor" stroke-width="1.6"/></svg>'
)
BLOCKS: dict[str, Callable[[Json], str]] = {
    "markdown": _markdown,
    "plan": _plan,
    "table": _table,
    "rich_text": _rich,
    "container": _container,
    "context": _context,
    "actions": _actions,
    "context_actions": _thumbs,
}
CHATS: dict[str, Callable[[], str]] = {"slack": slack, "discord": discord}


STYLE = {"slack": "gallery.css", "discord": "gallery_discord.css"}


def page(name: str) -> str:
    """Return the page of a chat."""
    style = (Path(__file__).parent / STYLE[name]).read_text()
    head = f'<!DOCTYPE html><meta charset="utf-8"><title>{name}</title><style>{style}</style>'
    return f"{head}<main>{CHATS[name]()}</main>"


def main(arguments: list[str]) -> Iterator[str]:
    """Yield the page that was asked for, or what can be asked for."""
    yield page(arguments[0]) if arguments and arguments[0] in CHATS else f"Name one of: {', '.join(CHATS)}."


if __name__ == "__main__":
    sys.stdout.writelines(main(sys.argv[1:]))
