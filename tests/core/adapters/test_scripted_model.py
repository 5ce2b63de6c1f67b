"""The model that plays given replies."""

import asyncio
import json

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.errors import Misconfigured, ModelBusy, ModelGarbage, ModelRejected, ModelTimeout
from core.ports import Completion, Message, Prompt


def prompt(model="scripted/ada", **more):
    return Prompt(model=model, messages=(Message(role="user", content="two words"),), **more)


async def test_replies_are_played_in_order_for_each_model():
    model = ScriptedModel({"ada": ["one", "two"], "scripted/bob": ["three"]})
    texts = [(await model.complete(prompt(f"scripted/{name}"))).text for name in ("ada", "bob", "ada")]
    assert texts == ["one", "three", "two"]
    assert [asked.model for asked in model.asked] == ["scripted/ada", "scripted/bob", "scripted/ada"]


async def test_a_reply_is_counted_and_costs_nothing():
    done = await ScriptedModel({"ada": ["a b c"]}).complete(prompt())
    assert (done.prompt_tokens, done.completion_tokens, done.cost, done.provider) == (2, 3, 0.0, "scripted")
    assert done.first_token_seconds is None


async def test_an_error_in_the_script_is_raised_and_a_completion_is_passed_on():
    given = Completion(text="t", model="m", provider="p", prompt_tokens=1, completion_tokens=1, cost=None, seconds=1)
    model = ScriptedModel({"ada": [ModelBusy("Busy.", retry_after=2), given]})
    with pytest.raises(ModelBusy) as busy:
        await model.complete(prompt())
    assert busy.value.retry_after == 2
    assert await model.complete(prompt()) is given


async def test_a_script_that_ends_says_so_unless_it_repeats():
    model = ScriptedModel({"ada": ["one"]})
    await model.complete(prompt())
    with pytest.raises(ModelRejected, match="ends after 1"):
        await model.complete(prompt())
    again = ScriptedModel({"ada": ["one"]}, repeat=True)
    assert [(await again.complete(prompt())).text for _ in range(3)] == ["one"] * 3


async def test_a_model_without_replies_and_an_empty_reply_are_errors():
    with pytest.raises(ModelRejected, match="no replies for “eve”"):
        await ScriptedModel({}).complete(prompt("scripted/eve"))
    with pytest.raises(ModelGarbage):
        await ScriptedModel({"ada": [""]}).complete(prompt())


async def test_words_stream_the_whole_text():
    heard: list[str] = []
    done = await ScriptedModel({"ada": ["one  two\nthree \n"]}).complete(prompt(), heard.append)
    assert "".join(heard) == done.text
    assert len(heard) == 3
    assert done.first_token_seconds is not None


async def test_a_schema_is_checked():
    schema = {"type": "object", "properties": {"vote": {"enum": ["A", "B"]}}, "required": ["vote"]}
    model = ScriptedModel({"ada": ['I say {"vote": "B"}', '{"vote": "C"}']})
    assert (await model.complete(prompt(reply_schema=schema))).data == {"vote": "B"}
    with pytest.raises(ModelGarbage, match="vote"):
        await model.complete(prompt(reply_schema=schema))


async def test_a_function_may_make_the_reply_up_at_once_or_later():
    async def later(asked):
        await asyncio.sleep(0)
        return asked.messages[0].content

    assert (await ScriptedModel(later).complete(prompt())).text == "two words"
    assert (await ScriptedModel(lambda asked: "now").complete(prompt())).text == "now"


async def test_a_reply_that_never_comes_is_a_timeout():
    async def never(_):
        await asyncio.Event().wait()
        return ""

    with pytest.raises(ModelTimeout, match="within 0"):
        await ScriptedModel(never).complete(prompt(timeout=0.01))


@pytest.mark.parametrize("suffix", ["toml", "json"])
async def test_a_script_can_be_read_from_a_file_and_repeats(tmp_path, suffix):
    path = tmp_path / f"demo.{suffix}"
    path.write_text(json.dumps({"ada": ["x"]}) if suffix == "json" else 'ada = ["x"]')
    model = ScriptedModel.load(path)
    assert [(await model.complete(prompt())).text for _ in range(2)] == ["x", "x"]


@pytest.mark.parametrize("text", ["ada = 3", "ada = [", ""])
def test_a_wrong_or_missing_file_is_said_in_a_sentence(tmp_path, text):
    path = tmp_path / "demo.toml"
    if text:
        path.write_text(text)
    with pytest.raises(Misconfigured, match=r"demo\.toml"):
        ScriptedModel.load(path)
