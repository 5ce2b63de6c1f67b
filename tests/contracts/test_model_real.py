"""Three wire formats with a real model behind them: llama.cpp speaks two, and a proxy before it speaks Ollama's."""

import asyncio
import os
import socket
import sys

import httpx
import pytest
import pytest_asyncio

from bot.settings import Settings
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import SMALL, SMOKE, LocalModels
from core.adapters.models import Models
from core.adapters.weights import Weights
from core.errors import ModelRejected, ModelTimeout, ModelUnreachable
from core.ports import Message, Prompt

pytestmark = [
    pytest.mark.model,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning"),
]
NAMES = {
    "openai": f"openai/{SMOKE}",
    "anthropic": f"anthropic/{SMOKE}",
    "ollama": f"ollama/llama/{SMOKE}",
    "local": f"local/{SMOKE}",
}
LONG = 400
"""Tokens that take seconds to write; no more, because the proxy lets the server write on after its client has left."""
COLOUR = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory):
    """A llama.cpp server of the smoke test's model."""
    settings = Settings().models
    path = Weights(settings.cache, settings.weights).present(SMOKE)
    if path is None:
        what = f"the weights {SMOKE} are not in {settings.cache}: `make test` fetches them"
        pytest.fail(what) if os.environ.get("CI") else pytest.skip(what)
    there = {name: Weights(settings.cache, settings.weights).present(name) for name in (SMOKE, SMALL)}
    given = {name: path for name, path in there.items() if path is not None}
    weights = Weights(tmp_path_factory.mktemp("cache"), given, hub_url="")
    servers = LocalModels(weights, threads=2, context=4096, parallel=2)
    yield servers
    await servers.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bases(servers, tmp_path_factory):
    """Where each format is spoken."""
    base = await servers.base(SMOKE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PROVIDERS_LLAMA_BASE_URL": base, "PROVIDERS_LLAMA_API_KEY": "none"}
    proxy = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ollama_proxy", "--host", "127.0.0.1", "--port", str(port), env=environment,
        cwd=tmp_path_factory.mktemp("proxy"), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(url, proxy)
        yield {"openai/": base, "anthropic/": base.removesuffix("/v1"), "ollama/": url}
    finally:
        if proxy.returncode is None:
            proxy.terminate()
        await proxy.wait()


async def _ready(url, proxy):
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while proxy.returncode is None:
            try:
                (await client.get(f"{url}/health")).raise_for_status()
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    pytest.fail("the proxy ended")


WORLDS = [f"{path} {wire}" for path in ("direct", "library") for wire in NAMES]


@pytest_asyncio.fixture(loop_scope="module", params=WORLDS)
async def world(request, servers, bases):
    """A model and the name to call it by, on each path and format."""
    path, wire = request.param.split()
    model = Models(LitellmModel(bases, path=path), local=servers)
    yield model, NAMES[wire]
    await model.aclose()


def ask(name, text, **more):
    return Prompt(
        model=name, messages=(Message(role="user", content=text),), **{"timeout": 90, "temperature": 0} | more
    )


async def test_a_real_model_answers(world):
    model, name = world
    done = await model.complete(ask(name, "What is the capital of France?", max_tokens=24))
    assert len(done.text.split()) > 3  # so small a model talks, but knows little
    assert done.prompt_tokens > 0
    assert 0 < done.completion_tokens <= 24
    assert done.provider == name.partition("/")[0]
    assert done.cost == (0.0 if name.startswith(("local/", "ollama/")) else None)


async def test_a_real_model_streams(world):
    model, name = world
    heard = []
    done = await model.complete(ask(name, "What is the capital of France?", max_tokens=24), heard.append)
    assert "".join(heard) == done.text
    assert len(heard) > 2
    assert 0 < done.first_token_seconds < done.seconds
    assert done.completion_tokens > 0


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_real_model_keeps_a_schema(world, streamed):
    model, name = world
    if name.startswith("anthropic/"):
        pytest.skip("over Anthropic's format llama.cpp holds a model to no schema; see the next test")
    question = ask(name, 'Is the sky red or blue? Reply as {"colour": "…"}.', max_tokens=40, reply_schema=COLOUR)
    done = await model.complete(question, (lambda _: None) if streamed else None)
    assert done.data["colour"] in ("red", "blue")


@pytest.mark.parametrize("path", ["direct", "library"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_real_model_keeps_a_schema_that_it_is_told_in_words(servers, path, streamed):
    settings = Settings().models
    if Weights(settings.cache, settings.weights).present(SMALL) is None:
        pytest.skip(f"the weights {SMALL} are not in {settings.cache}")
    model = LitellmModel({"anthropic/": (await servers.base(SMALL)).removesuffix("/v1")}, path=path)
    question = ask(f"anthropic/{SMALL}", "Is the sky red or blue?", max_tokens=60, reply_schema=COLOUR)
    done = await model.complete(question, (lambda _: None) if streamed else None)
    assert done.data["colour"] in ("red", "blue")
    await model.aclose()


async def test_a_real_model_can_be_cancelled_half_way_and_asked_again(world):
    model, name = world
    heard = asyncio.Event()
    story = ask(name, "Write a very long story about the sea.", max_tokens=LONG)
    call = asyncio.create_task(model.complete(story, lambda _: heard.set()))
    await asyncio.wait_for(heard.wait(), 60)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await model.complete(ask(name, "Say yes.", max_tokens=4))).text


async def test_a_real_model_that_is_too_slow_is_a_timeout(world):
    model, name = world
    with pytest.raises(ModelTimeout):
        await model.complete(ask(name, "Write a very long story about the sea.", max_tokens=LONG, timeout=1.0))


async def test_a_prompt_beyond_the_context_is_rejected(world):
    model, name = world
    if name.startswith("ollama/"):
        pytest.skip("the proxy reports every failure as its own")
    with pytest.raises(ModelRejected, match="too long"):
        await model.complete(ask(name, "word " * 9000))


@pytest.mark.parametrize("path", ["direct", "library"])
@pytest.mark.parametrize("name", ["openai/gone", "anthropic/gone", "ollama/gone"])
async def test_a_server_that_is_not_there_is_unreachable(name, path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    prefix = name.removesuffix("gone")
    model = LitellmModel({prefix: url + "/v1" if prefix == "openai/" else url}, path=path)
    with pytest.raises(ModelUnreachable):
        await model.complete(ask(name, "Anyone?"))
    await model.aclose()
