"""Local models as they are run: real llama.cpp servers in real subprocesses, killed for real."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from bot.settings import Settings
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import LARGE, SMALL, SMOKE, LocalModels, fits
from core.adapters.models import LOCAL, Models
from core.adapters.supervised import Order, Supervised
from core.adapters.weights import Weights
from core.errors import Misconfigured, ModelTimeout, ModelUnreachable, NotFound
from core.ports import Message, Prompt

GIGABYTE = 1 << 30
CONTEXT = 2048


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    models = Settings().models
    path = Weights(models.cache, models.weights).present(SMOKE)
    if path is None:
        what = f"the weights {SMOKE} are not in {models.cache}: `make test` fetches them"
        pytest.fail(what) if os.environ.get("CI") else pytest.skip(what)
    return Weights(tmp_path_factory.mktemp("cache"), {SMOKE: path})


@pytest.fixture
async def models(weights: Weights) -> AsyncIterator[LocalModels]:
    models = LocalModels(weights, threads=1, context=CONTEXT, parallel=2)
    yield models
    await models.aclose()


async def say(base: str, words: str = "Say yes.") -> str:
    body = {"model": SMOKE, "messages": [{"role": "user", "content": words}], "max_tokens": 4}
    async with httpx.AsyncClient(timeout=60) as client:
        reply = await client.post(f"{base}/chat/completions", json=body)
    reply.raise_for_status()
    return str(reply.json()["choices"][0]["message"]["content"])


async def gone(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


@pytest.mark.model
async def test_a_local_model_answers_on_the_loopback_alone_and_only_to_who_knows_the_path(models: LocalModels) -> None:
    base = await models.base(SMOKE)
    assert base.startswith("http://127.0.0.1:")
    assert await say(base)
    root = base.removesuffix("/v1").rpartition("/")[0]
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{root}/v1/models")).status_code == 404
    addresses = {place.laddr.ip for place in psutil.Process(models.processes()[SMOKE]).net_connections("inet")}
    assert addresses == {"127.0.0.1"}


@pytest.mark.model
async def test_many_who_want_one_model_share_one_process(models: LocalModels) -> None:
    bases = await asyncio.gather(*(models.base(SMOKE) for _ in range(5)))
    await models.warm([SMOKE, SMOKE])
    assert len(set(bases)) == 1
    assert len(models.processes()) == 1


@pytest.mark.model
@pytest.mark.kill
async def test_a_model_killed_with_9_is_started_again(models: LocalModels) -> None:
    first = await models.base(SMOKE)
    for _ in range(2):
        pid = models.processes()[SMOKE]
        os.kill(pid, signal.SIGKILL)
        while models.processes().get(SMOKE) == pid:
            await asyncio.sleep(0.02)
        assert await say(await models.base(SMOKE))
        assert models.processes()[SMOKE] != pid
    assert await models.base(SMOKE) != first


def about(seconds: float, tokens: int = 4) -> Prompt:
    words = Message(role="user", content="Tell a long story.")
    return Prompt(model=LOCAL + SMOKE, messages=(words,), max_tokens=tokens, timeout=seconds)


@pytest.mark.model
async def test_a_model_that_stands_still_is_ended_and_started_again(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.adapters.standstill._LONG", 0.5)
    model = Models(LitellmModel(), local=models)
    await model.complete(about(60))
    pid = models.processes()[SMOKE]
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ModelTimeout):
        await model.complete(about(1.0))
    async with asyncio.timeout(60):
        while models.processes().get(SMOKE) == pid:  # a dead process is one thing, to have noticed it another
            await asyncio.sleep(0.02)
    assert not psutil.pid_exists(pid)
    assert (await model.complete(about(60))).text
    await model.aclose()


@pytest.mark.model
async def test_a_model_that_is_at_work_when_its_time_is_over_is_left_alone(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.adapters.standstill._LONG", 0.5)
    model = Models(LitellmModel(), local=models)
    await model.complete(about(60))
    pid = models.processes()[SMOKE]
    with pytest.raises(ModelTimeout):
        await model.complete(about(1.0, tokens=1500))
    await asyncio.sleep(0.5)
    assert models.processes()[SMOKE] == pid
    await model.aclose()


@pytest.mark.model
async def test_closing_leaves_no_process(weights: Weights) -> None:
    models = LocalModels(weights, threads=1, context=CONTEXT)
    await models.base(SMOKE)
    pid = models.processes()[SMOKE]
    await models.aclose()
    assert not psutil.pid_exists(pid)


@pytest.mark.model
async def test_closing_while_a_model_loads_leaves_no_process(weights: Weights) -> None:
    models = LocalModels(weights, threads=1, context=CONTEXT)
    loading = asyncio.create_task(models.base(SMOKE))
    while not models.processes():
        await asyncio.sleep(0.01)
    pid = models.processes()[SMOKE]
    await models.aclose()
    assert not psutil.pid_exists(pid)
    with pytest.raises(ModelUnreachable):
        await loading


@pytest.mark.model
@pytest.mark.kill
async def test_a_model_ends_when_dexter_is_killed_with_9(weights: Weights, tmp_path: Path) -> None:
    program, path = tmp_path / "parent.py", await weights.fetch(SMOKE)
    program.write_text(
        textwrap.dedent(f"""
        import asyncio, pathlib, sys
        from core.adapters.local_models import LocalModels
        from core.adapters.weights import Weights

        async def main():
            models = LocalModels(
                Weights(pathlib.Path({str(tmp_path)!r}), {{{SMOKE!r}: pathlib.Path({str(path)!r})}}),
                threads=1, context={CONTEXT},
            )
            await models.base({SMOKE!r})
            print(models.processes()[{SMOKE!r}], file=sys.stderr, flush=True)
            await asyncio.sleep(100)

        asyncio.run(main())
        """)
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert parent.stderr is not None
    with parent, parent.stderr:
        pid = int(await asyncio.to_thread(parent.stderr.readline))
        assert psutil.pid_exists(pid)
        parent.kill()
        await gone(pid)


@pytest.mark.model
async def test_a_model_takes_no_key_of_dexters_environment_along(
    models: LocalModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    await models.base(SMOKE)
    environment = psutil.Process(models.processes()[SMOKE]).environ()
    assert "OPENAI_API_KEY" not in environment
    assert environment["OMP_WAIT_POLICY"] == "passive"


@pytest.mark.model
async def test_what_people_say_to_a_model_is_not_in_its_log(models: LocalModels, weights: Weights) -> None:
    await say(await models.base(SMOKE), "PLANTED words of a person")
    assert "PLANTED" not in (weights.cache / "logs" / f"{SMOKE}.log").read_text()


@pytest.mark.model
async def test_a_model_that_may_take_too_little_memory_is_given_up_and_says_so(
    weights: Weights, tmp_path: Path
) -> None:
    path = await weights.fetch(SMOKE)
    order = Order(name=SMOKE, path=str(path), prefix="/x", threads=1, context=16384, parallel=1, memory=64 << 20)
    model = Supervised(order, tmp_path / "model.log")
    with pytest.raises(ModelUnreachable, match=r"keeps dying .*model\.log"):
        await model.base()
    await model.aclose()


async def test_a_file_that_is_no_model_is_given_up_and_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(1000))
    models = LocalModels(Weights(tmp_path, {"mine": broken}), threads=1, context=CONTEXT)
    with pytest.raises(ModelUnreachable, match="The local model mine keeps dying"):
        await models.base("mine")
    await models.aclose()


async def test_an_interpreter_that_is_not_there_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    order = Order(name="m", path="x", prefix="/x", threads=1, context=512, parallel=1, memory=1 << 30)
    model = Supervised(order, tmp_path / "model.log", python=str(tmp_path / "python"))
    with pytest.raises(ModelUnreachable, match="it cannot be started: No such file"):
        await model.base()
    await model.aclose()


async def test_an_unknown_model_and_a_missing_file_are_named(tmp_path: Path) -> None:
    models = LocalModels(Weights(tmp_path, {"mine": tmp_path / "nowhere.gguf"}))
    with pytest.raises(NotFound, match="no weights called “gpt”"):
        await models.base("gpt")
    with pytest.raises(Misconfigured, match=r"nowhere\.gguf"):
        await models.base("mine")
    await models.aclose()


def test_the_large_model_sits_only_where_there_is_room() -> None:
    assert fits(available=8 * GIGABYTE) == [LARGE, SMALL]
    assert fits(available=4 * GIGABYTE - 1) == [SMALL]
    assert fits(small=True, available=64 * GIGABYTE) == [SMALL]
    assert set(fits()) <= {LARGE, SMALL}
