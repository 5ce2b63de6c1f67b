"""The door for signed requests, in front of a real HTTP server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.server import Server
from bot.shapes import Post, Request, plain
from bot.slack.chat import Slack
from bot.slack.http import LARGEST, HttpDoor, Ready
from bot.slack.installs import Installed, Installs, OneToken
from bot.slack.intake import Intake
from bot.slack.workspaces import Workspaces
from core.errors import Misconfigured, Unavailable
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_http import JSON, Signer, SlackOverHttp, body_of, slack_over_http

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Readiness:
    """Whether the database answers."""

    def __init__(self) -> None:
        self.well = True

    async def __call__(self) -> None:
        if not self.well:
            raise Unavailable("The database does not answer.")


@asynccontextmanager
async def opened(
    server: SlackOverHttp, desk: Desk, ready: Ready | None = None, installs: Installs | None = None
) -> AsyncIterator[str]:
    """Give the address of Dexter, which `server` posts to."""
    http = Server("127.0.0.1", 0, "slack.http", most=100)
    door = HttpDoor(SECRET, http, ready or Readiness())
    chat = Slack(door, Workspaces(installs or OneToken("xoxb-1"), server.base_url), Intake(), pace=0.01)
    await chat.start(desk)
    base = f"http://127.0.0.1:{http.port}"
    server.url = f"{base}/slack/events"
    try:
        yield base
    finally:
        await chat.stop()


@pytest.fixture
async def slack() -> AsyncIterator[SlackOverHttp]:
    async with slack_over_http(SECRET, retry_seconds=0.05) as server:
        yield server


@pytest.fixture
def ready() -> Readiness:
    return Readiness()


@pytest.fixture
async def dexter(slack: SlackOverHttp, desk: Desk, ready: Readiness) -> AsyncIterator[str]:
    async with opened(slack, desk, ready) as base:
        yield base


async def state(base: str, path: str = "/readyz") -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as http, http.get(base + path) as answer:
        return answer.status, await answer.json()


def event(text: str = "<@UDEXTER> hello", id: str = "Ev1") -> bytes:
    inner = {"type": "app_mention", "user": "U1", "channel": "C1", "text": text, "ts": "1.1"}
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": id, "event": inner}).encode()


async def test_mentions_commands_and_presses_come_in_as_they_do_over_a_socket(
    dexter: str, slack: SlackOverHttp, desk: Desk
) -> None:
    desk.says(plain("Hello, and <welcome>."))
    mention = slack.say("<@UDEXTER> hi")
    command = slack.command("status")
    for sent in (mention, command):
        await asyncio.wait_for(sent.acked.wait(), 10)
    assert sorted(request.text for request in desk.requests) == ["hi", "status"]
    assert {request.address for request in desk.requests} == {f"slack:T1:C1:{mention.ts}", "slack:T1:C1"}
    async with asyncio.timeout(10):
        while len(slack.space.posts()) < 2:
            await asyncio.sleep(0.01)


async def test_slack_is_shown_that_the_address_is_dexters(dexter: str, slack: SlackOverHttp) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}).encode()
    done = await slack.post(body, slack.signer.headers(body))
    assert (done.status, json.loads(done.answer)) == (200, {"challenge": "3eZbrw1a"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, "signature"),
        ({"X-Slack-Signature": ""}, "signature"),
        ({"X-Slack-Signature": "v0=\xe9"}, "signature"),
        ({"X-Slack-Request-Timestamp": "soon"}, "signature"),
        ({"X-Slack-Request-Timestamp": "-1"}, "signature"),
    ],
)
async def test_what_slack_has_not_signed_is_refused_and_counted(
    dexter: str, slack: SlackOverHttp, desk: Desk, change: dict[str, str], reason: str
) -> None:
    body = event()
    done = await slack.post(body, slack.signer.headers(body) | change)
    assert done.status == 401
    assert desk.requests == []
    _, told = await state(dexter)
    assert told["refused"] == {"signature": 0, "old": 0, "replayed": 0} | {reason: 1}


async def test_a_time_that_was_not_signed_is_refused_and_counted(dexter: str, slack: SlackOverHttp, desk: Desk) -> None:
    body = event()
    signed = slack.signer.headers(body)
    done = await slack.post(body, signed | {"X-Slack-Request-Timestamp": str(int(time.time()) - 1)})
    assert done.status == 401
    assert desk.requests == []
    _, told = await state(dexter)
    assert told["refused"] == {"signature": 1, "old": 0, "replayed": 0}


@pytest.mark.parametrize("seconds", [-301, 301, -10_000_000])
async def test_a_request_that_is_old_or_ahead_of_time_is_refused(
    dexter: str, slack: SlackOverHttp, desk: Desk, seconds: int
) -> None:
    body = event()
    done = await slack.post(body, slack.signer.headers(body, at=int(time.time()) + seconds))
    assert (done.status, desk.requests) == (401, [])
    assert (await state(dexter))[1]["refused"] == {"signature": 0, "old": 1, "replayed": 0}


async def test_another_secrets_signature_is_refused(dexter: str, slack: SlackOverHttp, desk: Desk) -> None:
    body = event()
    assert (await slack.post(body, Signer("another").headers(body))).status == 401


async def test_a_request_that_is_played_again_is_refused(dexter: str, slack: SlackOverHttp, desk: Desk) -> None:
    body = event()
    headers = slack.signer.headers(body)
    assert [(await slack.post(body, headers)).status for _ in range(3)] == [200, 401, 401]
    assert len(desk.requests) == 1
    assert (await state(dexter))[1]["refused"] == {"signature": 0, "old": 0, "replayed": 2}


async def test_slacks_retry_of_an_event_carries_the_same_key(dexter: str, slack: SlackOverHttp, desk: Desk) -> None:
    desk.says(plain("Once."))
    body, now = event(), int(time.time())
    for attempt in range(3):
        headers = slack.signer.headers(body, at=now - attempt) | {"X-Slack-Retry-Num": str(attempt)}
        assert (await slack.post(body, headers)).status == 200
    assert len({request.key for request in desk.requests}) == 1


class Away(OneToken):
    """Installations in a database that does not answer at first."""

    times = 2

    async def find(self, team: str, enterprise: str | None = None) -> Installed | None:
        self.times -= 1
        if self.times >= 0:
            raise Unavailable("The database does not answer.")
        return await super().find(team, enterprise)


async def test_what_could_not_be_taken_is_asked_for_again_even_with_the_same_signature(
    slack: SlackOverHttp, desk: Desk
) -> None:
    async with opened(slack, desk, installs=Away("xoxb-1")):
        body = event()
        headers = slack.signer.headers(body)
        assert [(await slack.post(body, headers)).status for _ in range(4)] == [503, 503, 200, 401]
    assert len(desk.requests) == 1


async def test_a_large_body_is_not_read(dexter: str, slack: SlackOverHttp, desk: Desk) -> None:
    body = event("x" * LARGEST)
    assert (await slack.post(body, slack.signer.headers(body))).status == 413

    async def piecemeal() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 50_000 + 2):
            yield b"x" * 50_000

    async with aiohttp.ClientSession() as http, http.post(slack.url, data=piecemeal()) as answer:
        assert answer.status == 413
    assert desk.requests == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"payload=%7B", b"payload=[1]"])
async def test_nonsense_that_slack_has_signed_breaks_nothing(
    dexter: str, slack: SlackOverHttp, desk: Desk, body: bytes
) -> None:
    for kind in (JSON, "application/x-www-form-urlencoded"):
        done = await slack.post(body, slack.signer.headers(body, kind, int(time.time()) - (kind == JSON)))
        assert done.status < 500
    assert (await state(dexter, "/healthz")) == (200, {"live": True})


async def test_health_tells_whether_database_and_outbox_answer(dexter: str, ready: Readiness) -> None:
    assert (await state(dexter))[0] == 200
    ready.well = False
    status, told = await state(dexter)
    assert (status, told["ready"], told["why"]) == (503, False, "Unavailable")
    assert (await state(dexter, "/healthz")) == (200, {"live": True})


async def test_nothing_else_is_served(dexter: str, slack: SlackOverHttp) -> None:
    async with aiohttp.ClientSession() as http:
        for method, path, status in (
            ("GET", "/slack/events", 405), ("GET", "/", 404), ("GET", "/slack/install", 404), ("POST", "/readyz", 405),
        ):  # fmt: skip
            async with http.request(method, dexter + path) as answer:
                assert answer.status == status


async def test_what_is_in_hand_is_answered_before_the_end(slack: SlackOverHttp, desk: Desk) -> None:
    gate = asyncio.Event()
    came = asyncio.Event()

    async def slow(_request: Request) -> Post | None:
        came.set()
        await gate.wait()
        return None

    desk.answer = slow
    async with opened(slack, desk) as base:
        sent = slack.say("<@UDEXTER> hi")
        await asyncio.wait_for(came.wait(), 10)
        asyncio.get_running_loop().call_later(0.3, gate.set)
    await asyncio.wait_for(sent.acked.wait(), 10)
    with pytest.raises(aiohttp.ClientError):
        await state(base, "/healthz")


async def test_an_address_that_is_taken_is_a_sentence_that_names_the_setting(dexter: str, slack: SlackOverHttp) -> None:
    port = int(dexter.rpartition(":")[2])
    chat = Slack(
        HttpDoor(SECRET, Server("127.0.0.1", port, "slack.http", most=100), Readiness()),
        Workspaces(OneToken("xoxb-1"), slack.base_url),
        Intake(),
    )
    with pytest.raises(Misconfigured, match=r"slack\.http\.port"):
        await chat.start(Desk())


def test_bodies_are_as_slack_posts_them() -> None:
    assert body_of("slash_commands", {"text": "a b"})[0] == b"text=a+b"
    assert body_of("interactive", {"a": 1})[0] == b"payload=%7B%22a%22%3A+1%7D"
