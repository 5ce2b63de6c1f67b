"""What people do in Slack, as it reaches the handler."""

import asyncio
import logging

from bot.shapes import Button, Buttons, Post, Request, plain
from core.errors import BadRequest
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_chat import SlackChat
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
            key=f"C1:{sent.ts}",
            tenant="slack:T1",
            person="slack:U1",
            name="Ada Lovelace",
            address=f"slack:T1:C1:{sent.ts}",
            text="ask Should @Charles Babbage use <SQLite> & docs (https://a.b/c) in #random?",
            locale="en-GB",
            zone="Europe/London",
        )
    ]


async def test_a_mention_inside_a_thread_stays_in_that_thread(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    root = slack.say("Which database?")
    await acked(slack.say("what do you think, <@UDEXTER>?", thread_ts=root.ts))
    assert desk.requests[0].address == f"slack:T1:C1:{root.ts}"
    assert desk.requests[0].text == "what do you think, ?"


async def test_a_direct_message_is_a_request_without_a_mention(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    sent = slack.say("ask Why?", channel="DU1")
    await acked(sent)
    assert [(r.text, r.address) for r in desk.requests] == [("ask Why?", f"slack:T1:DU1:{sent.ts}")]


async def test_a_mention_in_a_direct_message_counts_once(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    event = {"channel": "DU1", "user": "U1", "text": "<@UDEXTER> hello", "ts": "1.1"}
    for kind in ({"type": "app_mention"}, {"type": "message", "channel_type": "im"}):
        await acked(slack.event(event | kind))
    assert [r.text for r in desk.requests] == ["hello"]


async def test_a_slash_command_in_a_channel_names_the_channel_and_no_thread(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    sent = slack.command("ask --pattern debate Should we?")
    await acked(sent)
    request = desk.requests[0]
    assert (request.key, request.address) == (sent.payload["trigger_id"], "slack:T1:C1")
    assert request.text == "ask --pattern debate Should we?"


async def test_a_slash_command_where_dexter_is_not_invited_is_answered_in_direct_messages(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    for channel in ("C2", "C3"):
        await acked(slack.command("ask Why?", channel=channel))
        await settled(slack, channel, 1)
        assert "/invite @Dexter" in slack.transcript(channel)
        assert slack.space.posts(channel)[0]["only"] == "U1"
    assert [r.address for r in desk.requests] == ["slack:T1:DU1"] * 2


async def test_help_is_answered_even_where_dexter_is_not_invited(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    desk.says(plain("Ask me anything.", private=True))
    await acked(slack.command("help", channel="C3"))
    await settled(slack, "C3", 1)
    assert "Ask me anything." in slack.transcript("C3")


async def test_a_press_on_a_button_is_the_request_that_it_stands_for(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    root = slack.say("A question")
    address = f"slack:T1:C1:{root.ts}"
    await chat.show(address, Post((Buttons((Button("Details", "show abc"),)),)), "k", None, False)
    sent = slack.press("Details", user="U2")
    await acked(sent)
    request = desk.requests[0]
    assert (request.text, request.address, request.person) == ("show abc", address, "slack:U2")
    assert (request.key, request.name) == (sent.payload["trigger_id"], "Charles Babbage")


async def test_bots_edits_and_dexter_itself_are_not_listened_to(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    mention = {"type": "app_mention", "channel": "C1", "text": "<@UDEXTER> hi", "ts": "1.1"}
    direct = {"type": "message", "channel_type": "im", "channel": "DU1", "ts": "1.2", "text": "hi"}
    for event in (
        mention | {"user": "U9", "bot_id": "B9"},
        mention | {"user": "UDEXTER"},
        direct | {"user": "UDEXTER", "bot_id": "BDEXTER"},
        direct | {"subtype": "message_changed", "message": {"text": "hi", "user": "U1"}},
        direct | {"subtype": "bot_message", "bot_id": "B9"},
        direct | {"user": "U1", "channel_type": "channel", "channel": "C1"},
    ):
        await acked(slack.event(event))
    assert desk.requests == []


async def test_what_has_no_listener_is_acknowledged_so_that_slack_does_not_send_it_again(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    sent = [slack.event({"type": "reaction_added", "user": "U1", "item": {}}), slack.command("x", name="/other")]
    sent.append(
        slack._send(
            "interactive",
            {"type": "view_submission", "view": {"callback_id": "x", "type": "modal"}, "user": {"id": "U1"}},
        )
    )
    action = {"action_id": "foreign", "type": "button", "block_id": "b"}
    sent.append(slack._send("interactive", {"type": "block_actions", "actions": [action], "user": {"id": "U1"}}))
    for envelope in sent:
        await acked(envelope)
    assert desk.requests == []


async def test_a_redelivered_event_carries_the_same_key(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    desk.says(plain("Once."))
    for sent in (slack.say("<@UDEXTER> hi"), slack.command("hi")):
        await acked(sent)
        await acked(slack.redeliver(sent))
    keys = [r.key for r in desk.requests]
    assert len(keys) == 4
    assert len(set(keys)) == 2
    await settled(slack, "C1", 2)
    assert slack.transcript().count("Once.") == 2


async def test_the_handler_has_written_the_question_down_before_slack_hears_that_it_arrived(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    gate = asyncio.Event()

    async def slow(_request: Request) -> None:
        await gate.wait()

    desk.answer = slow
    sent = slack.say("<@UDEXTER> hi")
    async with asyncio.timeout(10):
        while not desk.requests:
            await asyncio.sleep(0.005)
    assert not sent.acked.is_set()
    gate.set()
    await acked(sent)


async def test_a_handler_that_takes_too_long_does_not_hold_the_acknowledgement(slack: SlackServer, desk: Desk) -> None:
    gate = asyncio.Event()

    async def slow(_request: Request) -> Post:
        await gate.wait()
        return plain("At last.")

    desk.answer = slow
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url, acknowledge=0.1)
    await chat.start(desk)
    await acked(slack.say("<@UDEXTER> hi"))
    gate.set()
    await settled(slack, "C1", 1)
    await chat.stop()
    assert "At last." in slack.transcript()


async def test_an_error_is_said_to_the_one_who_asked_alone(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    async def refuse(_request: Request) -> Post:
        raise BadRequest("There is no question. Type one after ask.")

    desk.answer = refuse
    await acked(slack.say("<@UDEXTER> ask"))
    await settled(slack, "C1", 1)
    post = slack.space.posts()[0]
    assert (post["only"], "There is no question." in post["text"]) == ("U1", True)


async def test_a_defect_in_the_handler_is_a_sentence_and_not_a_stack_trace(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    async def fail(_request: Request) -> Post:
        raise ZeroDivisionError("secret detail")

    desk.answer = fail
    await acked(slack.command("ask Why?"))
    await settled(slack, "C1", 1)
    text = slack.transcript()
    assert "went wrong" in text
    assert "secret detail" not in text
    assert "Traceback" not in text


async def test_an_open_answer_to_a_mention_is_posted_once_in_its_thread(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    desk.says(plain("Three committees."))
    slack.fault("chat.postMessage", lost=True)
    sent = slack.say("<@UDEXTER> committee list")
    await acked(sent)
    await settled(slack, "C1", 1)
    async with asyncio.timeout(20):
        while [m for m, _ in slack.api.calls].count("conversations.replies") < 1:
            await asyncio.sleep(0.01)
    posts = slack.space.posts()
    assert [p["thread_ts"] for p in posts] == [sent.ts]


async def test_whom_slack_does_not_name_is_someone_and_never_an_id(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    slack.fault("users.info", times=20, status=503)
    await acked(slack.say("<@UDEXTER> ask <@U77> and <#C99> and <!here> and <!subteam^S1|@team>"))
    assert desk.requests[0].text == "ask @someone and #a-channel and @here and @team"
    assert desk.requests[0].name == "someone"


async def test_a_hundred_mentions_are_looked_up_within_bounds(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    people = [f"U{n}" for n in range(100, 200)]
    slack.space.people |= {user: f"Person {user}" for user in people}
    await acked(slack.say("<@UDEXTER> ask " + " ".join(f"<@{user}>" for user in people)))
    assert "@Person U100" in desk.requests[0].text
    assert [m for m, _ in slack.api.calls].count("users.info") <= 26


async def test_a_name_is_asked_for_once(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    for _ in range(3):
        await acked(slack.say("<@UDEXTER> hi"))
    assert [m for m, _ in slack.api.calls].count("users.info") == 1


async def test_what_comes_in_leaves_the_level_of_dexters_own_log_alone(
    slack: SlackServer, desk: Desk, chat: SlackChat
) -> None:
    ours = logging.getLogger("dexter")
    before, ours.level = ours.level, logging.INFO
    try:
        desk.says(plain("Because."))
        await asyncio.wait_for(slack.say("<@UDEXTER> why?").acked.wait(), 10)
        assert ours.level == logging.INFO
    finally:
        ours.level = before
