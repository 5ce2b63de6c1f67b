"""What Slack refuses, as its documentation says and as was seen of it: the limits behind the fake server's errors."""

import json
import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt

from tests.doubles.slack_blocks import IN_A_VIEW, INLINE, bad_blocks, bad_text

Json = dict[str, Any]

MOST_BLOCKS, MOST_TEXT, MOST_EDIT, MOST_IN_ALL = 50, 40_000, 4_000, 12_000
PING = re.compile(
    r"<(?:@[UW]\w+|!(?:here|channel|everyone|subteam)[^>]*|#C\w+[^>]*)>|(?<![\w\u2060])@(?:here|channel|everyone)\b"
)
MASKED = re.compile(r"<(?!mailto:)([a-z][a-z0-9+.-]*:[^<>|]*)\|([^<>]*)>", re.IGNORECASE)
CARELESS = re.compile(r"\[([^\[\]]*)\]\(\s*<?([^\s()<>]*)|\[([^\[\]]+)\]:\s*<?(\w+:[^\s<>]+)")
"""A link as a parser would find it that knows neither code nor back-slashes."""
INVITE = re.compile(
    r"join\.slack\.com/|slack\.com/\S*shared_invite|discord\.gg/|discord(?:app)?\.com/invite", re.IGNORECASE
)


def refusal(body: Json, *, edit: bool = False) -> str:
    """Return Slack's error for a message, or an empty string where it would be taken."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > (MOST_EDIT if edit else MOST_TEXT):
        return "msg_too_long"
    if bad_blocks(blocks, MOST_BLOCKS):
        return "invalid_blocks"
    if sum(_length(block) for block in blocks) > MOST_IN_ALL:
        return "msg_blocks_too_long"
    return _bad_metadata(body.get("metadata"))


def view_refusal(view: Any) -> str:
    """Return Slack's error for a modal or a home tab, or an empty string where it would be taken."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return "invalid_arguments"
    if len(json.dumps(view)) > 250_000:
        return "view_too_large"
    titles = [view.get(name) for name in ("title", "submit", "close")] if view["type"] == "modal" else []
    if any(bad_text(text, 24, ("plain_text",)) for text in titles if text) or (titles and not titles[0]):
        return "invalid_arguments"
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        return "invalid_arguments"
    return "invalid_arguments" if not view.get("blocks") or bad_blocks(view["blocks"], 100, IN_A_VIEW) else ""


def _bad_metadata(metadata: Any) -> str:
    if metadata is None:
        return ""
    good = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    return "" if good and isinstance(metadata.get("event_payload"), dict) else "metadata_must_be_sent_from_app"


def _length(thing: Any) -> int:
    if isinstance(thing, dict):
        own = sum(len(str(thing[name])) for name in ("text", "url") if isinstance(thing.get(name), str))
        return own + 10 + sum(_length(v) for v in thing.values() if isinstance(v, dict | list))
    return sum(map(_length, thing)) if isinstance(thing, list) else 0


def parsed_texts(message: Json) -> Iterator[str]:
    """Yield the texts of a message that Slack parses for mentions and links."""
    yield message.get("text") or ""
    for block in message.get("blocks") or []:
        for part in [block.get("text"), *block.get("elements", ()), *map(_text, block.get("child_blocks", ()))]:
            if isinstance(part, dict) and part.get("type") == "mrkdwn":
                yield part["text"]
    yield from written(message)


def _text(block: Json) -> Any:
    return block.get("text")


def written(message: Json) -> Iterator[str]:
    """Yield the texts of a message that Slack reads as Markdown."""
    for block in message.get("blocks") or []:
        if block.get("type") == "markdown":
            yield block["text"]
    if streamed := message.get("streamed"):
        yield streamed


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
    found = [match[0] for text in parsed_texts(message) for match in PING.finditer(text)]
    people = ("user", "usergroup", "broadcast", "channel")
    return found + [e["type"] for e in inline(message.get("blocks")) if e["type"] in people]


def masked_links(message: Json) -> list[str]:
    """Return the addresses that a message hides behind other words."""
    found = [match[1] for text in parsed_texts(message) for match in MASKED.finditer(text) if match[1] != match[2]]
    for text in written(message):
        bare = text.replace("\\", "")
        careless = ((match[1] or match[3], match[2] or match[4]) for match in CARELESS.finditer(_without_code(bare)))
        found += [url for label, url in (*careless, *_links(text)) if url and label.strip() != url]
    links = [e for e in inline(message.get("blocks")) if e["type"] == "link"]
    return found + [e["url"] for e in links if e.get("text") not in (None, e["url"])]


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Yield the label and the address of each link and picture of a text in Markdown, as CommonMark reads it.

    An address in angle brackets is its own label.
    """
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        label, url = "", ""
        for child in token.children or ():
            if child.type == "link_open" and child.markup != "autolink":
                label, url = "", str(child.attrs["href"])
            elif child.type == "link_close" and url:
                yield label, url
                url = ""
            elif child.type == "image":
                yield child.content, str(child.attrs["src"])
            label += child.content


def invites(message: Json) -> list[str]:
    """Return the invitations of a message that a person could follow with a click."""
    texts = [*parsed_texts(message), *(e["url"] for e in inline(message.get("blocks")) if e["type"] == "link")]
    return [match[0] for text in texts for match in INVITE.finditer(text)]
