"""What Slack says about waiting is kept on every call; what passes by itself is tried again, a post never blindly."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import structlog

from bot.shapes import TryLater, Undeliverable, plain
from bot.slack.api import TRIES, Web, call, client
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer
from tests.doubles.slack_storm import Storm


@pytest.fixture
async def web(slack: SlackServer) -> AsyncIterator[Web]:
    made = client("xoxb-1", slack.base_url)
    async with aiohttp.ClientSession() as session:
        made.session = session
        yield made


def calls(slack: SlackServer, method: str) -> int:
    return [called for called, _ in slack.api.calls].count(method)


async def test_a_limited_method_is_not_called_before_its_time_has_come_and_others_are(
    web: Web, slack: SlackServer
) -> None:
    slack.fault("chat.postMessage", error="ratelimited", status=429, retry_after=0.6)
    clock = asyncio.get_running_loop().time
    began = clock()
    left = []
    for _ in range(3):
        with pytest.raises(TryLater) as limited:
            await call(web.chat_postMessage(channel="C1", text="x"))
        left.append(limited.value.seconds)
    assert 0.6 <= left[0] <= 0.66
    assert 0 < left[2] <= 0.66
    assert calls(slack, "chat.postMessage") == 1
    await call(web.users_info(user="U1"))
    await asyncio.sleep(limited.value.seconds)
    await call(web.chat_postMessage(channel="C1", text="x"))
    assert clock() - began >= 0.6


async def test_one_workspace_that_is_limited_does_not_hold_up_another(web: Web, slack: SlackServer) -> None:
    other = client("xoxb-1", slack.base_url)
    slack.fault("users.info", error="ratelimited", status=429, retry_after=60)
    with pytest.raises(TryLater):
        await call(web.users_info(user="U1"))
    assert (await call(other.users_info(user="U1")))["ok"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"error": "internal_error"}, {"lost": True}])
async def test_what_only_reads_is_tried_again_a_few_times(
    web: Web, slack: SlackServer, fault: dict[str, object]
) -> None:
    slack.fault("users.info", times=TRIES - 1, **fault)
    assert (await call(web.users_info(user="U1")))["ok"]
    assert calls(slack, "users.info") == TRIES
    slack.fault("users.info", times=10, **fault)
    with pytest.raises(TryLater):
        await call(web.users_info(user="U1"))
    assert calls(slack, "users.info") <= 4 * TRIES  # aiohttp itself asks again where a connection was used before


@pytest.mark.parametrize("fault", [{"status": 503}, {"error": "internal_error"}, {"lost": True}])
async def test_a_post_is_never_sent_again_by_itself(web: Web, slack: SlackServer, fault: dict[str, object]) -> None:
    slack.fault("chat.postMessage", **fault)
    with pytest.raises(TryLater) as caught:
        await call(web.chat_postMessage(channel="C1", text="x"))
    assert calls(slack, "chat.postMessage") == 1
    assert 1.0 <= caught.value.seconds <= 4.0


async def test_a_storm_of_limits_loses_and_doubles_nothing_and_nobody_comes_too_early(
    chat: SlackChat, slack: SlackServer
) -> None:
    storm = slack.api.weather = Storm(every=3, seconds=0.4)

    async def persist(number: int) -> None:
        again = False
        while True:
            try:
                await chat.show("slack:T1:C1", plain(f"Post {number}."), f"k{number}", None, again)
                return
            except TryLater as later:
                again = True
                await asyncio.sleep(later.seconds)

    await asyncio.wait_for(asyncio.gather(*(persist(number) for number in range(8))), 60)
    slack.api.weather = None
    texts = [post["text"] for post in slack.space.posts()]
    assert sorted(texts) == [f"Post {number}." for number in range(8)]
    assert storm.limited > 0
    assert storm.early == []


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
async def test_a_channel_that_dexter_was_removed_from_is_a_sentence_and_the_others_go_on(
    chat: SlackChat, slack: SlackServer, code: str
) -> None:
    slack.fault("chat.postMessage", error=code)
    with pytest.raises(Undeliverable, match=r"\w+ .*\.$"):
        await chat.show("slack:T1:C1", plain("x"), "k", None, False)
    await chat.show("slack:T1:C1", plain("Here again."), "k2", None, False)


@pytest.mark.parametrize("how", ["event", "post"])
async def test_the_one_workspace_that_removes_dexter_is_a_line_in_the_log_and_the_end_is_clean(
    chat: SlackChat, slack: SlackServer, desk: Desk, how: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        if how == "event":
            await asyncio.wait_for(slack.event({"type": "app_uninstalled"}).acked.wait(), 10)
        else:
            slack.fault("chat.postMessage", error="account_inactive")
        for _ in range(3):
            with pytest.raises(Undeliverable):
                await chat.show("slack:T1:C1", plain("x"), "k", None, False)
        await asyncio.wait_for(slack.say("<@UDEXTER> hello").acked.wait(), 10)
    assert [line["event"] for line in logs if line["log_level"] != "info"] == ["slack workspace has gone"]
    assert desk.requests == []
    assert calls(slack, "chat.postMessage") == (how == "post")
