"""The socket: connected at start, connected again whatever happens to it."""

import asyncio
from collections.abc import Callable

import pytest

from bot.slack.chat import SlackChat
from core.errors import Misconfigured, Unavailable
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_server import SlackServer


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


async def arrives(slack: SlackServer, desk: Desk) -> None:
    sent = slack.say("<@UDEXTER> are you there?")
    await asyncio.wait_for(sent.acked.wait(), 30)
    assert sent.payload["event_id"] in [r.key for r in desk.requests]


@pytest.mark.parametrize(("bot", "app", "setting"), [("bad", "xapp-1", "BOT_TOKEN"), ("xoxb-1", "bad", "APP_TOKEN")])
async def test_a_wrong_token_is_a_sentence_that_names_the_setting(
    slack: SlackServer, desk: Desk, bot: str, app: str, setting: str
) -> None:
    chat = SlackChat(bot, app, slack.base_url)
    with pytest.raises(Misconfigured, match=f"SLACK_{setting}"):
        await chat.start(desk)


async def test_slack_out_of_reach_is_a_sentence(slack: SlackServer, desk: Desk) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await SlackChat("xoxb-1", "xapp-1", "http://127.0.0.1:9/api/").start(desk)
    for method in ("auth.test", "apps.connections.open"):
        slack.fault(method, times=3, status=503)
        with pytest.raises(Unavailable):
            await SlackChat("xoxb-1", "xapp-1", slack.base_url).start(desk)


async def test_slack_renews_the_connection_now_and_then(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    await slack.cut()
    await until(lambda: slack.connections > 1)
    await arrives(slack, desk)


async def test_a_connection_that_breaks_is_made_again(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    for times in (2, 3):
        await slack.cut(say=False)
        await until(lambda times=times: slack.connections >= times)
        await arrives(slack, desk)


async def test_a_connection_that_goes_quiet_is_made_again_and_what_was_said_meanwhile_arrives(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    slack.mute()
    await arrives(slack, desk)
    assert slack.connections > 1


async def test_an_address_that_no_longer_opens_is_not_tried_for_ever(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    slack.closed = True
    await slack.cut(say=False)
    await until(lambda: slack.refused > 2)
    slack.closed = False
    await arrives(slack, desk)


async def test_nothing_is_left_behind_after_stop(slack: SlackServer, desk: Desk) -> None:
    before = asyncio.all_tasks()
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url)
    await chat.start(desk)
    await chat.stop()
    ours = ("SocketModeClient", "bot/slack")
    assert not [t for t in asyncio.all_tasks() - before if any(name in repr(t) for name in ours)]
