"""A message of layout components as a person reads it: for golden files, and to see what a change does."""

from collections.abc import Iterator
from typing import Any

from tests.doubles.discord_checks import BUTTON, CONTAINER, FILE, GALLERY, ROW, SECTION, SELECT, SEPARATOR, TEXT

Json = dict[str, Any]
COLOURS = {0x5B6EE1: "blue", 0x3BA55D: "green", 0xE8A33D: "amber", 0xD93B3B: "red", 0x80848E: "grey"}
STYLES = {1: "primary", 2: "", 3: "success", 4: "danger"}


def shown(message: Json) -> str:
    """Return a message as text: the frame drawn at its left, buttons in brackets."""
    lines = [line for component in message.get("components") or [] for line in _component(component)]
    return "\n".join([*filter(None, [message.get("content")]), *lines]) + "\n"


def _component(component: Json) -> Iterator[str]:
    inside: list[Json] = component.get("components") or []
    match component["type"]:
        case kind if kind == CONTAINER:
            yield f"┌ {COLOURS.get(component.get('accent_color') or 0, 'no colour')}"
            for each in inside:
                yield from (f"│ {line}".rstrip() for line in _component(each))
            yield "└"
        case kind if kind == TEXT:
            yield from component["content"].split("\n")
        case kind if kind == SEPARATOR:
            yield "─" * 40
        case kind if kind == SECTION:
            *above, last = [line for each in inside for line in _component(each)]
            yield from above
            yield f"{last}  {_button(component['accessory'])}"
        case kind if kind == ROW:
            yield "  ".join(map(_button, inside))
        case kind if kind in (FILE, GALLERY):
            urls = [item["media"]["url"] for item in component.get("items") or [{"media": component.get("file")}]]
            yield " ".join(f"📄 {url.removeprefix('attachment://')}" for url in urls)
        case kind:
            yield f"({kind})"


def _button(button: Json) -> str:
    if button["type"] == SELECT:
        return f"[{button.get('placeholder', '')} ▾]"
    assert button["type"] == BUTTON
    marks = filter(None, (STYLES[button["style"]], "off" if button.get("disabled") else ""))
    icon = (button.get("emoji") or {}).get("name", "")
    said = f"[{icon} {button['label']}]".replace("[ ", "[") + "".join(f" ({mark})" for mark in marks)
    return f"{said} → {button['custom_id'].removeprefix('dexter:')}"
