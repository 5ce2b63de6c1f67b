"""Dexter killed between taking a question from Discord and acknowledging it: the run goes on and posts its answer."""

import sys
from pathlib import Path

from tests.doubles.discord_desk import ANNA, text
from tests.doubles.discord_server import CHANNEL, TOKEN, DiscordServer
from tests.doubles.model_server import ModelServer
from tests.kills.driver import Workers, until

CONFIG = """
home = "{home}"
[discord]
base_url = "{rest}"
gateway_url = "{gateway}"
[models.bases]
"openai/" = "{models}"
[committees.default]
pattern = "panel"
chair = "ada"
"""
MEMBER = '[[committees.default.members]]\nname = "{name}"\nmodel = "openai/{name}"\nrole = "analyst"\n'


async def test_a_question_whose_acknowledgement_a_kill_prevented_is_answered_all_the_same(tmp_path: Path) -> None:
    models = ModelServer(latency=0.5)
    async with DiscordServer().running() as server:
        await models.start()
        config = tmp_path / "dexter.toml"
        where = {"home": tmp_path, "rest": server.base_url, "gateway": server.gateway_url, "models": models.openai}
        config.write_text(CONFIG.format(**where) + "".join(MEMBER.format(name=each) for each in ("ada", "bob", "cleo")))
        command = [sys.executable, "-m", "bot", "run", f"--config={config}"]
        environment = {"DISCORD_TOKEN": TOKEN, "OPENAI_API_KEY": "none"}
        workers = Workers(command, tmp_path, ready="listening", environment=environment)
        try:
            first = await workers.start()
            server.fault("POST", "/callback", silent=True)
            asked = await server.slash(ANNA, "ask", question="Should we move?")

            async def at_work() -> bool:
                return models.served > 0

            await until(at_work, 60)
            await workers.kill(first)
            assert not asked.callbacks
            await workers.start()
            (thread,) = await server.until(server.threads, 60)
            answers = await server.until(lambda: [row for row in server.posts(thread) if "Details" in str(row)], 60)
        finally:
            await workers.stop()
            await models.stop()
    assert len(answers) == 1
    assert "Should we move?" in text(server.posts(CHANNEL)[0])
    assert len(server.posts(CHANNEL)) == 1
    assert [call.method for call in server.rest.calls if call.path.endswith("/commands")] == ["GET", "PUT"]
