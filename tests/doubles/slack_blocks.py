"""Which blocks Slack takes: the limits of https://docs.slack.dev/reference/block-kit, one check for each kind."""

from collections.abc import Callable, Collection
from typing import Any

Json = dict[str, Any]

RICH = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
INLINE = {"text", "link", "emoji", "user", "usergroup", "broadcast", "channel", "date", "color"}
IN_A_CONTAINER = {"actions", "context", "divider", "header", "image", "section", "table"}
"""What both Slack's documentation and the checks that it really makes are said to allow."""
STATES = {"pending", "in_progress", "complete", "error"}
CHOICES = {"checkboxes", "conversations_select", "datepicker", "overflow", "radio_buttons", "static_select"}
IN_A_VIEW = {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "alert"}


def bad_blocks(blocks: Any, most: int, kinds: set[str] | None = None) -> bool:
    """Tell whether Slack would call these blocks invalid."""
    if not isinstance(blocks, list) or len(blocks) > most or repeats(blocks, "block_id"):
        return True
    tables = [block for block in blocks if block.get("type") == "table"]
    cells = sum(len(text) for block in tables for text in _texts(block.get("rows")))
    written = sum(len(block.get("text", "")) for block in blocks if block.get("type") == "markdown")
    known = kinds is None or {str(block.get("type")) for block in blocks} <= kinds
    return not known or len(tables) > 1 or cells > 10_000 or written > 12_000 or any(map(bad_block, blocks))


def bad_block(block: Json) -> bool:
    """Tell whether Slack would call a block invalid."""
    check = CHECKS.get(block.get("type", ""))
    return check is None or len(block.get("block_id", "")) > 255 or check(block)


def bad_text(text: Any, most: int, kinds: Collection[str] = ("plain_text", "mrkdwn")) -> bool:
    """Tell whether a text object is empty, too long or of a kind that may not stand there."""
    return not isinstance(text, dict) or text.get("type") not in kinds or not 1 <= len(text.get("text", "")) <= most


def repeats(things: list[Json], name: str) -> bool:
    """Tell whether two carry the same id, or one carries too long a one."""
    seen = [thing[name] for thing in things if name in thing]
    return len(seen) != len(set(seen)) or any(len(value) > 255 for value in seen)


def _bad_context(block: Json) -> bool:
    return not 1 <= len(block["elements"]) <= 10 or any(bad_text(e, 2000) for e in block["elements"])


def _bad_actions(block: Json) -> bool:
    made = block["elements"]
    return not 1 <= len(made) <= 25 or any(map(_bad_element, made)) or repeats(made, "action_id")


def _bad_element(element: Json) -> bool:
    if element.get("type") != "button":
        return element.get("type") not in CHOICES
    return (
        bad_text(element.get("text"), 75, ("plain_text",))
        or not 1 <= len(element.get("action_id", "")) <= 255
        or len(element.get("value", "")) > 2000
        or len(element.get("url", "")) > 3000
        or element.get("style", "primary") not in ("primary", "danger")
    )


def _bad_thumbs(block: Json) -> bool:
    made = block["elements"]
    return not 1 <= len(made) <= 5 or repeats(made, "action_id") or any(map(_bad_thumb, made))


def _bad_thumb(element: Json) -> bool:
    if element.get("type") == "icon_button":
        return element.get("icon") != "trash" or bad_text(element.get("text"), 75, ("plain_text",))
    sides = [element.get("positive_button"), element.get("negative_button")]
    return element.get("type") != "feedback_buttons" or any(
        not isinstance(side, dict) or bad_text(side.get("text"), 75, ("plain_text",)) or not side.get("value")
        or len(side["value"]) > 2000
        for side in sides
    )  # fmt: skip


def _bad_rich(block: Json) -> bool:
    return not block.get("elements") or any(map(_bad_part, block["elements"]))


def _bad_part(element: Json) -> bool:
    if element.get("type") not in RICH or not element.get("elements"):
        return True
    if element["type"] == "rich_text_list":
        return element.get("style") not in ("bullet", "ordered") or any(map(_bad_part, element["elements"]))
    return any(
        e.get("type") not in INLINE or (e["type"] == "text" and not e.get("text")) or len(e.get("text", "")) > 3000
        for e in element["elements"]
    )


def _bad_table(block: Json) -> bool:
    rows, settings = block.get("rows") or [], block.get("column_settings") or []
    widths = {len(row) for row in rows}
    if not 1 <= len(rows) <= 100 or len(widths) != 1 or max(widths) > 20 or len(settings) > 20:
        return True
    return any(_bad_cell(cell) for row in rows for cell in row)


def _bad_cell(cell: Json) -> bool:
    return (
        not cell.get("text") if cell.get("type") == "raw_text" else cell.get("type") != "rich_text" or _bad_rich(cell)
    )


def _bad_container(block: Json) -> bool:
    children = block.get("child_blocks") or []
    folds = block.get("is_collapsible") or not block.get("default_collapsed")
    return (
        bad_text(block.get("title"), 150, ("plain_text",))
        or not folds
        or not children
        or bad_blocks(children, 10, IN_A_CONTAINER)
    )


def _bad_plan(block: Json) -> bool:
    tasks = block.get("tasks") or []
    titled = isinstance(block.get("title"), str) and block["title"]
    return not titled or len(tasks) > 50 or repeats(tasks, "task_id") or any(map(_bad_task, tasks))


def _bad_task(task: Json) -> bool:
    texts = [task[name] for name in ("details", "output") if name in task]
    good = task.get("task_id") and isinstance(task.get("title"), str) and task.get("title")
    return not good or task.get("status") not in STATES or any(map(_bad_rich, texts))


def _texts(thing: Any) -> list[str]:
    if isinstance(thing, dict):
        own = [thing["text"]] if isinstance(thing.get("text"), str) else []
        return own + [text for value in thing.values() if isinstance(value, dict | list) for text in _texts(value)]
    return [text for item in thing for text in _texts(item)] if isinstance(thing, list) else []


CHECKS: dict[str, Callable[[Json], Any]] = {
    "header": lambda b: bad_text(b.get("text"), 150, ("plain_text",)),
    "section": lambda b: bad_text(b.get("text"), 3000) if b.get("text") else not 1 <= len(b.get("fields", ())) <= 10,
    "context": _bad_context,
    "actions": _bad_actions,
    "context_actions": _bad_thumbs,
    "divider": lambda _: False,
    "markdown": lambda b: not 1 <= len(b.get("text", "")) <= 12_000,
    "rich_text": _bad_rich,
    "table": _bad_table,
    "container": _bad_container,
    "plan": _bad_plan,
    "task_card": _bad_task,
    "input": lambda b: bad_text(b.get("label"), 2000, ("plain_text",)) or not b.get("element"),
    "image": lambda b: not b.get("alt_text") or len(b.get("image_url", "")) > 3000,
}
