"""Prompts: data files with `$places`, filled once; whatever others wrote stands inside a fence that it cannot forge."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from core.errors import Misconfigured
from core.ports import Message

SHIPPED = Path(__file__).with_name("prompts")
PLACES = frozenset(
    [
        *("name", "role", "persona", "mark", "question", "words", "brief"),
        *("own", "answers", "others", "remarks", "figures", "standing", "ballot"),
    ]
)
"""Every place that a prompt may use. What a phase has nothing for is left empty."""
CUT = "\n[…]\n"


class Prompts:
    """The templates by name, e.g. `propose`."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._templates = templates

        self._uses = {name: frozenset(template.get_identifiers()) for name, template in templates.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._templates

    def uses(self, name: str) -> frozenset[str]:
        """Return the places of a prompt, so that nobody fills what it does not show."""
        return self._uses[name]

    def render(self, name: str, places: Mapping[str, str]) -> tuple[Message, Message]:
        """Return the system and the user message of one call.

        Values are put in as they are and never read as templates again. The system message comes first and depends
        on the reader alone, so that a local model can keep what it has read of it.
        """
        full = {**_EMPTY, **places}
        return (
            Message(role="system", content=self._templates["system"].substitute(full).strip()),
            Message(role="user", content=self._without_gaps(name, full).substitute(full).strip()),
        )

    def _without_gaps(self, name: str, places: Mapping[str, str]) -> Template:
        """Return the template without the paragraphs that would be empty. What others wrote stays as it is."""
        template = self._templates[name]
        gaps = [place for place in self._uses[name] if not places[place] and f"\n\n${place}\n\n" in template.template]
        for place in gaps:
            template = Template(template.template.replace(f"\n\n${place}\n\n", "\n\n"))
        return template


_EMPTY = dict.fromkeys(PLACES, "")


def load_prompts(folder: Path | None = None) -> Prompts:
    """Read every `.md` file of `folder`, Dexter's own if none is given.

    Raises `Misconfigured` naming the file and the place in it that no prompt has.
    """
    templates = {path.stem: Template(path.read_text("utf-8")) for path in sorted((folder or SHIPPED).glob("*.md"))}
    for name, template in templates.items():
        if not template.is_valid() or (strange := set(template.get_identifiers()) - PLACES):
            detail = ", ".join(f"${place}" for place in sorted(strange)) if template.is_valid() else "a stray $"
            raise Misconfigured(
                "The prompt {name}.md uses {detail}; write $$ for a dollar, or one of {places}.",
                name=name,
                detail=detail,
                places=", ".join(sorted(PLACES)),
            )
    if "system" not in templates:
        raise Misconfigured("There is no system.md in {folder}; every prompt begins with it.", folder=folder or SHIPPED)
    return Prompts(templates)


def mark_for(run: str, reader: str, texts: Iterable[str]) -> str:
    """Return the mark of the fence around what `reader` reads: the same on every replay, and in none of `texts`.

    A text cannot close the fence, because a mark that stands in any text is passed over for the next.
    """
    together = "\0".join(texts)
    for turn in range(1000):
        mark = hashlib.sha256(f"{run}\0{reader}\0{turn}".encode()).hexdigest()[:8]
        if mark not in together:
            return mark
    return hashlib.sha256(together.encode(errors="replace")).hexdigest()


def fence(mark: str, title: str, text: str) -> str:
    """Return `text` between two lines that carry the mark."""
    return f"<<<{mark} {title}\n{text.strip()}\n{mark}>>>"


def clip(text: str, most: int) -> str:
    """Return at most `most` characters of a text: its beginning, and its end where the conclusion stands."""
    if len(text) <= most:
        return text
    head = max(0, most * 2 // 3 - len(CUT))
    tail = max(0, most - head - len(CUT))
    return f"{text[:head].rstrip()}{CUT}{text[len(text) - tail :].lstrip()}"
