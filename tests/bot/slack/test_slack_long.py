"""Answers too long for a thread: a canvas, or a file, or several messages, whatever the workspace allows."""

import pytest

from bot.shapes import Address, Button, Buttons, Foot, Post, Prose, TryLater
from bot.slack.outgoing import ROOMS
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer

WHOLE = "\n\n".join(
    f"Paragraph {n}: [a link](https://a.example/{n}), <!channel>. " + "no play " * 40 for n in range(60)
)
POST = Post((Prose(WHOLE), Foot("the foot"), Buttons((Button("Details", "show k3f9x2mqabcd"),))))
KEY = "k3f9x2mqabcd:answer"


@pytest.fixture
async def thread(slack: SlackServer) -> Address:
    return f"slack:T1:C1:{slack.say('Should we move?').ts}"


async def test_it_is_whole_in_a_canvas_and_begins_in_the_thread(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    await chat.show(thread, POST, KEY, None, False)
    (post,) = slack.space.posts()
    (canvas,) = slack.api.documents.canvases.values()
    assert canvas["channels"] == ["C1"]
    assert [n for n in range(60) if f"Paragraph {n}:" not in canvas["markdown"]] == []
    assert "<!channel>" not in canvas["markdown"]
    assert "[a link](" not in canvas["markdown"]
    shown = str(post["blocks"])
    assert [n for n in range(60) if f"Paragraph {n}:" in shown] == [0, 1, 2]
    assert [n for n in range(60) if f"Paragraph {n}:" not in post["text"]] == []
    assert "<!channel>" not in post["text"]
    assert "https://analytical.slack.com/docs/T1/F0CANVAS1" in post["text"]
    assert "the foot" in post["text"]
    assert "The whole answer (" in post["text"]


@pytest.mark.parametrize("canvases", [True, False])
async def test_its_plain_text_says_where_the_rest_is_however_little_of_it_slack_takes(
    chat: SlackChat, slack: SlackServer, thread: Address, canvases: bool
) -> None:
    slack.fault("chat.postMessage", times=len(ROOMS) - 1, error="msg_too_long")
    if not canvases:
        slack.fault("canvases.create", error="canvas_disabled_user_team")
    await chat.show(thread, POST, KEY, None, False)
    first, *_ = slack.space.posts()
    assert (
        f"The whole answer ({len(WHOLE):,} characters) is in {'a canvas' if canvases else 'the file'}" in first["text"]
    )


async def test_without_canvases_it_is_a_file_under_its_beginning(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("canvases.create", times=2, error="canvas_disabled_user_team")
    await chat.show(thread, POST, KEY, None, False)
    post, file = slack.space.posts()
    (upload,) = slack.api.documents.uploads.values()
    assert "dexter-k3f9x2mqabcd-answer.md" in post["text"]
    assert (file["thread_ts"], file["files"][0]["name"]) == (thread.split(":")[3], "dexter-k3f9x2mqabcd-answer.md")
    assert "Paragraph 59:" in upload["content"]
    await chat.show(thread, POST, "another:answer", None, False)
    assert [m for m, _ in slack.api.calls].count("canvases.create") == 1


async def test_without_canvases_and_files_it_goes_on_in_further_messages(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("canvases.create", error="missing_scope")
    slack.fault("files.getUploadURLExternal", error="missing_scope")
    await chat.show(thread, POST, KEY, None, False)
    posts = slack.space.posts()
    assert len(posts) > 2
    assert [n for n in range(60) if f"Paragraph {n}:" not in str(posts)] == []


@pytest.mark.parametrize("lost", ["chat.postMessage", "files.completeUploadExternal", "files.getUploadURLExternal"])
async def test_what_broke_half_way_is_completed_and_not_doubled(
    chat: SlackChat, slack: SlackServer, thread: Address, lost: str
) -> None:
    slack.fault("canvases.create", times=2, error="canvas_disabled_user_team")
    slack.fault(lost, lost=True)
    with pytest.raises(TryLater):
        await chat.show(thread, POST, KEY, None, False)
    ts = await chat.show(thread, POST, KEY, None, True)
    post, file = slack.space.posts()
    assert post["ts"] == ts
    assert file["files"]


async def test_a_canvas_is_made_once_however_often_its_post_is_tried(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("chat.postMessage", lost=True)
    with pytest.raises(TryLater):
        await chat.show(thread, POST, KEY, None, False)
    await chat.show(thread, POST, KEY, None, True)
    assert len(slack.space.posts()) == len(slack.api.documents.canvases) == 1
