"""The socket: connected at start, connected again whatever happens to it."""

import asyncio
from collections.abc import Callable

import pytest
import structlog

from bot.shapes import Request
from bot.slack.chat import Slack
from bot.slack.installs import OneToken
from bot.slack.intake import Intake
from bot.slack.socket import SocketDoor
from bot.slack.workspaces import Workspaces
from core.errors import Misconfigured, Unavailable
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


async def arrives(slack: SlackServer, desk: Desk) -> None:
    sent = slack.say("<@UDEXTER> are you there?")
    await asyncio.wait_for(sent.acked.wait(), 30)
    assert f"C1:{sent.ts}" in [r.key for r in desk.requests]


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


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_slack_will_close_is_replaced_before_it_closes(
    chat: SlackChat, slack: SlackServer, desk: Desk, reason: str
) -> None:
    old = slack.sockets.open[0]
    await slack.sockets.disconnect(reason, grace=60)
    await until(lambda: slack.connections > 1)
    assert not old.closed
    await arrives(slack, desk)


async def test_what_comes_on_the_old_connection_meanwhile_is_taken_too(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    slack.sockets.closed = True
    await slack.sockets.disconnect("warning", grace=60)
    await until(lambda: slack.sockets.refused > 0)
    await arrives(slack, desk)
    slack.sockets.closed = False
    await until(lambda: slack.connections > 1)


async def test_sockets_that_an_administrator_has_switched_off_are_said_once_and_found_again(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    with structlog.testing.capture_logs() as logs:
        slack.fault("apps.connections.open", times=3, error="socket_mode_disabled")
        await slack.sockets.disconnect("link_disabled")
        await until(lambda: slack.connections > 1)
    said = [line["event"] for line in logs if line["log_level"] in ("warning", "error")]
    assert said == ["Socket Mode is switched off for Dexter's Slack app: switch it on under Socket Mode.",
                    "slack socket does not open"]  # fmt: skip
    await arrives(slack, desk)


async def test_where_there_are_too_many_sockets_dexter_waits_for_a_free_one(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    slack.sockets.most = 0
    await slack.sockets.disconnect("too_many_websockets", grace=0)
    await until(lambda: slack.sockets.refused > 1)
    slack.sockets.most = 10
    await arrives(slack, desk)


async def test_a_limit_on_new_sockets_is_kept(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    slack.fault("apps.connections.open", error="ratelimited", status=429, retry_after=0.7)
    clock = asyncio.get_running_loop().time
    before, began = slack.connections, clock()
    await slack.cut(say=False)
    await until(lambda: slack.connections > before)
    assert clock() - began >= 0.7


async def test_several_sockets_share_the_work_and_each_is_renewed(slack: SlackServer, desk: Desk) -> None:
    door = SocketDoor("xapp-1", ping=0.2, sockets=3)
    chat = Slack(door, Workspaces(OneToken("xoxb-1"), slack.base_url), Intake(), pace=0.01)
    await chat.start(desk)
    assert len(slack.sockets.open) == 3
    for _ in range(3):
        await arrives(slack, desk)
    await slack.cut()
    await until(lambda: slack.connections == 6)
    for _ in range(3):
        await arrives(slack, desk)
    await chat.stop()
    assert slack.sockets.open == []


async def test_nothing_is_lost_or_doubled_while_connections_come_and_go(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    sent = []
    for number in range(60):
        sent.append(slack.say(f"<@UDEXTER> {number}"))
        if number % 10 == 5:
            await slack.sockets.disconnect(grace=0.05)
        if number % 10 == 9:
            await slack.cut(say=False)
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*(each.acked.wait() for each in sent)), 60)
    assert {request.text for request in desk.requests} == {str(number) for number in range(60)}
    assert len({request.key for request in desk.requests}) == 60


async def test_acknowledgements_of_what_is_in_hand_are_sent_before_the_end(slack: SlackServer, desk: Desk) -> None:
    gate = asyncio.Event()

    async def slow(_request: Request) -> None:
        await gate.wait()

    desk.answer = slow
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url)
    await chat.start(desk)
    sent = slack.say("<@UDEXTER> hi")
    await until(lambda: bool(desk.requests))
    stopping = asyncio.create_task(chat.stop())
    await asyncio.sleep(0)
    gate.set()
    await stopping
    assert sent.acked.is_set()


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
    slack.sockets.closed = True
    await slack.cut(say=False)
    await until(lambda: slack.sockets.refused > 2)
    slack.sockets.closed = False
    await arrives(slack, desk)


async def test_nothing_is_left_behind_after_stop(slack: SlackServer, desk: Desk) -> None:
    before = asyncio.all_tasks()
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url)
    await chat.start(desk)
    await chat.stop()
    ours = ("bot/slack",)
    assert not [t for t in asyncio.all_tasks() - before if any(name in repr(t) for name in ours)]
