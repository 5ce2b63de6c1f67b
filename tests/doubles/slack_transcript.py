"""A channel as readable text, as a person would see it."""

import html
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


def transcript(title: str, messages: list[Json], name: Callable[[str], str]) -> str:
    """Return a channel with its threads indented; `name` turns a user's id into what is shown."""
    roots = [m for m in messages if m.get("thread_ts") in (None, m["ts"])]
    lines = [title]
    for root in roots:
        lines += ["", *_message(root, name, "")]
        for reply in messages:
            if reply.get("thread_ts") == root["ts"] != reply["ts"]:
                lines += ["  │", *_message(reply, name, "  │ ")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _message(message: Json, name: Callable[[str], str], margin: str) -> Iterator[str]:
    marks = ("  (edited)" if message.get("edited") else "") + ("  (only for you)" if message.get("only") else "")
    yield f"{margin}{name(message['user'])}{marks}"
    blocks = message.get("blocks") or []
    body = "\n".join(map(block, blocks)) if blocks else html.unescape(message["text"])
    body += "".join(f"\n{text}" for text in (message.get("streamed"), *map(_file, message.get("files", ()))) if text)
    for line in body.split("\n"):
        yield f"{margin}  {line}"


def block(thing: Json) -> str:
    """Return one block as text."""
    draw = DRAWN.get(thing["type"])
    return draw(thing) if draw else "\n".join(_rich(e) for e in thing.get("elements", ())) or "─────"


def _table(thing: Json) -> str:
    rows = [[cell.get("text") or "\n".join(map(_rich, cell["elements"])) for cell in row] for row in thing["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"┃ {line}".rstrip() for line in lines)


def _container(thing: Json) -> str:
    inner = "\n".join(map(block, thing["child_blocks"]))
    sign = "▸" if thing.get("default_collapsed") else "▾"
    return f"{sign} {thing['title']['text']}\n" + "\n".join(f"    {line}" for line in inner.split("\n"))


def _plan(thing: Json) -> str:
    return "\n".join([f"▤ {thing['title']}", *map(_task, thing["tasks"])])


def _task(task: Json) -> str:
    sign = {"pending": "○", "in_progress": "◐", "complete": "●", "error": "✕"}[task["status"]]
    said = [_rich(e) for name in ("details", "output") if name in task for e in task[name]["elements"]]
    return "  ".join([f"  {sign} {task['title']}", *said])


def _thumbs(thing: Json) -> str:
    (element,) = thing["elements"]
    sides = (element["positive_button"], element["negative_button"])
    return " ".join(f"( {sign} {side['text']['text']} )" for sign, side in zip("👍👎", sides, strict=True))


def _file(file: Json) -> str:
    return f"📄 {file['name']}, {file['size']:,} bytes"


DRAWN: dict[str, Callable[[Json], str]] = {
    "header": lambda b: f"▌ {b['text']['text']}",
    "context": lambda b: "\n".join("· " + e["text"] for e in b["elements"]),
    "actions": lambda b: " ".join(f"[ {e['text']['text']} ]" for e in b["elements"] if "text" in e),
    "markdown": lambda b: str(b["text"]),
    "section": lambda b: html.unescape(b["text"]["text"]),
    "table": _table,
    "container": _container,
    "plan": _plan,
    "context_actions": _thumbs,
    "divider": lambda _: "─────",
}


def _rich(element: Json) -> str:
    kind, inner = element["type"], element["elements"]
    if kind == "rich_text_list":
        start = element.get("offset", 0) + 1
        signs = [f"{start + n}." if element["style"] == "ordered" else "•" for n in range(len(inner))]
        pad = "    " * element.get("indent", 0)
        return "\n".join(f"{pad}{sign} {_rich(item)}" for sign, item in zip(signs, inner, strict=True))
    text = "".join(map(_inline, inner))
    if kind == "rich_text_preformatted":
        return "\n".join("│ " + line for line in text.split("\n"))
    return "\n".join("> " + line for line in text.split("\n")) if kind == "rich_text_quote" else text


def _inline(element: Json) -> str:
    if element["type"] != "text":
        return str(element.get("text") or element.get("url") or f"<{element['type']}>")
    style, text = element.get("style", {}), element["text"]
    for mark, sign in (("code", "`"), ("italic", "_"), ("bold", "*"), ("strike", "~")):
        text = f"{sign}{text}{sign}" if style.get(mark) else text
    return str(text)
