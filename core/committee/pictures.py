"""The images that came with a question: who sees them, and what the others are told in their place."""

from collections.abc import Sequence

from core.committee.committee import Member
from core.entities import Document, Image
from core.ports import Message, Model
from core.sentences import Sentence, all_of, said

SHOWN = "The images named above are attached to this message, in the same order."
UNSEEN = "You cannot see the images named above. Where the answer depends on them, say so rather than guess."


def pictures(context: Sequence[Document]) -> tuple[Image, ...]:
    """Return the images among the files."""
    return tuple(paper.image for paper in context if paper.image)


async def unseen(context: Sequence[Document], members: Sequence[Member], model: Model) -> Sentence | None:
    """Return a sentence that says which members cannot see the images that came with the question."""
    if not pictures(context):
        return None
    blind = [member.name for member in members if not await model.sees(member.model)]
    return (
        said("The images cannot be seen by {names}: the model reads text alone.", names=all_of(blind))
        if blind
        else None
    )


async def as_seen(messages: tuple[Message, ...], model: Model, name: str) -> tuple[Message, ...]:
    """Return messages as the model called `name` can take them: one that does not see is told what it misses."""
    if not any(message.images for message in messages):
        return messages
    sees = await model.sees(name)
    return tuple(_with_word(message, sees) if message.images else message for message in messages)


def _with_word(message: Message, sees: bool) -> Message:
    told = f"{message.content}\n\n{SHOWN if sees else UNSEEN}"
    return message.but(content=told, images=message.images if sees else ())
