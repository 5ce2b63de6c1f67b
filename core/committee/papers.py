"""The files that came with a question: how much of them each member is shown."""

from collections.abc import Sequence

from core.committee.committee import Member
from core.committee.room import Room
from core.entities import Document
from core.excerpts import excerpt, shares
from core.sentences import Sentence, all_of, said

CHARACTERS = 4
"""Characters a token has, about, in English."""
PAPERS = 6
"""All files together may be this many times as long as the longest answer that the reader may write."""


def papers(context: Sequence[Document], member: Member) -> list[tuple[str, str]]:
    """Return title and text of each file, long ones cut so that all of them are what the member can read."""
    room = shares([len(paper.text) for paper in context], reads(member))
    return [(_title(paper), excerpt(paper.text, most)) for paper, most in zip(context, room, strict=True)]


def reads(member: Member) -> int:
    """Return how many characters of files a member is shown at most."""
    return CHARACTERS * member.max_tokens * PAPERS


def cut_short(room: Room) -> Sentence | None:
    """Return a sentence that says which members cannot read all of the files that came with the question."""
    size = sum(len(paper.text) for paper in room.collaboration.context)
    cut = [member.name for member in room.players if size > reads(member)]
    if not cut:
        return None
    text = "The files are longer than {names} can read (`max_tokens`): they see beginnings and ends of them."
    return said(text, names=all_of(cut))


def _title(paper: Document) -> str:
    """Return what a file is and its name, as one short line: it is hostile too."""
    name = " ".join(paper.name.split())[:80]
    return f"file {name} ({paper.kind})" if paper.kind else f"file {name}"
