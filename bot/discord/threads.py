"""Threads and forum posts: opened when something is to be said in them, named after what is asked, brought back."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import discord
from discord.http import Route

from bot.discord.escape import clean
from bot.discord.refusals import THREAD_THERE
from bot.discord.rows import shortened
from bot.words import key

THREAD_NAME = 90
ARCHIVE_AFTER: Literal[1440] = 1440
"""Minutes without a message after which Discord folds a thread away; a new message brings it back."""
NAMELESS = "Dexter"
HERE = key("The thread takes no more messages from me, so the answer is here: {thread}")
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")
_ESCAPE = re.compile(r"\\(?=[^\w\s])|\*\*")


async def open_thread(channel: discord.PartialMessageable, root: int) -> None:
    """Open the thread under a message; it has the message's id. One that is there already is as good."""
    name = NAMELESS
    with contextlib.suppress(discord.Forbidden):  # without the history it is called after Dexter
        name = name_of(read(await channel.fetch_message(root)))
    try:
        await channel.get_partial_message(root).create_thread(name=name, auto_archive_duration=ARCHIVE_AFTER)
    except discord.HTTPException as error:
        if error.code != THREAD_THERE:
            raise


async def open_post(client: discord.Client, forum: discord.ForumChannel, content: str, mark: str) -> int:
    """Begin a post in a forum and return its id, which is its first message's too; one with this mark is as good."""
    name, me = name_of(content), forum.guild.me
    for thread in forum.threads:
        if thread.owner_id == me.id and thread.name == name:
            with contextlib.suppress(discord.NotFound):
                if read(await thread.fetch_message(thread.id)).endswith(mark):
                    return thread.id
    message = {"content": content, "allowed_mentions": discord.AllowedMentions.none().to_dict()}
    made = await client.http.request(  # the library's own call says more than Discord describes
        Route("POST", "/channels/{channel_id}/threads", channel_id=forum.id),
        json={"name": name, "auto_archive_duration": ARCHIVE_AFTER, "message": message},
    )
    return int(made["id"])


def name_of(text: str) -> str:
    """Return what a thread about `text` is called."""
    return shortened(_ESCAPE.sub("", _MENTION.sub("", text.split("\n-# ")[0])), THREAD_NAME) or NAMELESS


def read(message: discord.Message) -> str:
    """Return what a message says, its small print last: one with a frame, one without, or one of an older Dexter."""
    if message.embeds:
        return message.embeds[-1].footer.text or ""
    said = "\n".join((message.content, *_texts(message.components)))
    return clean(said).replace("\\", "").strip()


def _texts(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts(getattr(component, "children", ()))
