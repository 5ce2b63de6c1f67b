"""The fake Slack server as a process of its own, as kill tests use it."""

import asyncio
import sys

import aiohttp

from bot.shapes import plain
from bot.slack.chat import SlackChat
from tests.bot.slack.conftest import Desk


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
