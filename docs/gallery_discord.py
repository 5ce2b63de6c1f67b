"""The inside of a page that looks like a Discord thread, from the golden files."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gallery_message import message
from markdown_it import MarkdownIt

Json = dict[str, Any]
GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "discord"
THREAD = (("progress_critique_07", "09:30"), ("answer", "09:31"))
"""The posts of the thread in the picture, in order, and when they came."""
QUESTION = "Should we move the nightly reports from cron to our job queue?"
STYLES = {1: "primary", 2: "secondary", 4: "danger"}


def discord() -> str:
    """Return a Discord thread: a question, progress while the committee works, the answer."""
    asked = f'<p><span class="at">@Dexter</span> {html.escape(QUESTION)}</p>'
    posts = [message("Ada Lovelace", "AL", asked, "09:30")]
    for name, at in THREAD:
        said = json.loads((GOLDEN / f"{name}.json").read_text())
        posts.append(message("Dexter", "D", "".join(map(_part, said["components"])), at, app=True))
    title = html.escape(QUESTION)
    return f"<header><i>#</i> platform <span>›</span> <b>{title}</b></header>" + "".join(posts)


def _part(part: Json) -> str:
    draw = PARTS.get(part["type"])
    return draw(part) if draw else ""


def _inside(part: Json) -> str:
    return "".join(map(_part, part["components"]))


def _container(part: Json) -> str:
    return f'<section style="border-left-color:#{part["accent_color"]:06x}">{_inside(part)}</section>'


def _text(part: Json) -> str:
    """Return Discord's Markdown: small print begins with `-#`, and every line break counts."""
    lines = [f'<small class="foot">{MARKDOWN.renderInline(row[3:])}</small>' if row.startswith("-# ") else row
             for row in part["content"].split("\n")]  # fmt: skip
    blocks = re.split(r"(?m)^(<small .*</small>)$", "\n".join(lines))
    return "".join(block if block.startswith("<small") else MARKDOWN.render(block) for block in blocks)


def _beside(part: Json) -> str:
    return f'<div class="beside"><div>{_inside(part)}</div>{_part(part["accessory"])}</div>'


def _button(part: Json) -> str:
    off = " off" if part.get("disabled") else ""
    label = f"{(part.get('emoji') or {}).get('name', '')} {part['label']}".strip()
    return f'<span class="button {STYLES[part["style"]]}{off}">{html.escape(label)}</span>'


MARKDOWN = MarkdownIt("commonmark", {"breaks": True, "html": False}).enable("strikethrough")
PARTS: dict[int, Callable[[Json], str]] = {
    17: _container,
    10: _text,
    14: lambda _: "<hr>",
    9: _beside,
    1: lambda part: f'<div class="row">{_inside(part)}</div>',
    2: _button,
}
