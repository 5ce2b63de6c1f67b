"""The router: who answers, how many at once, and what a local model that does not start amounts to."""

import asyncio

import pytest

from core.adapters.litellm_model import LitellmModel
from core.adapters.models import Models
from core.adapters.scripted_model import ScriptedModel
from core.errors import Misconfigured, ModelRejected, ModelUnreachable, Unavailable
from core.ports import Message, Prompt
from tests.doubles.model_server import ModelServer, Turn

SCHEMA = {"type": "object", "properties": {"vote": {"enum": ["A"]}}, "required": ["vote"]}


class Failing:
    """Local servers that do not start."""

    def __init__(self, error):
        self.error = error

    async def base(self, name):
        raise self.error


@pytest.fixture
async def server():
    async with ModelServer() as server:
        yield server


def ask(name, **more):
    return Prompt(model=name, messages=(Message(role="user", content="Which?"),), **more)


async def test_a_scripted_model_needs_a_script():
    with pytest.raises(ModelRejected, match="script"):
        await Models(LitellmModel()).complete(ask("scripted/ada"))
    model = Models(LitellmModel(), scripted=ScriptedModel({"ada": ["yes"]}))
    assert (await model.complete(ask("scripted/ada"))).text == "yes"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Unavailable("It does not start."), ModelUnreachable),
        (Misconfigured("It does not start."), ModelRejected),
        (ModelUnreachable("It does not start."), ModelUnreachable),
    ],
)
async def test_a_local_model_that_does_not_start_is_one_of_our_errors(error, kind):
    with pytest.raises(kind, match="It does not start"):
        await Models(LitellmModel(), local=Failing(error)).complete(ask("local/smol"))


async def test_local_models_that_are_not_installed_are_said_so():
    with pytest.raises(ModelRejected, match="not installed"):
        await Models(LitellmModel()).complete(ask("local/smol"))


async def test_what_exceeds_the_door_waits_and_is_served_without_an_error(server):
    server.latency = 0.01
    model = Models(LitellmModel({"mine/": server.openai}), concurrent=5)
    done = await asyncio.gather(*(model.complete(ask("mine/x")) for _ in range(60)))
    assert len(done) == server.served == 60
    assert server.peak <= 5
    await model.aclose()


async def test_who_is_cancelled_at_the_door_leaves_it_to_the_next(server):
    model = Models(LitellmModel({"mine/": server.openai}), concurrent=1)
    server.turns.append(Turn(silent=True))
    first = asyncio.create_task(model.complete(ask("mine/x")))
    await asyncio.wait_for(server.asked.wait(), 60)
    second = asyncio.create_task(model.complete(ask("mine/x")))
    await asyncio.sleep(0)
    for call in (second, first):
        call.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (await model.complete(ask("mine/x"))).text
    await model.aclose()


async def test_a_server_that_takes_no_schema_is_asked_in_words_from_then_on(server):
    model = LitellmModel({"mine/": server.openai})
    server.turns.append(Turn(status=400, message="response_format is not supported"))
    with pytest.raises(Exception, match="in words") as caught:
        await model.complete(ask("mine/x", reply_schema=SCHEMA))
    assert caught.value.retryable
    server.turns.append(Turn(text='I vote: {"vote": "A"}'))
    done = await model.complete(ask("mine/x", reply_schema=SCHEMA))
    assert done.data == {"vote": "A"}
    _, _, body = server.requests[-1]
    assert "response_format" not in body
    assert "JSON Schema" in body["messages"][-1]["content"]
    await model.aclose()


async def test_a_stream_that_ends_in_good_order_but_too_early_is_broken(server):
    model = LitellmModel({"mine/": server.openai})
    server.turns.append(Turn(ends_early=True))
    with pytest.raises(Exception, match="breaks off"):
        await model.complete(ask("mine/x"), lambda _: None)
    await model.aclose()


async def test_a_missing_key_is_said_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    model = LitellmModel()
    for name in ("openai/gpt-4o", "anthropic/claude-sonnet-4-5"):
        with pytest.raises(ModelRejected, match=r"set [A-Z]+_API_KEY"):
            await model.complete(ask(name))
    await model.aclose()
