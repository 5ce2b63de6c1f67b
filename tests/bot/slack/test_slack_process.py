"""Processes: the fake Slack server by itself, as kill tests use it, and Dexter behind its HTTP door."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp

from bot.shapes import plain
from tests.bot.slack.conftest import Desk
from tests.doubles import house
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_http import slack_over_http


async def test_the_server_runs_by_itself_and_is_driven_over_http() -> None:
    desk = Desk()
    desk.says(plain("Because."))
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doubles.slack_server", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout
        base = (await asyncio.wait_for(server.stdout.readline(), 30)).decode().strip()
        control = base.replace("/api/", "/control/")
        chat = SlackChat("xoxb-1", "xapp-1", base, pace=0.01)
        await chat.start(desk)
        async with aiohttp.ClientSession() as http, asyncio.timeout(30):
            said = await (await http.post(control + "say", json={"text": "<@UDEXTER> why?"})).json()
            await http.post(control + "redeliver", json={"envelope": said["envelope"]})
            transcript = ""
            while "Because." not in transcript:
                transcript = await (await http.get(control + "transcript", params={"channel": "C1"})).text()
            messages = await (await http.get(control + "messages", params={"channel": "C1"})).json()
            state = await (await http.get(control + "state")).json()
        await chat.stop()
        assert [m["thread_ts"] for m in messages if m["user"] == "UDEXTER"] == [said["ts"]]
        assert state["connected"]
        assert state["acked"][said["envelope"]]
    finally:
        server.terminate()
        await server.wait()


async def test_dexter_run_serves_slack_over_http_says_that_it_is_ready_and_stops_cleanly(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with slack_over_http("planted-signing-secret") as slack:
        base = f"http://127.0.0.1:{unused_tcp_port}"
        slack.url = f"{base}/slack/events"
        own = {k: v for k, v in os.environ.items() if not k.startswith(("DEXTER_", "SLACK_", "DISCORD_"))}
        tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "planted-signing-secret"}
        where = {"DEXTER_SLACK__BASE_URL": slack.base_url, "DEXTER_SLACK__HTTP__PORT": str(unused_tcp_port)}
        log = tmp_path / "log.txt"
        with log.open("wb") as said:
            dexter = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(house.settings(tmp_path))),
                stdout=said, stderr=said, env={**own, **tokens, **where},
            )  # fmt: skip
        try:
            async with aiohttp.ClientSession() as http, asyncio.timeout(60):
                while not await _answers(http, f"{base}/readyz"):
                    assert dexter.returncode is None, log.read_text()
                    await asyncio.sleep(0.05)
                await slack.command("patterns").acked.wait()
                while not slack.space.posts():
                    await asyncio.sleep(0.01)
            dexter.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(dexter.wait(), 30) == 0
        finally:
            if dexter.returncode is None:
                dexter.kill()
                await dexter.wait()
    assert "planted-signing-secret" not in log.read_text()
    assert "Traceback" not in log.read_text()


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
