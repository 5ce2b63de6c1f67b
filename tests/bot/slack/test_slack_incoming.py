"""What people do in Slack, as it reaches the handler."""

import asyncio

from bot.shapes import Post, Request, plain
from bot.slack.chat import SlackChat
from core.errors import BadRequest
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_server import Envelope, SlackServer


async def acked(envelope: Envelope) -> None:
    await asyncio.wait_for(envelope.acked.wait(), 10)


async def settled(slack: SlackServer, channel: str, count: int) -> None:
    """Wait until Dexter has written so many messages."""
    async with asyncio.timeout(10):
        while len(slack.space.posts(channel)) < count:
            await asyncio.sleep(0.005)


async def test_a_mention_becomes_a_request_in_its_own_thread(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    sent = slack.say("<@UDEXTER> ask Should <@U2> use &lt;SQLite&gt; &amp; <https://a.b/c|docs> in <#C2>?")
    await acked(sent)
    assert desk.requests == [
        Request(
            key=sent.payload["event_id"],
            tenant="slack:T1",
            person="slack:U1",
            name="Ada Lovelace",
            address=f"slack:T1:C1:{sent.ts}",
            text="ask Should @Charles Babbage use <SQLite> & docs (https://a.b/c) in #random?",
            locale="en-GB",
        )
    ]
