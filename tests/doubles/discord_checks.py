"""What Discord refuses in a message: its documented limits, counted in the stricter way."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
FRAMED = 1 << 15
"""The flag IS_COMPONENTS_V2: the message is made of layout components alone, and stays so."""
ROW, BUTTON, SELECT, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 3, 9, 10, 12, 13, 14, 17
LAYOUT = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR}
"""What a container takes; a message takes containers as well."""


def units(text: str) -> int:
    """Return a length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def refusals(body: Json, files: int) -> list[str]:
    """Return why Discord would refuse a message, nothing where it would take it."""
    components = body.get("components") or []
    content = body.get("content") or ""
    if (body.get("flags") or 0) & FRAMED:
        wrong = _framed(components, files)
        wrong += [f"{name}: not in a message of components" for name in ("content", "embeds") if body.get(name)]
    else:
        wrong = _embeds(body.get("embeds") or []) + _rows(components)
    wrong += _interactive(components)
    if units(content) > 2000:
        wrong.append(f"content: {units(content)} characters, 2000 at most")
    if len(str(body.get("nonce") or "")) > 25:
        wrong.append("nonce: longer than 25")
    allowed = dict(body.get("allowed_mentions") or {"parse": None})
    called = [f"<@{person}>" for person in allowed.pop("users", [])]
    if allowed != {"parse": []} or len(called) > 1 or any(name not in str(body) for name in called):
        wrong.append("allowed_mentions: more than the one who is asked (a rule of Dexter, not of Discord)")
    if not (content.strip() or body.get("embeds") or components or files):
        wrong.append("50006 empty message")
    return wrong


def walk(components: list[Json]) -> Iterator[Json]:
    """Return components with those inside them, as Discord counts them."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component["accessory"]] if component.get("accessory") else [])


def texts(message: Json) -> list[str]:
    """Return what is to be read in a message, from top to bottom."""
    embeds = [
        text
        for embed in message.get("embeds") or []
        for text in (embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text"))
    ]
    shown = [row.get("content") for row in walk(message.get("components") or []) if row["type"] == TEXT]
    return [text for text in (message.get("content"), *embeds, *shown) if text]


def _framed(components: list[Json], files: int) -> list[str]:
    every = list(walk(components))
    wrong = [f"components: {len(every)}, 40 at most"] if len(every) > 40 else []
    written = [row["content"] for row in every if row["type"] == TEXT]
    if (total := sum(map(units, written))) > 4000:
        wrong.append(f"texts together: {total}, 4000 at most")
    wrong += [f"text: {len(text)} characters" for text in written if not text.strip()]
    wrong += [f"type {row['type']} at the top" for row in components if row["type"] not in LAYOUT | {CONTAINER}]
    for row in every:
        inside = row.get("components") or []
        if row["type"] == CONTAINER and (not inside or any(each["type"] not in LAYOUT for each in inside)):
            wrong.append("container: empty, or with what it does not take")
        if row["type"] == SECTION and (
            not 1 <= len(inside) <= 3
            or any(each["type"] != TEXT for each in inside)
            or row.get("accessory", {}).get("type") != BUTTON
        ):
            wrong.append("section: one to three texts and one button")
        if row["type"] == FILE and not (row["file"]["url"].startswith("attachment://") and files):
            wrong.append("file: not attached")
    return wrong


def _embeds(embeds: list[Json]) -> list[str]:
    wrong = [f"embeds: {len(embeds)}"] if len(embeds) > 10 else []
    total = 0
    for embed in embeds:
        sizes = {
            "title": (units(embed.get("title") or ""), 256),
            "description": (units(embed.get("description") or ""), 4096),
            "footer": (units((embed.get("footer") or {}).get("text") or ""), 2048),
        }
        wrong += [f"embed {name}: {size} of {most}" for name, (size, most) in sizes.items() if size > most]
        total += sum(size for size, _ in sizes.values())
        if not (embed.get("title") or embed.get("description")):
            wrong.append("embed: empty")
    return [*wrong, f"embeds together: {total} of 6000"] if total > 6000 else wrong


def _rows(rows: list[Json]) -> list[str]:
    """Return what is wrong with the components of a message without a frame: rows of buttons alone."""
    wrong = [f"rows: {len(rows)}"] if len(rows) > 5 else []
    return wrong + [f"type {row['type']} without the flag" for row in rows if row["type"] != ROW]


def _interactive(components: list[Json]) -> list[str]:
    wrong: list[str] = []
    seen: set[str] = set()
    for row in walk(components):
        inside = row.get("components") or []
        if row["type"] == ROW and not 1 <= len(inside) <= 5:
            wrong.append(f"buttons in a row: {len(inside)}")
        if row["type"] not in (BUTTON, SELECT) or row.get("url"):
            continue
        name = row.get("custom_id", "")
        if not 1 <= units(name) <= 100 or name in seen:
            wrong.append(f"custom_id {name!r}: empty, too long or there already")
        if row["type"] == BUTTON and not 1 <= units(row.get("label", "")) <= 80:
            wrong.append(f"label {row.get('label')!r}")
        seen.add(name)
    return wrong
