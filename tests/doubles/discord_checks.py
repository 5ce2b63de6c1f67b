"""What Discord refuses in a message: its documented limits, counted in the stricter way."""

from typing import Any

Json = dict[str, Any]


def units(text: str) -> int:
    """Return a length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def refusals(body: Json, files: int) -> list[str]:
    """Return why Discord would refuse a message, nothing where it would take it."""
    wrong = _embeds(body.get("embeds") or []) + _components(body.get("components") or [])
    content = body.get("content") or ""
    if units(content) > 2000:
        wrong.append(f"content: {units(content)} characters, 2000 at most")
    if len(str(body.get("nonce") or "")) > 25:
        wrong.append("nonce: longer than 25")
    if body.get("allowed_mentions") != {"parse": []}:
        wrong.append("allowed_mentions: not none (a rule of Dexter, not of Discord)")
    if not (content.strip() or body.get("embeds") or body.get("components") or files):
        wrong.append("50006 empty message")
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


def _components(rows: list[Json]) -> list[str]:
    wrong = [f"rows: {len(rows)}"] if len(rows) > 5 else []
    seen: set[str] = set()
    for row in rows:
        buttons = row.get("components", [])
        if not 1 <= len(buttons) <= 5:
            wrong.append(f"buttons in a row: {len(buttons)}")
        for button in buttons:
            name = button.get("custom_id", "")
            if not 1 <= units(name) <= 100 or name in seen:
                wrong.append(f"custom_id {name!r}: empty, too long or there already")
            if not 1 <= units(button.get("label", "")) <= 80:
                wrong.append(f"label {button.get('label')!r}")
            seen.add(name)
    return wrong
