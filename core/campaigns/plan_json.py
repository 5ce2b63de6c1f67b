"""Reading a plan as JSON, whole or cut off, with the names for things that models make up."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.campaigns.plan_text import LONGEST, Item, tidy

_LISTS = ("objectives", "plan", "steps", "tasks", "parts", "goals", "ziele", "schritte")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "number": ("id", "number", "nr", "step", "no"),
    "title": ("title", "name", "objective", "task", "step", "goal", "titel", "part"),
    "done_when": ("done_when", "done when", "donewhen", "done", "success", "criteria", "acceptance", "done_if"),
    "needs": ("needs", "depends_on", "depends on", "dependencies", "requires", "after", "dependson"),
    "by": ("by", "means", "who", "kind", "type"),
    "takes": ("takes", "estimate", "time", "duration"),
    "brief": ("brief", "description", "how", "details"),
}
_DEEPEST = 3


def items_in_json(text: str) -> tuple[Item, ...]:
    """Return the objectives of JSON anywhere in an answer; of a list that is cut off, those that are whole."""
    text = text[:LONGEST]
    best: tuple[Item, ...] = ()
    for found in _values(text):
        items = tuple(filter(None, map(_item, _list(found, _DEEPEST))))
        best = items if len(items) > len(best) else best
    return best or tuple(filter(None, (_item(each) for each in _objects(text))))


def _values(text: str) -> Iterator[Any]:
    """Yield JSON lists and objects that begin a line, or the text."""
    decoder, at = json.JSONDecoder(), 0
    while (at := min((p for p in (text.find("[", at), text.find("{", at)) if p >= 0), default=-1)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            return


def _objects(text: str) -> Iterator[Any]:
    """Yield the whole objects of JSON that ends before its end."""
    decoder, at, tries = json.JSONDecoder(), 0, 0
    while (at := text.find("{", at)) >= 0 and tries < 200:
        tries += 1
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            at += 1


def _list(found: Any, deep: int) -> list[Any]:
    """Return the list of objectives in what was found."""
    if isinstance(found, list):
        return found
    if not isinstance(found, dict) or deep == 0:
        return []
    lower = {str(key).casefold(): value for key, value in found.items()}
    inner = next((lower[key] for key in _LISTS if isinstance(lower.get(key), list | dict)), None)
    return [found] if inner is None else _list(inner, deep - 1)


def _item(found: Any) -> Item | None:
    """Return one objective; `None` for what is none."""
    if isinstance(found, str):
        return Item(title=tidy(found)) if tidy(found) else None
    if not isinstance(found, dict):
        return None
    lower = {str(key).casefold(): value for key, value in found.items()}
    fields = {name: next((lower[key] for key in keys if lower.get(key)), "") for name, keys in _KEYS.items()}
    title = tidy(str(fields["title"])) if isinstance(fields["title"], str) else ""
    needs = fields["needs"] if isinstance(fields["needs"], list) else [fields["needs"]]
    if not title:
        return None
    texts = {name: tidy(_text(value)) for name, value in fields.items() if name not in ("title", "needs")}
    return Item(title=title, needs=tuple(str(need) for need in needs if need not in ("", None)), **texts)


def _text(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
