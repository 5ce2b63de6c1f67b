"""Reading a plan as a numbered list, the way small models write it: titles, with `done when:` and the like below."""

import re
from collections.abc import Mapping

from core.entities import Noun

LONGEST = 40_000
"""Characters of an answer that are searched for a plan."""


class Item(Noun):
    """One objective as it was written, not checked yet."""

    number: str = ""
    """What it calls itself; others refer to it by that, or by its title."""
    title: str
    done_when: str = ""
    needs: tuple[str, ...] = ()
    by: str = ""
    takes: str = ""
    brief: str = ""


_ITEM = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+)?[*_]{0,2}(?:(?:objective|step|task|part|ziel|schritt|teil)[ \t]+)?"
    r"(?P<number>\d{1,3})[*_]{0,2}(?:[.):]|[ \t]-)[*_]{0,2}[ \t]+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[ \t]{0,1}[-*•][ \t]+(?P<rest>\S.*)$")
_NAMES: Mapping[str, str] = {
    "done when": "done_when", "done_when": "done_when", "done if": "done_when", "done": "done_when",
    "success": "done_when", "fertig, wenn": "done_when", "fertig wenn": "done_when", "erledigt, wenn": "done_when",
    "erledigt wenn": "done_when", "needs": "needs", "depends on": "needs", "requires": "needs", "after": "needs",
    "dependencies": "needs", "braucht": "needs", "by": "by", "who": "by", "means": "by", "von": "by", "durch": "by",
    "takes": "takes", "estimate": "takes", "time": "takes", "dauert": "takes", "dauer": "takes", "brief": "brief",
    "title": "title", "how": "brief", "titel": "title",
}  # fmt: skip
_BOLD = re.compile(r"\*\*(?P<title>[^*]{3,200})\*\*[ \t]*[:.–-]?(?P<rest>.*)$", re.DOTALL)
_BY = re.compile(r"\bby:?[ \t]+(?:the[ \t]+|a[ \t]+)?(?P<who>committee|person|skill)\b[,.;]?", re.IGNORECASE)
_END = re.compile(r"[:.;][ \t]|[ \t][–-][ \t]")
_LONG = 80
"""Characters of a line that is a title and more."""
_FIELD = re.compile(
    r"(?:^|(?<=[\s(|;,.\-*•]))[*_]{0,2}(?P<name>"
    + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
    + r")[*_]{0,2}[ \t]*:[*_]{0,2}",
    re.IGNORECASE | re.MULTILINE,
)


def items_in(text: str) -> tuple[Item, ...]:
    """Return the objectives of a list in an answer, whatever stands around it; nothing where there is no list."""
    lines = [line for line in text[:LONGEST].splitlines() if not line.lstrip().startswith("```")]
    numbered = _gathered(lines, _ITEM)
    return numbered or _gathered(lines, _BULLET)


def _gathered(lines: list[str], start: re.Pattern[str]) -> tuple[Item, ...]:
    """Return items: each from the line that begins it up to the next; an empty line after which prose follows ends."""
    found: list[tuple[str, list[str]]] = []
    empty = False
    for line in lines:
        begins = start.match(line)
        if begins and not _FIELD.match(begins["rest"]):
            found.append((begins.groupdict().get("number") or "", [begins["rest"]]))
        elif found and line.strip() and (not empty or line[:1].isspace() or _FIELD.search(line)):
            found[-1][1].append(line)
        empty = not line.strip()
    return tuple(_item(number, "\n".join(body)) for number, body in found)


def _item(number: str, body: str) -> Item:
    """Return one item: its title is what stands before the first field, up to the end of the line."""
    marks = [mark for mark in _FIELD.finditer(body) if mark.start() > 0 or mark["name"].casefold().startswith("tit")]
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    head, _, more = body[: marks[0].start() if marks else len(body)].partition("\n")
    title, rest = _titled(head)
    fields: dict[str, list[str]] = {"title": [title], "brief": [rest, more]}
    if not any(_NAMES[mark["name"].casefold()] == "by" for mark in marks) and (by := _BY.search(head)):
        fields["by"] = [by["who"]]
    for mark, end in zip(marks, ends, strict=True) if marks else ():
        fields.setdefault(_NAMES[mark["name"].casefold()], []).append(body[mark.end() : end])
    needs = tuple(filter(None, map(tidy, fields.pop("needs", []))))
    return Item(number=number, needs=needs, **{name: tidy(" ".join(given)) for name, given in fields.items()})


def _titled(head: str) -> tuple[str, str]:
    """Return the title in the line that begins an item, and what the line goes on with: bold, or a first sentence."""
    if bold := _BOLD.match(head.strip()):
        return bold["title"], _BY.sub("", bold["rest"])
    plain = _BY.sub("", head)
    if len(plain) <= _LONG or not (end := _END.search(plain, 8)):
        return plain, ""
    return plain[: end.start()], plain[end.end() :]


def tidy(text: str) -> str:
    """Return a field on one line, without the marks around it."""
    return re.sub(r"\s+", " ", text).strip(' \t*_|;,-–—•(`"').removesuffix(":").rstrip(" *_").strip()
