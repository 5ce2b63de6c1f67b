"""Images on their way to providers: in each wire format, on both paths, and only to models that see."""

import base64

import pytest

from core.adapters.litellm_model import LitellmModel
from core.adapters.models import Models
from core.entities import Image
from core.ports import Message, Prompt
from tests.doubles.model_server import ModelServer, Turn

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
PICTURE = Image(media="image/png", data=PIXEL, width=750, height=100)
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": False}


def prompt(model, **more):
    messages = (Message(role="system", content="You see."), Message(role="user", content="What?", images=(PICTURE,)))
    return Prompt(model=model, messages=messages, **more)


@pytest.fixture(params=["direct", "library"])
async def asked(request, monkeypatch):
    """Return a function that asks a model of a provider's, and returns the body of the request that it came to."""
    async with ModelServer() as server:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
            monkeypatch.setenv(name, "sk-none")
        bases = {"openai/": server.openai, "anthropic/": server.anthropic, "ollama/": server.ollama}
        model = LitellmModel(bases, path=request.param)

        async def ask(name, **more):
            reply = await model.complete(prompt(name, **more))
            assert reply.text
            return server.requests[-1][2]

        yield ask
        await model.aclose()


@pytest.mark.parametrize("more", [{}, {"reply_schema": SCHEMA}])
async def test_openai_gets_the_image_as_a_part_behind_the_text(asked, more):
    parts = (await asked("openai/gpt-4o", **more))["messages"][-1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url"]
    assert parts[0]["text"].startswith("What?")
    assert parts[1]["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"


async def test_anthropic_gets_the_image_as_its_own_kind_of_block(asked):
    parts = (await asked("anthropic/claude-sonnet-4-5"))["messages"][-1]["content"]
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    assert [part["type"] for part in parts] == ["text", "image"]
    assert parts[1]["source"] == source


async def test_ollama_gets_the_image_beside_the_text(asked):
    (message,) = [m for m in (await asked("ollama/llava"))["messages"] if m["role"] == "user"]
    assert message["images"] == [PIXEL]
    assert "What?" in message["content"]


@pytest.mark.parametrize(
    ("name", "sees"),
    [("openai/gpt-4o", True), ("anthropic/claude-sonnet-4-5", True), ("gemini/gemini-2.5-flash", True),
     ("openai/gpt-3.5-turbo", False), ("ollama/llava", False), ("mine/unknown", False),
     ("nobody-knows-this", False), ("mine/llava", True), ("local/qwen2.5-coder-0.5b", False), ("scripted/x", False)],
)  # fmt: skip
async def test_who_sees_is_known_or_set(name, sees):
    models = Models(LitellmModel({"mine/": "http://127.0.0.1:9/v1"}), seeing=["mine/llava"])
    assert await models.sees(name) is sees
    await models.aclose()


async def test_an_image_is_weighed_by_its_pixels_where_the_provider_does_not_count(asked):
    async with ModelServer() as server:
        message = b'{"role":"assistant","content":"a"}'
        body = b'{"choices":[{"index":0,"message":%s,"finish_reason":"stop"}],"model":"m"}' % message
        server.turns.append(Turn(body=body))
        model = LitellmModel({"mine/": server.openai})
        reply = await model.complete(prompt("mine/eye"))
        assert reply.prompt_tokens == 750 * 100 // 750 + len("You see.") // 4 + len("What?") // 4
        await model.aclose()
