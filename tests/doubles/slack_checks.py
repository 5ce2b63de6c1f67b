"""What Slack refuses, as its documentation says and as was seen of it: the limits behind the fake server's errors."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MOST_BLOCKS, MOST_TEXT, MOST_EDIT, MOST_IN_ALL = 50, 40_000, 4_000, 12_000
RICH = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
INLINE = {"text", "link", "emoji", "user", "usergroup", "broadcast", "channel", "date", "color"}
PING = re.compile(r"<(?:@[UW]\w+|!(?:here|channel|everyone|subteam)[^>]*)>|(?<![\w\u2060])@(?:here|channel|everyone)\b")
MASKED = re.compile(r"<(?!mailto)([^<>|!@#][^<>|]*)\|([^<>]*)>")


def refusal(body: Json, *, edit: bool = False) -> str:
    """Return Slack's error for a message, or an empty string where it would be taken."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > (MOST_EDIT if edit else MOST_TEXT):
        return "msg_too_long"
    if len(blocks) > MOST_BLOCKS or any(map(_bad_block, blocks)) or _repeats(blocks, "block_id"):
        return "invalid_blocks"
    if sum(_length(block) for block in blocks) > MOST_IN_ALL:
        return "msg_blocks_too_long"
    return _bad_metadata(body.get("metadata"))


def _bad_metadata(metadata: Any) -> str:
    if metadata is None:
        return ""
    good = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    return "" if good and isinstance(metadata.get("event_payload"), dict) else "metadata_must_be_sent_from_app"


def _repeats(things: list[Json], name: str) -> bool:
    seen = [thing[name] for thing in things if name in thing]
    return len(seen) != len(set(seen)) or any(len(value) > 255 for value in seen)


def _bad_block(block: Json) -> bool:
    checks = {
        "header": lambda b: _bad_text(b.get("text"), 150, {"plain_text"}),
        "section": lambda b: _bad_text(b.get("text"), 3000),
        "context": lambda b: not 1 <= len(b["elements"]) <= 10 or any(_bad_text(e, 2000) for e in b["elements"]),
        "actions": lambda b: (
            not 1 <= len(b["elements"]) <= 25
            or any(map(_bad_button, b["elements"]))
            or _repeats(b["elements"], "action_id")
        ),
        "divider": lambda _: False,
        "markdown": lambda b: not 1 <= len(b.get("text", "")) <= 12_000,
        "rich_text": lambda b: not b.get("elements") or any(map(_bad_rich, b["elements"])),
    }
    check = checks.get(block.get("type", ""))
    return check is None or check(block)


def _bad_text(text: Any, most: int, kinds: frozenset[str] | set[str] = frozenset({"plain_text", "mrkdwn"})) -> bool:
    return not isinstance(text, dict) or text.get("type") not in kinds or not 1 <= len(text.get("text", "")) <= most


def _bad_button(button: Json) -> bool:
    return (
        button.get("type") != "button"
        or _bad_text(button.get("text"), 75, {"plain_text"})
        or not 1 <= len(button.get("action_id", "")) <= 255
        or len(button.get("value", "")) > 2000
        or button.get("style", "primary") not in ("primary", "danger")
    )


def _bad_rich(element: Json) -> bool:
    if element.get("type") not in RICH or not element.get("elements"):
        return True
    if element["type"] == "rich_text_list":
        return element.get("style") not in ("bullet", "ordered") or any(map(_bad_rich, element["elements"]))
    return any(
        e.get("type") not in INLINE or (e["type"] == "text" and not e.get("text")) or len(e.get("text", "")) > 3000
        for e in element["elements"]
    )


def _length(thing: Any) -> int:
    if isinstance(thing, dict):
        own = sum(len(str(thing[name])) for name in ("text", "url") if isinstance(thing.get(name), str))
        return own + 10 + sum(_length(v) for v in thing.values() if isinstance(v, dict | list))
    return sum(map(_length, thing)) if isinstance(thing, list) else 0


def parsed_texts(message: Json) -> Iterator[str]:
    """Yield the texts of a message that Slack parses for mentions and links."""
    yield message.get("text") or ""
    for block in message.get("blocks") or []:
        for part in [block.get("text"), *block.get("elements", ())]:
            if isinstance(part, dict) and part.get("type") == "mrkdwn":
                yield part["text"]
        if block.get("type") == "markdown":
            yield block["text"]


def inline(thing: Any) -> Iterator[Json]:
    """Yield every element of rich text, however deep."""
    if isinstance(thing, dict):
        if thing.get("type") in INLINE and "elements" not in thing:
            yield thing
        for value in thing.values():
            yield from inline(value)
    elif isinstance(thing, list | tuple):
        for item in thing:
            yield from inline(item)


def pings(message: Json) -> list[str]:
    """Return whom a message would notify."""
    written = [match[0] for text in parsed_texts(message) for match in PING.finditer(text)]
    rich = [b for b in message.get("blocks") or [] if b.get("type") == "rich_text"]
    return written + [e["type"] for e in inline(rich) if e["type"] in ("user", "usergroup", "broadcast", "channel")]


def masked_links(message: Json) -> list[str]:
    """Return the addresses that a message hides behind other words."""
    written = [match[1] for text in parsed_texts(message) for match in MASKED.finditer(text) if match[1] != match[2]]
    rich = [b for b in message.get("blocks") or [] if b.get("type") == "rich_text"]
    links = [e for e in inline(rich) if e["type"] == "link"]
    return written + [e["url"] for e in links if e.get("text") not in (None, e["url"])]
