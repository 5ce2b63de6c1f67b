"""Files that a skill gives: shown in the thread of their post, once, and missed by nobody where Slack refuses them."""

import pytest

from bot.shapes import Address, TryLater
from tests.doubles.skill_gallery import POSTS
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer

POST = POSTS["skill_run_files"]
KEY = "q7wz3kdm5yhs:answer"


@pytest.fixture
async def thread(slack: SlackServer) -> Address:
    return f"slack:T1:C1:{slack.say('skill run report-days').ts}"


def names(slack: SlackServer) -> list[str]:
    return [file["name"] for post in slack.space.posts() for file in post.get("files", ())]


async def test_files_come_below_their_post_in_its_thread(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    await chat.show(thread, POST, KEY, None, False)
    said, *files = slack.space.posts()
    assert "File: days.png" in said["text"]
    assert names(slack) == ["q7wz3kdm5yhs-days.png", "q7wz3kdm5yhs-days.csv"]
    assert {file["thread_ts"] for file in files} == {thread.split(":")[3]}


async def test_what_broke_half_way_is_completed_and_not_doubled(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("files.completeUploadExternal", status=500)
    with pytest.raises(TryLater):
        await chat.show(thread, POST, KEY, None, False)
    await chat.show(thread, POST, KEY, None, True)
    await chat.show(thread, POST, KEY, None, True)
    assert sorted(names(slack)) == ["q7wz3kdm5yhs-days.csv", "q7wz3kdm5yhs-days.png"]
    assert sum("File: days.png" in post["text"] for post in slack.space.posts()) == 1


async def test_an_edit_shows_no_file_again(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    message = await chat.show(thread, POST, KEY, None, False)
    await chat.show(thread, POST, KEY, message, False)
    assert len(names(slack)) == 2


async def test_where_files_are_refused_the_post_still_stands(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("files.getUploadURLExternal", error="missing_scope", times=2)
    await chat.show(thread, POST, KEY, None, False)
    (said,) = slack.space.posts()
    assert "File: days.csv" in said["text"]
