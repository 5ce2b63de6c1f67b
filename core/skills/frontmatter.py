"""The front matter of SKILL.md: a small part of YAML, read without anything that YAML can be made to do harm with.

Read from the events of the parser, one by one: no tags, no anchors, no aliases, no nesting but that of the format, and
every value a text. What the format's reference validator refuses (flow style, a second `---`) is refused too.
"""

import json
import re
from collections.abc import Iterator, Mapping

import yaml

from core.errors import BadRequest

MOST_BYTES = 65_536
MARK = "---"
Value = str | tuple[str, ...] | dict[str, str]
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_()/+.,;'-]*( [A-Za-z0-9_()/+.,;'-]+)*", re.ASCII)
_WORDS_OF_YAML = re.compile(r"(?i:true|false|yes|no|on|off|null|y|n)")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BLOCK = re.compile(r"[!-~][ -~]*(\n *[!-~][ -~]*)*")
"""Lines that can stand as they are under `|-`."""


def split(content: bytes) -> tuple[str, str]:
    """Return the front matter and the body of a SKILL.md. Raises `BadRequest`."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("SKILL.md: byte {at} is not UTF-8: save the file as UTF-8.", at=error.start) from None
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip("\r\n") != MARK:
        raise BadRequest("SKILL.md: the first line is not `---`: begin with the front matter, without a byte mark.")
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip("\r\n") == MARK), None)
    if end is None:
        raise BadRequest("SKILL.md: the front matter has no end: put a line `---` behind it.")
    front = "".join(lines[1:end])
    if len(front.encode()) > MOST_BYTES:
        raise BadRequest("SKILL.md: the front matter is longer than {most:,} bytes: move text below it.",
                         most=MOST_BYTES)  # fmt: skip
    if MARK in front:
        raise BadRequest("SKILL.md: there is a `---` inside the front matter, where many readers end it: remove it.")
    return front.replace("\r\n", "\n"), "".join(lines[end + 1 :])


def read(front: str) -> dict[str, Value]:
    """Return the fields in their order. Raises `BadRequest`."""
    events = _safe(front)
    try:
        _begin(events)
        fields = _mapping(events)
        for _ in events:
            pass  # the end, or what is not YAML; a second document would need another `---`
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BadRequest(
            "SKILL.md, line {line}: that is not YAML: check colons, quotes and indentation there.",
            line=mark.line + 2 if mark else 2,
        ) from None
    return fields


def _safe(front: str) -> Iterator[yaml.Event]:
    """Yield events, and raise at the first that no front matter needs."""
    for event in yaml.parse(front, Loader=yaml.SafeLoader):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadRequest("SKILL.md, line {line}: `&` and `*` refer to other values: write them out.", line=line)
        if getattr(event, "tag", None):
            raise BadRequest("SKILL.md, line {line}: tags (`!`) are not allowed: put the value in quotes.", line=line)
        if getattr(event, "flow_style", None):
            raise BadRequest("SKILL.md, line {line}: write it on lines of its own, without brackets.", line=line)
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 2 if event.start_mark else 2


def _begin(events: Iterator[yaml.Event]) -> None:
    next(events)
    start = next(events)
    if isinstance(start, yaml.DocumentStartEvent) and not start.explicit:
        start = next(events)
    if not isinstance(start, yaml.MappingStartEvent):
        raise BadRequest("SKILL.md: the front matter is no list of fields: write `name: …` and `description: …`.")


def _mapping(events: Iterator[yaml.Event], nested: bool = False) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    while isinstance(event := next(events), yaml.ScalarEvent):
        if event.value in fields:
            raise BadRequest("SKILL.md: the field `{name}` is there twice: keep one.", name=event.value[:40])
        fields[event.value] = _value(event.value, events, nested)
    if not isinstance(event, yaml.MappingEndEvent):
        raise BadRequest("SKILL.md, line {line}: the name of a field must be text.", line=_line(event))
    return fields


def _value(name: str, events: Iterator[yaml.Event], nested: bool) -> Value:
    event = next(events)
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    if isinstance(event, yaml.MappingStartEvent) and not nested:
        return {key: value for key, value in _mapping(events, nested=True).items() if isinstance(value, str)}
    if isinstance(event, yaml.SequenceStartEvent) and not nested:
        items = []
        while isinstance(item := next(events), yaml.ScalarEvent):
            items.append(str(item.value))
        if isinstance(item, yaml.SequenceEndEvent):
            return tuple(items)
    raise BadRequest("SKILL.md: the field `{name}` is nested too deep: give it a text.", name=name[:40])


def written(fields: Mapping[str, Value]) -> str:
    """Return fields as front matter that `read` gives back as they were, marks included."""
    return f"{MARK}\n{''.join(_field(name, value) for name, value in fields.items())}{MARK}\n"


def _field(name: str, value: Value) -> str:
    match value:
        case str():
            return f"{_quoted(name)}: {_scalar(value, '  ')}\n"
        case dict():
            lines = [f"  {_quoted(key)}: {_scalar(text, '    ')}\n" for key, text in value.items()]
        case _:
            lines = [f"  - {_quoted(item)}\n" for item in value]
    return f"{_quoted(name)}:\n{''.join(lines)}"


def _scalar(value: str, indent: str) -> str:
    """Return a value under `|-` where that reads better and means the same, else as it is or in quotes."""
    if '"' in value and MARK not in value and _BLOCK.fullmatch(value):
        return "|-\n" + "\n".join(indent + line for line in value.split("\n"))
    return _quoted(value)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and MARK not in value and not _WORDS_OF_YAML.fullmatch(value):
        return value
    text = json.dumps(value, ensure_ascii=False).replace(MARK, r"\x2d--")
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
