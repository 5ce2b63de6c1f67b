"""The parts on the way to a provider: routes, prices, failures in words, requests, replies."""

import gc
import logging
import time
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from core.adapters.litellm import failures, library, routes
from core.adapters.litellm.prices import Prices
from core.adapters.litellm.reply import LONGEST, Reply
from core.adapters.litellm.request import messages, parameters, strict
from core.adapters.litellm.routes import Route
from core.errors import ModelBusy, ModelRejected
from core.ports import Message, Prompt


@pytest.fixture(scope="module")
def litellm():
    return library.load()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL", "OLLAMA_API_BASE"):
        monkeypatch.delenv(name, raising=False)


ROUTE = Route("openai/gpt-4o", "openai", "gpt-4o", "openai", key="sk-planted")


def usage(asked, said, cached=0):
    return SimpleNamespace(
        prompt_tokens=asked, completion_tokens=said, prompt_tokens_details=SimpleNamespace(cached_tokens=cached)
    )


@pytest.mark.parametrize(
    ("name", "provider", "model", "base"),
    [
        ("openai/gpt-4o", "openai", "gpt-4o", "https://api.openai.com/v1"),
        ("gpt-4o", "openai", "gpt-4o", "https://api.openai.com/v1"),
        ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5", "https://api.anthropic.com"),
        ("ollama/llama3", "ollama_chat", "llama3", "http://localhost:11434"),
        ("gemini/gemini-2.5-pro", "gemini", "gemini-2.5-pro", None),
        ("mine/qwen/7b", "hosted_vllm", "qwen/7b", "http://box/v1"),
        ("mine/fast/x", "hosted_vllm", "x", "http://fast/v1"),
    ],
)
def test_a_name_leads_to_a_provider(litellm, name, provider, model, base):
    route = routes.find(litellm, name, {"mine/": "http://box/v1", "mine/fast/": "http://fast/v1"})
    assert (route.provider, route.model, route.base) == (provider, model, base)


def test_the_environment_may_name_another_address(litellm, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://proxy/v1")
    assert routes.find(litellm, "openai/gpt-4o", {}).base == "http://proxy/v1"
    assert routes.find(litellm, "openai/gpt-4o", {"openai/": "http://mine/v1"}).base == "http://mine/v1"


def test_a_server_of_ones_own_is_never_sent_another_providers_key(litellm, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    assert routes.find(litellm, "mine/qwen", {"mine/": "http://box/v1"}).key == routes.KEYLESS
    monkeypatch.setenv("MINE_API_KEY", "own")
    assert routes.find(litellm, "mine/qwen", {"mine/": "http://box/v1"}).key == "own"


def test_a_name_without_a_known_provider_is_rejected_with_the_remedy(litellm, capfd):
    with pytest.raises(ModelRejected, match="provider/model"):
        routes.find(litellm, "nonsense", {})
    assert capfd.readouterr() == ("", "")


def test_a_route_does_not_show_its_key():
    assert "planted" not in repr(ROUTE)


def test_a_known_price_is_multiplied_and_an_unknown_one_stays_unknown(litellm):
    prices = Prices(litellm)
    expected = sum(litellm.cost_per_token(model="gpt-4o", prompt_tokens=321, completion_tokens=45))
    assert prices.of(ROUTE, usage(321, 45)) == pytest.approx(expected)
    assert prices.of(Route("mine/x", "hosted_vllm", "x", "mine"), usage(1, 1)) is None
    assert prices.of(ROUTE, None) is None


def test_a_model_of_ones_own_costs_exactly_nothing(litellm):
    assert Prices(litellm).of(routes.local("smol", "http://127.0.0.1:1/v1"), usage(10, 10)) == 0.0
    assert Prices(litellm).of(routes.find(litellm, "ollama/llama3", {}), None) == 0.0
    assert Prices(litellm).of(routes.find(litellm, "ollama/gpt-oss:20b-cloud", {}), usage(1, 1)) is None


def test_a_prompt_from_the_providers_cache_has_its_own_price(litellm):
    details = SimpleNamespace(cached_tokens=5000)
    part = litellm.Usage(prompt_tokens=6000, completion_tokens=10, prompt_tokens_details={"cached_tokens": 5000})
    assert details.cached_tokens == part.prompt_tokens_details.cached_tokens
    prices = Prices(litellm)
    assert 0 < prices.of(ROUTE, part) < prices.of(ROUTE, usage(6000, 10))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "999999"}, failures.LONGEST_WAIT),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "nan"}, None),
        ({"retry-after": "..."}, None),
    ],
)
def test_the_wait_is_read_from_whichever_header_names_it(headers, seconds):
    assert failures.retry_after(headers) == seconds


def test_a_wait_until_a_date_is_counted_from_now():
    waited = failures.retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert 50 < waited <= 60


@given(st.text(max_size=60))
def test_any_header_is_a_number_of_seconds_or_nothing(value):
    seconds = failures.retry_after({"retry-after": value})
    assert seconds is None or 0 <= seconds <= failures.LONGEST_WAIT


@given(st.text(max_size=200), st.sampled_from([400, 401, 403, 404, 408, 413, 422, 429, 500, 503, 529]))
def test_no_failure_gives_the_key_away(text, status):
    body = '{"error": {"message": "' + text.replace('"', "") + ' sk-planted https://u:p@host/?key=sk-planted"}}'
    said = str(failures.from_status(ROUTE, status, {}, body))
    assert "sk-planted" not in said
    assert "host" not in said
    assert len(said) < 300


def test_a_secret_of_the_environment_is_not_repeated(monkeypatch):
    monkeypatch.setenv("SOME_PROVIDER_TOKEN", "hunter22")
    assert "hunter22" not in failures.excerpt('{"message": "bad hunter22"}', None)


def test_a_busy_provider_says_how_long():
    error = failures.from_status(ROUTE, 429, {"retry-after": "3"}, "")
    assert isinstance(error, ModelBusy)
    assert error.retry_after == 3


@pytest.mark.parametrize(
    ("schema", "taken"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "array", "items": {"type": "object", "properties": {}}}, False),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, False),
        ({"type": "string"}, True),
    ],
)
def test_strict_mode_is_asked_for_only_where_it_is_possible(schema, taken):
    assert strict(schema) is taken


def test_a_schema_goes_as_a_parameter_or_in_words_or_both():
    asked = Prompt(model="m", messages=(Message(role="user", content="Q"),), reply_schema={"type": "object"})
    assert "JSON Schema" in messages(asked, True)[-1]["content"]
    assert messages(asked, False)[-1]["content"] == "Q"
    assert parameters(asked, True)["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "response_format" not in parameters(asked, False)


def test_a_reply_that_never_ends_is_cut_off():
    piece = SimpleNamespace(delta=SimpleNamespace(content="x" * (LONGEST // 2)), finish_reason=None)
    reply = Reply()
    reply.add(SimpleNamespace(choices=[piece]))
    reply.add(SimpleNamespace(choices=[piece]))
    with pytest.raises(ValueError, match="too long"):
        reply.add(SimpleNamespace(choices=[piece]))


def test_litellm_leaves_the_loggers_of_others_alone():
    library.load()
    others = [logging.getLogger(name) for name in ("asyncio", "httpx", "uvicorn.access", "aiohttp.access")]
    assert not [each for logger in others for each in logger.filters if type(each).__module__.startswith("litellm")]


def test_loading_it_leaves_the_models_of_others_as_they_are(litellm):
    class Own(BaseModel):
        name: str

    assert (BaseModel.model_config, Own.__pydantic_complete__, gc.isenabled()) == ({}, True, True)
    assert not litellm.types.utils.ImageObject.__pydantic_complete__, "built at its first use"
    assert litellm.types.utils.ImageObject(url="https://example.org").url == "https://example.org"
