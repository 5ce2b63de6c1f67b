"""What a skill gave, as parts of a post: text as text, objects as tables, files as files. All of it is hostile."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.shapes import Attached, Fold, Foot, Part, Prose, Table
from bot.words import Words
from core.sandbox import Outcome
from core.skills.results import Produced

ROWS, COLUMNS = 20, 6
"""Of a table in a thread; what is larger goes along as a file."""
CELL = 120
TEXT = 3000
"""Characters of a value in a thread."""
MOST_FILES, LARGEST = 8, 8_000_000
"""Files of one post, and bytes of one: what every chat takes."""
NAME = 80
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)


def given(produced: Produced, words: Words) -> list[Part]:
    """Return what a run of a skill gave, what it printed, and what it took."""
    parts: list[Part] = []
    if produced.problem:
        parts.append(Prose(words.say(produced.problem)))
    elif produced.value is not None or not produced.files:
        parts += valued(produced.value, words)
    parts += attached(produced, words)
    if output := produced.output.strip("\n"):
        parts.append(Fold(words("What it printed"), fenced(output)))
    return [*parts, Foot(cost(produced, words))]


def valued(value: Any, words: Words) -> list[Part]:
    """Return a value: text as it is, a list of objects as a table, an object as two columns, the rest as JSON."""
    if value is None:
        return [Prose(words("It gave nothing."))]
    if isinstance(value, str):
        return _text(value, "result.md", "text/markdown", words)
    if isinstance(value, bool | int | float):
        return [Prose(f"**{_scalar(value)}**")]
    if table := _table(value, words):
        return table
    written = json.dumps(value, indent=2, ensure_ascii=False)
    if len(written) <= TEXT:
        return [Prose(fenced(written, "json"))]
    return [_whole(written, words), Attached("result.json", "application/json", written.encode())]


def _text(text: str, name: str, media: str, words: Words) -> list[Part]:
    if len(text) <= TEXT:
        return [Prose(text if text.strip() else words("It gave an empty text."))]
    cut = text[:TEXT].rstrip() + " …"
    open_fence = "\n```" if cut.count("```") % 2 else ""
    return [Prose(cut + open_fence), _whole(text, words), Attached(name, media, _bytes(text))]


def _whole(text: str, words: Words) -> Foot:
    return Foot(words("All of it, {count:,} characters, is in the file.", count=len(text)))


def _table(value: Any, words: Words) -> list[Part]:
    """Return a table where the value is one: a list of flat objects, or a flat object."""
    if isinstance(value, dict) and value and all(map(_flat, value.values())):
        rows = tuple((_cell(name), _cell(item)) for name, item in list(value.items())[:ROWS])
        return [Table((words("name"), words("value")), rows), *_rest(value, len(value), words)]
    objects = isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    if not objects or not all(_flat(item) for row in value for item in row.values()):
        return []
    columns = list(dict.fromkeys(name for row in value for name in row))
    if not columns or len(columns) > COLUMNS:
        return []
    lines = tuple(tuple(_cell(row.get(name, "")) for name in columns) for row in value[:ROWS])
    return [Table(tuple(_cell(name) or "–" for name in columns), lines), *_rest(value, len(value), words)]


def _rest(value: Mapping[str, Any] | Sequence[Any], count: int, words: Words) -> list[Part]:
    if count <= ROWS:
        return []
    written = json.dumps(value, indent=2, ensure_ascii=False)
    said = Foot(words("{shown} of {count:,} rows; all of them are in the file.", shown=ROWS, count=count))
    return [said, Attached("result.json", "application/json", _bytes(written))]


def _flat(item: Any) -> bool:
    return not isinstance(item, dict | list)


def _cell(item: Any) -> str:
    line = " ".join((item if isinstance(item, str) else _scalar(item)).split())
    return line if len(line) <= CELL else line[: CELL - 1] + "…"


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def attached(produced: Produced, words: Words) -> list[Part]:
    """Return the files that a skill gave, by names that no chat and no disk stumbles over; say what is left out."""
    parts: list[Part] = []
    left: list[str] = []
    taken: set[str] = set()
    for each in produced.files:
        content = _decoded(each.data)
        name = _named(each.name, taken)
        if content is None or len(content) > LARGEST or len(taken) >= MOST_FILES:
            left.append(name)
            continue
        taken.add(name)
        parts.append(Attached(name, each.media, content))
    if left:
        parts.append(Foot(words("Too large or too many to be shown here: {names}.", names=", ".join(left[:10]))))
    return parts


def _decoded(data: str) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        return None


def _named(given: str, taken: set[str]) -> str:
    """Return a file's own name, without folders and odd characters, unlike those that are taken."""
    last = given.replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", last).strip(". ")[-NAME:] or "file"
    number = 2
    stem, dot, ending = name.rpartition(".")
    while name in taken:
        name = f"{stem or ending}-{number}{dot}{ending if stem else ''}"
        number += 1
    return name


def cost(produced: Produced, words: Words) -> str:
    """Return what a run took: `0.4 s, 31.0 MB, isolation: limited`."""
    parts = [words(produced.outcome.value)] if produced.outcome not in (None, Outcome.EXITED) else []
    parts.append(words("{seconds:.1f} s", seconds=produced.seconds))
    if produced.memory is not None:
        parts.append(words.size(produced.memory))
    if produced.tier:
        parts.append(words("isolation: {tier}", tier=words(produced.tier.value)))
    return ", ".join(parts)


def fenced(text: str, language: str = "") -> str:
    """Return text between fences that it cannot close itself."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
