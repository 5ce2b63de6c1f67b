"""What every chat promises, tried on each of them over a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.shapes import Button, Buttons, Foot, Heading, Post, Prose, Request, TryLater, Undeliverable, has_thread, plain
from tests.doubles.chat_stage import STAGES, Stage


class Heard:
    """A handler that keeps what it is given."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Post | None:
        self.requests.append(request)
        return None


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(params=sorted(STAGES))
async def chat(request: pytest.FixtureRequest, heard: Heard) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as stage:
        await stage.chat.start(heard)
        yield stage
        await stage.chat.stop()


@pytest.mark.parametrize("name", sorted(STAGES))
async def test_a_post_waits_before_its_chat_is_connected_and_after_it_was(name: str, heard: Heard) -> None:
    async with STAGES[name]() as stage:
        with pytest.raises(TryLater):  # it is not known yet where Dexter is: nothing is given up for that
            await stage.chat.show(stage.channel(), plain("early"), "r:answer", None, False)
        await stage.chat.start(heard)
        await stage.chat.show(stage.channel(), plain("in time"), "r:answer", None, True)
        await stage.chat.stop()
        with pytest.raises(TryLater):
            await stage.chat.show(stage.channel(), plain("late"), "s:answer", None, False)
        assert stage.texts() == ["in time"]


async def test_its_name_begins_its_addresses(chat: Stage) -> None:
    assert chat.channel().split(":")[0] == chat.chat.name


async def test_a_message_can_be_the_root_of_a_thread(chat: Stage) -> None:
    channel = chat.channel()
    root = await chat.chat.show(channel, plain("Why?"), "r:question", None, False)
    thread = chat.chat.thread(channel, root)
    assert not has_thread(channel)
    assert has_thread(thread)
    await chat.chat.show(thread, plain("Because."), "r:answer", None, False)
    assert chat.texts() == ["Why?", "Because."]


async def test_a_message_is_replaced_and_keeps_its_id(chat: Stage) -> None:
    message = await chat.chat.show(chat.channel(), plain("0 of 3"), "r:progress", None, False)
    assert await chat.chat.show(chat.channel(), plain("3 of 3"), "r:progress", message, False) == message
    assert chat.texts() == ["3 of 3"]


async def test_a_post_whose_answer_was_lost_is_not_posted_twice(chat: Stage) -> None:
    root = await chat.chat.show(chat.channel(), plain("Why?"), "r:question", None, False)
    thread = chat.chat.thread(chat.channel(), root)
    for address, key in ((chat.channel(), "s:question"), (thread, "r:answer")):
        chat.lose_reply()
        with pytest.raises(TryLater):
            await chat.chat.show(address, plain(f"once {key}"), key, None, False)
        await chat.chat.show(address, plain(f"once {key}"), key, None, True)
    assert sorted(chat.texts()) == ["Why?", "once r:answer", "once s:question"]


async def test_a_second_try_of_what_never_arrived_is_posted(chat: Stage) -> None:
    await chat.chat.show(chat.channel(), plain("at last"), "r:answer", None, True)
    assert chat.texts() == ["at last"]


async def test_a_message_that_was_deleted_is_said_anew(chat: Stage) -> None:
    message = await chat.chat.show(chat.channel(), plain("one"), "r:answer", None, False)
    chat.delete(message)
    assert await chat.chat.show(chat.channel(), plain("two"), "r:answer", message, False) != message
    assert chat.texts() == ["two"]


async def test_a_limit_says_when_to_try_again(chat: Stage) -> None:
    chat.limit(3)
    with pytest.raises(TryLater) as caught:
        await chat.chat.show(chat.channel(), plain("x"), "r:answer", None, False)
    assert caught.value.seconds == pytest.approx(3, abs=0.5)
    assert chat.texts() == []


async def test_a_place_that_is_gone_is_undeliverable_with_a_sentence(chat: Stage) -> None:
    with pytest.raises(Undeliverable, match=r"\w+ .*\.$"):
        await chat.chat.show(chat.gone(), plain("x"), "r:answer", None, False)


async def test_a_long_post_arrives_whole(chat: Stage) -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "All work and no play. " * 12 for n in range(60))
    parts = (Heading("Long"), Prose(text), Foot("the foot"), Buttons((Button("Details", "show r"),)))
    await chat.chat.show(chat.channel(), Post(parts), "r:answer", None, False)
    shown = "\n".join(chat.texts())
    assert [n for n in range(60) if f"Paragraph {n}." not in shown] == []
    assert "the foot" in shown


async def test_a_pace_is_asked_for(chat: Stage) -> None:
    assert 0 < chat.chat.pace(chat.channel()) <= 5


async def test_a_mention_is_a_request_and_a_redelivery_has_the_same_key(chat: Stage, heard: Heard) -> None:
    again = await chat.mention("ask Why?")
    first = heard.requests[0]
    assert (first.text, first.tenant.split(":")[0], first.person.split(":")[0]) == ("ask Why?", *[chat.chat.name] * 2)
    assert first.address.startswith(chat.channel().rsplit(":", 1)[0])
    await again()
    assert {r.key for r in heard.requests} == {first.key}


async def test_after_stop_nothing_comes_in(chat: Stage, heard: Heard) -> None:
    await chat.chat.stop()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(chat.mention("too late"), 0.5)
    assert heard.requests == []
