"""What members are asked in a campaign: data files with `$places`; what others wrote is quoted, line by line."""

from functools import lru_cache
from pathlib import Path
from string import Template

SHIPPED = Path(__file__).with_name("prompts")


def filled(name: str, **places: str) -> str:
    """Return a prompt with its places filled in.

    Values are put in as they are and never read as templates. A paragraph whose places are all empty is left out, and
    so is the line before it that introduces it with a colon.
    """
    kept: list[tuple[str, bool]] = []
    """Paragraphs, and whether each only introduces the next one."""
    for paragraph in _read(name):
        found = paragraph.get_identifiers()
        if found and not any(places.get(place) for place in found):
            if kept and kept[-1][1]:
                kept.pop()
        else:
            kept.append((paragraph.substitute(places), not found and paragraph.template.endswith(":")))
    return "\n\n".join(paragraph for paragraph, _ in kept)


def example(name: str) -> str:
    """Return a prompt as it stands in its file, with the example that is in it."""
    return "\n\n".join(paragraph.template for paragraph in _read(name))


@lru_cache(maxsize=16)
def _read(name: str) -> tuple[Template, ...]:
    text = (SHIPPED / f"{name}.md").read_text("utf-8").strip()
    return tuple(Template(paragraph) for paragraph in text.split("\n\n"))


def quoted(text: str) -> str:
    """Return what somebody wrote as lines that each begin with a mark; nothing where it is nothing."""
    return "\n".join(f"> {line}" for line in text.strip().splitlines())
