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
    for line in body.split("\n"):
        yield f"{margin}  {line}"


def block(thing: Json) -> str:
    """Return one block as text."""
    kind = thing["type"]
    if kind == "header":
        return f"▌ {thing['text']['text']}"
    if kind == "context":
        return "\n".join("· " + e["text"] for e in thing["elements"])
    if kind == "actions":
        return " ".join(f"[ {e['text']['text']} ]" for e in thing["elements"])
    if kind in ("section", "markdown"):
        return thing["text"] if kind == "markdown" else html.unescape(thing["text"]["text"])
    return "\n".join(_rich(e) for e in thing.get("elements", ())) or "─────"


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
