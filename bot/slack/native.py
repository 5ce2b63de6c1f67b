"""Slack's newer blocks: Markdown, tables, folded containers, plans, feedback buttons.

Where a workspace does not take them, the same post is shown in the blocks of `units.py`.
https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from bot.shapes import Bars, Button, Line, Table
from bot.slack import rich, text, units
from bot.slack.markdown import elements
from bot.slack.mrkdwn import clean, cut, defuse, one_line, split
from bot.slack.rich import Element
from bot.slack.source import source
from bot.slack.units import Block, Unit
from bot.words import Words

TITLE, SECTION = 150, 2900
ROWS, COLUMNS, CELL, CELLS = 100, 20, 2000, 6000
"""Of a table. Slack takes 10,000 characters in all cells of a message; the rest of the message wants room too."""
FOLDED = 5000
"""Characters that a closed container holds at most; the whole is in the details."""
TASKS, TASK_TEXT = 50, 250

STATES = {"waiting": "pending", "working": "in_progress", "done": "complete", "absent": "error"}
"""A member's state as Slack's task cards say it."""


def markdown(text: str) -> Iterator[Unit]:
    """Yield Markdown blocks that say what `text` says, made safe."""
    for unit in units.joined(units.prose(text)):
        written = source(unit.block["elements"])
        yield Unit({"type": "markdown", "text": written}, unit.words, len(written.encode("utf-16-le")) // 2 + 40)


def chart(part: Bars, words: Words) -> Iterator[Unit]:
    """Yield a tally as a table with a bar in each row; the winner is named in words."""
    if caption := " ".join(clean(part.caption).split()):
        yield units.rich_unit(units.section(caption, "bold"))
    rows = [(bar.label, text.cells(bar.share) or "·", text.figure(bar, words)) for bar in part.bars]
    heads = part.heads or (words("Answer"), words("Share"), words("Result"))
    if made := _table(heads, rows, text.bars(part, words)):
        yield made
    else:
        yield from map(units.rich_unit, rich.preformatted(text.bars(part, words)))


def table(part: Table, words: Words) -> Iterator[Unit]:
    """Yield a table, or its text where it is larger than Slack's tables."""
    drawn = defuse(text.columns([part.columns, *part.rows]))
    if made := _table(part.columns, part.rows, drawn):
        yield made
    else:
        yield from units.drawn(part, words)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], drawn: str) -> Unit | None:
    """Return a table block, or nothing where it would be too large or ragged."""
    cells = [[_cell(cell, "bold") for cell in head], *([_cell(cell) for cell in row] for row in rows)]
    size = sum(map(rich.size, chain.from_iterable(cells)))
    ragged = any(len(row) != len(head) for row in rows)
    long = any(rich.size(cell) > CELL for cell in chain.from_iterable(cells))
    if not rows or not head or ragged or long or len(rows) >= ROWS or len(head) > COLUMNS or size > CELLS:
        return None
    block: Block = {"type": "table", "column_settings": [{"is_wrapped": True} for _ in head], "rows": cells}
    return Unit(block, drawn, size)


def _cell(cell: str, *styles: str) -> Element:
    return {"type": "rich_text", "elements": [units.section(" ".join(defuse(cell).split()) or "–", *styles)]}


def container(title: str, markdown: str, words: Words) -> Unit:
    """Return a fold that is closed until a person opens it.

    Its words are plain: of the blocks that may stand in a container, a section is the one that all sources agree on.
    """
    flat = "\n".join(rich.words(element) for element in elements(clean(markdown).strip()))
    at = cut(flat, FOLDED)
    if left := len(flat) - at:
        note = units.more(left, words)
        flat = f"{flat[:at].rstrip()} … ({note})"
    named = one_line(title, TITLE) or "…"
    sections = [{"type": "section", "text": units.plain_text(piece)} for piece in split(flat or "–", SECTION)]
    block: Block = {"type": "container", "title": units.plain_text(named), "is_collapsible": True}
    block |= {"default_collapsed": True, "child_blocks": sections}
    return units.other(block, f"{named}\n{flat}")


def plan(title: str, steps: Sequence[Line], mark: str) -> Unit:
    """Return the progress of a run as a plan: one task card for each member and phase."""
    cards = list({card["task_id"]: card for card in (task_card(step, mark) for step in steps[-TASKS:])}.values())
    named = one_line(title, TITLE) or "…"
    said = "\n".join(map(_line, steps))
    return Unit({"type": "plan", "title": named, "tasks": cards}, f"{named}\n{said}", len(said) * 2 + 150 * len(cards))


def _line(step: Line) -> str:
    return f"{units.STATES[step.state]} {one_line(step.who, 80)}  {units.gist(step.text, 300)}".rstrip()


def task_card(step: Line, mark: str) -> Block:
    """Return one card of a plan."""
    task = task_of(step, mark)
    card: Block = {"type": "task_card", "task_id": task["id"], "title": task["title"], "status": task["status"]}
    for name in ("details", "output"):
        if name in task:
            card[name] = {"type": "rich_text", "elements": [units.section(task[name])]}
    return card


def task_of(step: Line, mark: str) -> dict[str, str]:
    """Return a member's part in a phase as a task: its id, title, state, and what came of it."""
    who, said = one_line(step.who, 80) or "?", units.gist(step.text, TASK_TEXT)
    over = step.state in ("done", "absent")
    title = f"{who} · {one_line(step.doing, 120)}" if step.doing else who
    task = {"id": f"{mark}/{one_line(step.key, 150) or who}", "title": title, "status": STATES[step.state]}
    return task | ({"output" if over else "details": said} if said and said != step.doing else {})


def feedback(good: Button, bad: Button, action: str) -> Unit:
    """Return the two thumbs of an answer."""
    sides = {"positive_button": good, "negative_button": bad}
    made = {
        name: {"text": units.plain_text(one_line(button.label, 75) or "?"), "value": clean(button.command)}
        for name, button in sides.items()
    }
    element: Element = {"type": "feedback_buttons", "action_id": action, **made}
    said = " ".join(f"[{one_line(button.label, 75)}]" for button in sides.values())
    return units.other({"type": "context_actions", "elements": [element]}, said)
