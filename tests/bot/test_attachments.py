"""Files that come with a request: what is read, what is left out, and how that is said."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.attachments import MOST_BYTES, MOST_CHARACTERS, MOST_FILES, Offer, beside, gather
from bot.shapes import Attachment, Post, Prose, plain
from core.errors import Unavailable

Fetch = Callable[[int], Awaitable[bytes]]


def holds(content: bytes) -> Fetch:
    async def fetch(_most: int) -> bytes:
        return content

    return fetch


def offer(name: str, content: bytes = b"words", kind: str = "text/plain", size: int | None = None) -> Offer:
    return Offer(name, len(content) if size is None else size, kind, holds(content))


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "text/csv", "application/json", "application/xml", "application/yaml", "application/x-sh",
     "application/octet-stream", "image/svg+xml", "application/vnd.api+json", "video/mp2t"],
)  # fmt: skip
async def test_whatever_is_utf_8_is_read_as_text(kind: str) -> None:
    found = await gather([offer("a.txt", "\ufeffGrüße\r\n".encode(), kind)])
    assert found.files == (Attachment("a.txt", "Grüße\r\n"),)
    assert found.unread == ()


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00", b"caf\xe9", b"a\0b", "ä".encode("utf-16")])
async def test_what_is_no_text_is_named_and_left_out_and_the_rest_is_read(content: bytes) -> None:
    found = await gather([offer("a.bin", content, ""), offer("b.txt")])
    assert [file.name for file in found.files] == ["b.txt"]
    assert found.unread == ("a.bin is not a text file.",)


@pytest.mark.parametrize(
    "kind", ["image/png", "audio/mpeg", "video/mp4", "application/pdf", "application/vnd.ms-excel"]
)
async def test_what_is_known_to_be_no_text_is_not_even_fetched(kind: str) -> None:
    async def fetch(_most: int) -> bytes:
        raise AssertionError

    found = await gather([Offer("a", 9_000_000, kind, fetch)])
    assert found.unread == ("a is not a text file.",)


async def test_a_file_may_have_a_megabyte_whatever_the_platform_says_of_its_size() -> None:
    much = b"x" * (MOST_BYTES + 1)
    found = await gather([offer("a.txt", size=MOST_BYTES + 1), offer("b.txt", much, size=10)])
    assert found.files == ()
    assert found.unread == ("a.txt has 1,000,001 bytes.", "b.txt has more than 1,000,000 bytes.")


async def test_all_files_together_have_to_fit_into_a_prompt() -> None:
    half = b"x" * (MOST_CHARACTERS // 2)
    found = await gather([offer("a", half), offer("b", half + b"x"), offer("c", half), offer("d")])
    assert [file.name for file in found.files] == ["a", "c"]
    assert [sentence.split()[0] for sentence in found.unread] == ["b", "d"]


async def test_the_first_files_are_read_where_there_are_too_many() -> None:
    found = await gather([offer(f"{n}.txt") for n in range(MOST_FILES + 2)])
    assert [file.name for file in found.files] == [f"{n}.txt" for n in range(MOST_FILES)]
    assert found.unread == ("5.txt, 6.txt: that is more than 5 files.",)


async def test_a_file_that_does_not_come_costs_its_time_once_and_not_the_others() -> None:
    async def never(_most: int) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def refuses(_most: int) -> bytes:
        raise Unavailable("c.txt is gone.")

    found = await gather([Offer("a.txt", 1, "", never), offer("b.txt"), Offer("c.txt", 1, "", refuses)], seconds=0.05)
    assert [file.name for file in found.files] == ["b.txt"]
    assert found.unread == ("a.txt did not arrive in time. Please attach it again.", "c.txt is gone.")


def test_what_could_not_be_read_is_said_beside_the_reply_or_alone_to_the_person() -> None:
    assert beside(None, ()) is None
    assert beside(plain("Yes."), ()) == plain("Yes.")
    alone = beside(None, ("a.png is not a text file.",))
    assert alone is not None
    assert alone.private
    (said,) = alone.parts
    assert isinstance(said, Prose)
    assert "- a.png is not a text file." in said.markdown
    assert "I read text files" in said.markdown
    assert beside(plain("Yes."), ("a.png is not a text file.",)) == Post((Prose("Yes."), said))
