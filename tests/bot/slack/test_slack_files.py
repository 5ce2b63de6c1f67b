"""Files attached to a message in Slack: read as text, fetched with a token that goes nowhere else."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.settings import Documents
from bot.shapes import Attachment, Request
from bot.slack.api import client
from bot.slack.files import Files
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_files import Kept
from tests.doubles.slack_server import Envelope, SlackServer, slack_server

USUAL = Documents()
NOTES = "Grüße, und 3 < 4\n".encode()


async def asked(slack: SlackServer, desk: Desk, *files: Kept | dict[str, Any], **more: Any) -> Request:
    """Ask with files attached, and return what reaches the handler."""
    rows = [file.row if isinstance(file, Kept) else file for file in files]
    sent = slack.say("<@UDEXTER> ask Why?", files=rows, **more)
    await asyncio.wait_for(sent.acked.wait(), 10)
    (request,) = desk.requests
    assert request.text == "ask Why?"
    return request


def unread(request: Request) -> list[str]:
    """Return what is said about files that could not be read, in English."""
    return [str(sentence) for sentence in request.unread]


@pytest.mark.parametrize("subtype", [None, "file_share"])
@pytest.mark.parametrize("channel", ["C1", "DU1"])
async def test_a_file_comes_along_as_text(
    chat: SlackChat, slack: SlackServer, desk: Desk, channel: str, subtype: str | None
) -> None:
    more = {"subtype": subtype} if subtype else {}
    request = await asked(slack, desk, slack.file("notes.md", NOTES), channel=channel, **more)
    assert request.attachments == (Attachment("notes.md", NOTES.decode()),)
    assert request.unread == ()
    assert slack.files.asked == ["Bearer xoxb-1"]


async def test_what_cannot_be_read_is_named_and_the_question_goes_on(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    request = await asked(
        slack,
        desk,
        slack.file("blob", b"\x89PNG\0", "application/octet-stream"),
        slack.file("said.log", b"x", size=USUAL.bytes + 1),
        slack.file("real.log", b"x" * (USUAL.bytes + 1), size=10),
        slack.file("talk.mp3", b"ID3", "audio/mpeg"),
        slack.file("a.md", NOTES),
        *(slack.file(f"{number}.md", NOTES) for number in range(USUAL.count)),
    )
    assert "a.md" in [file.name for file in request.attachments]
    about = " ".join(unread(request))
    for name in ("blob", "said.log", "real.log", "talk.mp3", f"{USUAL.count - 1}.md"):
        assert name in about


async def test_the_token_is_sent_to_no_other_host(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    async with slack_server() as other:
        foreign = other.file("drive.txt", NOTES)
        same_port_elsewhere = foreign.row["url_private"].replace("127.0.0.1", "localhost")
        request = await asked(
            slack,
            desk,
            foreign,
            foreign.row | {"name": "named.txt", "url_private_download": same_port_elsewhere},
            foreign.row | {"name": "user.txt", "url_private_download": _as_user(foreign, slack)},
        )
        assert other.files.asked == []
    assert request.attachments == ()
    assert [sentence.split(" is kept outside Slack")[0] for sentence in unread(request)] == [
        "drive.txt",
        "named.txt",
        "user.txt",
    ]


def _as_user(foreign: Kept, slack: SlackServer) -> str:
    """An address that only looks as if it were Slack's."""
    return str(foreign.row["url_private"]).replace("http://", f"http://127.0.0.1%3A{slack.port}@")


async def test_a_redirect_does_not_carry_the_token_away(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    async with slack_server() as other:
        sent_away, there = slack.file("a.txt", NOTES), slack.file("b.txt", NOTES)
        sent_away.location = other.file("a.txt", NOTES).row["url_private"]
        there.location = slack.file("c.txt", NOTES).row["url_private"]
        request = await asked(slack, desk, sent_away, there)
        assert other.files.asked == []
    assert [file.name for file in request.attachments] == ["b.txt"]
    assert "did not hand over a.txt" in unread(request)[0]


@pytest.mark.parametrize(
    "address",
    [*("", "http://[", "file:///etc/passwd", "//files.slack.com/x", "http:///x"), "https://files.slack.com\\@e.vil/x"],
)
async def test_an_address_that_is_none_is_not_asked(
    chat: SlackChat, slack: SlackServer, desk: Desk, address: str
) -> None:
    gone = {"id": "F9", "name": "gone.txt", "mode": "tombstone", "url_private": address}
    request = await asked(slack, desk, gone, slack.file("a.md", NOTES))
    assert [file.name for file in request.attachments] == ["a.md"]
    assert "gone.txt" in unread(request)[0]


async def test_a_loop_of_redirects_ends(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    loop = slack.file("a.txt", NOTES)
    loop.location = loop.row["url_private"]
    request = await asked(slack, desk, loop)
    assert len(slack.files.asked) == 4
    assert "did not hand over a.txt" in unread(request)[0]


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
async def test_a_login_page_is_not_taken_for_the_file(
    chat: SlackChat, slack: SlackServer, desk: Desk, kind: str
) -> None:
    slack.files.scoped = False
    request = await asked(slack, desk, slack.file("page.html", b"<p>Hello</p>", kind))
    assert request.attachments == ()
    assert "files:read" in unread(request)[0]


async def test_a_page_that_somebody_attached_is_read(chat: SlackChat, slack: SlackServer, desk: Desk) -> None:
    request = await asked(slack, desk, slack.file("page.html", b"<p>Hello</p>", "text/html"))
    assert [(file.name, file.text) for file in request.attachments] == [("page.html", "<p>Hello</p>")]


async def test_of_a_file_from_another_company_slack_tells_more_when_asked(
    chat: SlackChat, slack: SlackServer, desk: Desk
) -> None:
    bare = {"id": slack.file("plan.md", NOTES).row["id"], "mode": "file_access", "file_access": "check_file_info"}
    request = await asked(slack, desk, bare, bare | {"id": "F404"})
    assert request.attachments == (Attachment("plan.md", NOTES.decode()),)
    assert "F404" in unread(request)[0]


async def test_a_file_host_that_hangs_costs_a_bounded_time(slack: SlackServer) -> None:
    stuck = slack.file("slow.txt", NOTES)
    stuck.gate = asyncio.Event()
    web = client("xoxb-1", slack.base_url)
    async with aiohttp.ClientSession() as web.session:
        found = await Files(web, seconds=0.2).read({"files": [stuck.row]})
    assert found.files == ()
    assert [str(sentence) for sentence in found.unread] == ["slow.txt did not arrive in time. Please attach it again."]


async def test_a_message_is_acknowledged_only_once_its_files_are_read_and_it_is_written_down(
    slack: SlackServer, desk: Desk
) -> None:
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url, acknowledge=0.1)
    await chat.start(desk)
    slow = slack.file("slow.txt", NOTES)
    slow.gate = asyncio.Event()
    sent = slack.say("<@UDEXTER> ask Why?", files=[slow.row])
    async with asyncio.timeout(10):
        while sent.attempt < 1:  # Slack has waited its time in vain, far beyond ours
            await asyncio.sleep(0.005)
    assert not sent.acked.is_set()
    assert desk.requests == []
    await _others_are_served(slack, desk)
    slow.gate.set()
    await asyncio.wait_for(sent.acked.wait(), 10)
    first = desk.requests[1]
    assert first.attachments == (Attachment("slow.txt", NOTES.decode()),)
    assert {request.key for request in desk.requests[1:]} == {first.key}
    await chat.stop()


async def _others_are_served(slack: SlackServer, desk: Desk) -> None:
    other: Envelope = slack.say("<@UDEXTER> help")
    await asyncio.wait_for(other.acked.wait(), 10)
    assert [request.text for request in desk.requests] == ["help"]
