"""PowerPoint: what each slide says, its tables, and the speaker's notes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pptx

from bot.reader.archive import check
from bot.reader.found import Found, Order, cut


def read(content: bytes, order: Order) -> Found:
    """Return the slides' text with each slide's number above it."""
    check(content)
    slides = pptx.Presentation(BytesIO(content)).slides
    shown = [f"[slide {at}]\n{_slide(slide)}" for at, slide in enumerate(slides, 1)]
    return cut("\n\n".join(shown), order, parts=len(shown))


def _slide(slide: Any) -> str:
    said = [text for shape in slide.shapes for text in _texts(shape)]
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
        said.append(f"Notes: {notes.text}" if notes.text.strip() else "")
    return "\n".join(text.strip() for text in said if text.strip())


def _texts(shape: Any) -> Iterator[str]:
    if hasattr(shape, "shapes"):  # a group
        for inner in shape.shapes:
            yield from _texts(inner)
    elif shape.has_text_frame:
        yield shape.text_frame.text
    elif getattr(shape, "has_table", False):
        for row in shape.table.rows:
            yield "| " + " | ".join(" ".join(cell.text.split()) for cell in row.cells) + " |"
