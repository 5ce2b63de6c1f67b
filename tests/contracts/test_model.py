"""What every model must do, on every wire format and path; against a fake provider on a real socket."""

import asyncio
from contextlib import nullcontext

import pytest

from core.adapters.litellm_model import LitellmModel
from core.adapters.models import Models
from core.adapters.scripted_model import ScriptedModel
from core.errors import (
    ModelBroken,
    ModelBusy,
    ModelGarbage,
    ModelRefused,
    ModelRejected,
    ModelTimeout,
    ModelUnreachable,
)
from core.ports import Completion, Message, Prompt
from tests.doubles.model_server import ModelServer, Turn

pytestmark = [  # litellm's own, in its streams and where a call is cancelled early
    pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. .coroutine object BaseLLM:pytest.PytestUnraisableExceptionWarning"
    ),
]
SECRET = "sk-planted-9f8e7d"
VOTE = {
    "type": "object",
    "properties": {"vote": {"type": "string", "enum": ["A", "B"]}, "reason": {"type": "string"}},
    "required": ["vote", "reason"],
    "additionalProperties": False,
}
PATIENCE = 60.0
"""Seconds until a test gives up waiting for what must happen at once."""
NAMES = {"openai": "openai/gpt-4o", "anthropic": "anthropic/claude-sonnet-4-5", "ollama": "ollama/llama3"}


class Servers:
    """Stands where the local models' servers stand."""

    def __init__(self, url):
        self.url = url

    async def base(self, name):
        return self.url

    def watched(self, name):
        return nullcontext()


@pytest.fixture
async def server():
    async with ModelServer() as server:
        yield server


@pytest.fixture(params=["direct openai", "direct anthropic", "direct ollama", "library openai", "library anthropic",
                        "library ollama", "local", "own server"])  # fmt: skip
async def world(request, server, monkeypatch):
    """A model and the name to call it by."""
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MINE_API_KEY"):
        monkeypatch.setenv(key, SECRET)
    path, _, wire = request.param.partition(" ")
    if path in ("local", "own"):
        remote = LitellmModel({"mine/": server.openai})
        name = "local/smol" if path == "local" else "mine/qwen"
    else:
        remote = LitellmModel({f"{wire}/": getattr(server, wire)}, path=path)
        name = NAMES[wire]
    model = Models(remote, scripted=ScriptedModel({}), local=Servers(server.openai))
    yield model, name
    await model.aclose()


def ask(name, text="Which?", **more):
    turns = (Message(role="system", content="You judge."), Message(role="user", content=text))
    return Prompt(model=name, messages=turns, **{"timeout": PATIENCE, **more})


async def test_a_plain_reply_comes_with_its_count_and_its_source(world, server):
    model, name = world
    server.turns.append(Turn(text="Canberra.  Yes."))
    done = await model.complete(ask(name))
    assert done.text == "Canberra.  Yes."
    assert done.model == name
    assert done.provider == name.partition("/")[0]
    assert done.prompt_tokens > 0
    assert done.completion_tokens == 3
    assert done.seconds > 0
    assert done.first_token_seconds is None
    assert done.data is None
    assert server.served == 1


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("finish", ["stop", "length"])
async def test_a_reply_that_ended_at_its_limit_is_known_to_be_cut_off(world, server, finish, streamed):
    model, name = world
    server.turns.append(Turn(text="Canberra, because in 1908", finish=finish))
    done = await model.complete(ask(name), _ignore if streamed else None)
    assert done.text == "Canberra, because in 1908"
    assert done.cut == (finish == "length")


async def test_a_quote_is_the_most_that_a_call_costs_and_grows_with_what_may_be_said(world, server):
    model, name = world
    assert await model.quote(ask(name)) == 0.0, "nothing can have been sent yet"
    server.turns.append(Turn(text="Yes."))
    done = await model.complete(ask(name, max_tokens=100))
    little, much = [await model.quote(ask(name, max_tokens=most)) for most in (100, 1000)]
    if name.startswith(("openai", "anthropic")):
        assert done.cost <= little < much
    else:
        assert [done.cost, little, much] == ([None] * 3 if name.startswith("mine") else [0.0] * 3)


async def test_the_prompt_arrives_as_it_was_given(world, server):
    model, name = world
    await model.complete(ask(name, 'Zürich\u200f 🙂 \\ " ?', temperature=0.25, max_tokens=77))
    _, headers, body = server.requests[0]
    options = body.get("options", body)
    assert options["temperature"] == 0.25
    assert 77 in (options.get("max_tokens"), options.get("max_completion_tokens"), options.get("num_predict"))
    assert body["model"] == name.partition("/")[2]
    said = body["messages"][-1]["content"]
    assert 'Zürich\u200f 🙂 \\ " ?' in (said if isinstance(said, str) else said[0]["text"])
    assert "You judge." in str(body)
    if not name.startswith(("local/", "ollama/")):
        assert SECRET in str(headers)


async def test_a_streamed_reply_is_heard_word_by_word(request, world, server):
    model, name = world
    heard = []
    text = "One [DONE] two\n\ndata: three 🙂 <b>four</b> and five. " * 3
    if request.node.callspec.params["world"].startswith("library"):
        text = text.replace("[DONE]", "(done)")  # litellm drops a piece of a stream that holds these letters
    server.turns.append(Turn(text=text.strip()))
    done = await model.complete(ask(name), heard.append)
    assert "".join(heard) == done.text == text.strip()
    assert len(heard) > 5
    assert done.first_token_seconds is not None
    assert 0 < done.first_token_seconds <= done.seconds
    assert done.prompt_tokens > 0
    assert done.completion_tokens == len(text.strip()) // 4


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_a_model_thinks_before_it_speaks_is_neither_heard_nor_said(world, server, streamed):
    model, name = world
    if streamed and name == NAMES["ollama"]:
        pytest.skip("Ollama sends thoughts apart; from older ones litellm takes the tags, and leaves the thoughts")
    heard = []
    server.turns.append(Turn(text="<think>\nSydney? No, it is <b>Canberra</b>.\n</think>\n\nCanberra, I think."))
    done = await model.complete(ask(name), heard.append if streamed else None)
    assert done.text.strip() == "Canberra, I think."
    assert "".join(heard) == ("Canberra, I think." if streamed else "")


async def test_a_schema_is_kept_and_the_reply_is_read(world, server):
    model, name = world
    done = await model.complete(ask(name, reply_schema=VOTE))
    assert done.data == {"vote": "A", "reason": "because it is checked against its source"}
    assert server.served == 1


async def test_a_schema_and_words_go_together(world, server):
    model, name = world
    heard = []
    done = await model.complete(ask(name, reply_schema=VOTE), heard.append)
    assert done.data["vote"] == "A"
    assert "".join(heard) == done.text


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_reply_of_another_shape_is_garbage(world, server, streamed):
    model, name = world
    server.turns.append(Turn(text='{"vote": "C", "reason": "no such letter"}'))
    with pytest.raises(ModelGarbage, match="shape"):
        await model.complete(ask(name, reply_schema=VOTE), _ignore if streamed else None)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (Turn(text="", finish="length"), ModelGarbage),
        (Turn(text="I rather would not.", finish="content_filter"), ModelRefused),
        (Turn(text="I vote for C."), ModelGarbage),
    ],
    ids=["empty", "refused", "another shape"],
)
async def test_what_came_in_vain_is_counted_all_the_same(world, server, turn, kind, streamed):
    model, name = world
    server.turns.append(turn)
    with pytest.raises(kind) as failed:
        await model.complete(ask(name, reply_schema=VOTE), _ignore if streamed else None)
    came = failed.value.completion
    assert isinstance(came, Completion)
    assert came.text == turn.text
    assert came.prompt_tokens > 0
    assert came.completion_tokens >= len(turn.text) // 4  # litellm counts an empty stream as one
    assert (came.cost is None) == (name == "mine/qwen")


async def test_a_reply_that_is_nearly_json_is_repaired(world, server):
    model, name = world
    if name.startswith("anthropic"):
        pytest.skip("Anthropic's JSON mode hands the value over in parts that are JSON already")
    server.turns.append(Turn(text="Sure!\n```json\n{'vote': 'B', \"reason\": \"it is\",}\n```"))
    assert (await model.complete(ask(name, reply_schema=VOTE))).data == {"vote": "B", "reason": "it is"}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (Turn(status=401, message=f"Incorrect API key provided: {SECRET}"), ModelRejected),
        (Turn(status=403, message="no"), ModelRejected),
        (Turn(status=404, message="no such model"), ModelRejected),
        (Turn(status=400, message="This model's maximum context length is 8192 tokens"), ModelRejected),
        (Turn(status=400, message=f"bad key {SECRET} at https://u:p@host/?key={SECRET}"), ModelRejected),
        (Turn(status=429, message="slow down", headers=(("Retry-After", "7"),)), ModelBusy),
        (Turn(status=503, message="overloaded"), ModelBusy),
        (Turn(status=529, message="overloaded"), ModelBusy),
        (Turn(status=500, message="oops"), ModelBroken),
        (Turn(status=502, message="oops", body=b"<html>bad gateway</html>"), ModelBroken),
        (Turn(body=b'{"half": '), ModelBroken),
        (Turn(body=b"[]"), ModelBroken),
        (Turn(body=b"{}"), ModelBroken),
        (Turn(cut=True), ModelBroken),
        (Turn(text=""), ModelGarbage),
        (Turn(finish="content_filter"), ModelRefused),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status} {value.message[:12]} {value.body or ''}",
)
async def test_a_failure_becomes_our_own_error_in_a_sentence_without_secrets(
    request, world, server, turn, kind, streamed, capfd
):
    model, name = world
    if name.startswith("ollama") and turn.finish == "content_filter":
        pytest.skip("Ollama has no content filter")
    server.turns.append(turn)
    expected = kind
    if request.node.callspec.params["world"].startswith("library") and kind.retryable:
        expected = (ModelBroken, ModelBusy, ModelGarbage)  # litellm itself tells these apart only roughly
    with pytest.raises(expected) as caught:
        await model.complete(ask(name), _ignore if streamed else None)
    said = str(caught.value)
    assert SECRET not in said
    assert "://" not in said
    assert "Traceback" not in said
    assert said.endswith((".", ":", "?"))
    assert server.served == 1, "one attempt, no hidden retries"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("header", [("retry-after", "7"), ("Retry-After-Ms", "7000")])
async def test_the_wait_that_a_provider_asks_for_is_handed_on(world, server, header):
    model, name = world
    server.turns.append(Turn(status=429, headers=(header,)))
    with pytest.raises(ModelBusy) as caught:
        await model.complete(ask(name))
    assert caught.value.retry_after == 7
    assert caught.value.retryable


@pytest.mark.parametrize(("turn", "streamed"), [(Turn(silent=True), False), (Turn(silent=True), True),
                                               (Turn(stalls=True), True)])  # fmt: skip
async def test_silence_ends_at_the_deadline_and_the_request_is_closed(world, server, turn, streamed):
    model, name = world
    await model.warm()
    for seconds in (0.3, 1.0, 3.0, 9.0):  # on a busy machine the first may end before the request is out
        server.turns.append(turn)
        with pytest.raises(ModelTimeout, match=f"within {seconds:g} seconds"):
            await model.complete(ask(name, timeout=seconds), _ignore if streamed else None)
        if server.asked.is_set():
            break
    await asyncio.wait_for(server.left.wait(), PATIENCE)


@pytest.mark.parametrize(("turn", "streamed"), [(Turn(silent=True), False), (Turn(stalls=True), True)])
async def test_a_cancelled_call_closes_its_request_half_way(world, server, turn, streamed):
    model, name = world
    await model.warm()
    server.turns.append(turn)
    heard = asyncio.Event()
    call = asyncio.create_task(model.complete(ask(name), (lambda _: heard.set()) if streamed else None))
    await asyncio.wait_for((heard if streamed else server.asked).wait(), PATIENCE)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(server.left.wait(), PATIENCE)


async def test_a_server_that_is_gone_is_unreachable(world, server):
    model, name = world
    await server.stop()
    with pytest.raises(ModelUnreachable, match="cannot be reached"):
        await model.complete(ask(name))


async def test_many_calls_at_once_keep_their_replies_apart(world, server):
    model, name = world
    texts = [f"reply number {number}" for number in range(30)]
    server.turns.extend(Turn(text=text) for text in texts)
    done = await asyncio.gather(*(model.complete(ask(name)) for _ in texts))
    assert sorted(one.text for one in done) == sorted(texts)


def _ignore(_):
    """Hear nothing."""
