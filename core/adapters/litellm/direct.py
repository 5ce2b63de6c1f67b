"""The short path: litellm's translations of a request and its reply, over one aiohttp session.

`litellm.acompletion` costs 3 ms of CPU a call, most of it around the call; its translations alone cost a tenth.
They are not its public interface, so the version is pinned and the contract tests run on both paths.
"""

import importlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp

from core.adapters.litellm import failures, request
from core.adapters.litellm.reply import LONGEST, Reply
from core.adapters.litellm.routes import DIRECT, Route
from core.adapters.litellm.sessions import Sessions
from core.errors import ModelRejected
from core.ports import Prompt


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, translated."""

    url: str
    headers: dict[str, str]
    body: dict[str, Any]
    chosen: dict[str, Any]
    turns: list[dict[str, Any]]
    json_mode: bool


@dataclass(frozen=True, slots=True)
class _Raw:
    """As much of an `httpx.Response` as the translations use."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    text: str = ""
    """Only ever put into litellm's log and its error messages, which nobody reads here."""

    def json(self) -> Any:
        """Return the body."""
        return json.loads(self.content)


class Direct:
    """Speaks to the providers in `routes.DIRECT`."""

    def __init__(self, litellm: Any, sessions: Sessions) -> None:
        self._litellm = litellm
        self._sessions = sessions
        self._configs: dict[tuple[str, str], Any] = {}
        self._types = importlib.import_module("litellm.types.utils")
        self._managers = importlib.import_module("litellm.utils").ProviderConfigManager
        self._anthropic = importlib.import_module("litellm.llms.anthropic.chat.handler").ModelResponseIterator
        # the translations report to litellm's log; this one keeps nothing
        self._log = SimpleNamespace(post_call=_nothing, pre_call=_nothing, model_call_details={}, optional_params={})

    def knows(self, route: Route) -> bool:
        """Tell whether this path speaks the route's wire format."""
        if route.provider not in DIRECT:
            return False
        known = self._litellm.model_cost.get(route.model) or {}
        # what is not a chat model is only reachable through OpenAI's Responses format
        return route.provider != "openai" or known.get("mode", "chat") == "chat"

    def _config(self, route: Route) -> Any:
        """Return litellm's translations for the route's provider and model."""
        key = (route.provider, route.model)
        if key not in self._configs:
            self._configs[key] = self._managers.get_provider_chat_config(
                route.model, self._types.LlmProviders(route.provider)
            )
        return self._configs[key]

    async def send(self, route: Route, prompt: Prompt, words: Callable[[str], None] | None, held: bool) -> Reply:
        """Send one request and return its reply. With `held` the schema is a parameter, otherwise it is in words."""
        sent = self._translate(route, prompt, stream=words is not None, held=held)
        reply = Reply(words)
        try:
            async with self._sessions.current().post(
                sent.url, data=json.dumps(sent.body).encode(), headers=sent.headers, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise failures.from_status(route, response.status, _lower(response), await _text(response))
                await (self._stream if words is not None else self._whole)(route, sent, response, reply)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise failures.unreachable(route) from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise ModelRejected("The base URL for {name} is not a URL.", name=route.name) from error
        except aiohttp.ClientError as error:
            raise failures.broken(route) from error
        return reply

    def _translate(self, route: Route, prompt: Prompt, *, stream: bool, held: bool) -> Sent:
        if route.key is None and route.provider == "openai":
            raise failures.keyless(route)
        turns = request.messages(prompt, schema_in_words=not (held and route.native))
        asked = request.parameters(prompt, schema_as_parameter=held)
        if stream:
            asked["stream"] = True
        about = request.attributed(route)
        config, model = self._config(route), route.model
        try:
            chosen = config.map_openai_params(asked, {}, model, True)
            json_mode = bool(chosen.pop("json_mode", False))
            headers = config.validate_environment({}, model, turns, chosen, about, route.key, route.base)
            url = self._url(route, chosen, about, stream)
            body = config.transform_request(model, turns, chosen, about, headers) | route.extra
        except self._litellm.exceptions.AuthenticationError as error:
            raise failures.keyless(route) from error
        if stream:
            body["stream"] = True
            if route.provider in ("openai", "hosted_vllm"):
                body["stream_options"] = {"include_usage": True}
        return Sent(url, headers | {"Content-Type": "application/json"}, body, chosen, turns, json_mode)

    def _url(self, route: Route, chosen: dict[str, Any], about: dict[str, Any], stream: bool) -> str:
        if route.provider == "anthropic":  # its translations leave the URL to litellm's main module
            return (route.base or "").removesuffix("/").removesuffix("/v1/messages").removesuffix(
                "/v1"
            ) + "/v1/messages"
        return str(self._config(route).get_complete_url(route.base, route.key, route.model, chosen, about, stream))

    async def _whole(self, route: Route, sent: Sent, response: aiohttp.ClientResponse, reply: Reply) -> None:
        raw = _Raw(response.status, response.headers, await _body(response))
        try:
            reply.take(
                self._config(route).transform_response(
                    model=route.model,
                    raw_response=raw,
                    model_response=self._types.ModelResponse(),
                    logging_obj=self._log,
                    request_data=sent.body,
                    messages=sent.turns,
                    optional_params=sent.chosen,
                    litellm_params=request.attributed(route),
                    encoding=None,
                    json_mode=sent.json_mode,
                )
            )
        except Exception as error:  # the translations raise whatever a malformed reply runs them into
            raise failures.inside(route, error) from error

    async def _stream(self, route: Route, sent: Sent, response: aiohttp.ClientResponse, reply: Reply) -> None:
        parser = self._parser(route, sent.json_mode)
        try:
            async for chunk in _chunks(response):
                if "error" in chunk and route.provider == "ollama_chat":
                    raise ValueError("an error inside the stream")  # litellm takes it for the end of a good reply
                reply.add(parser.chunk_parser(chunk))
        except (aiohttp.ClientError, TimeoutError):
            raise
        except Exception as error:  # as above
            raise failures.inside(route, error) from error
        if not reply.finish:
            raise failures.broken(route)

    def _parser(self, route: Route, json_mode: bool) -> Any:
        if route.provider == "anthropic":
            return self._anthropic(None, sync_stream=False, json_mode=json_mode)
        return self._config(route).get_model_response_iterator(None, sync_stream=False, json_mode=json_mode)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
    """Yield the JSON of each server-sent event, or of each line where the stream is lines of JSON."""
    async for raw in response.content:
        line = raw.strip()
        if line.startswith(b"data:"):
            line = line[5:].strip()
        if line == b"[DONE]":
            return
        if line.startswith(b"{"):
            yield json.loads(line)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LONGEST:
            raise aiohttp.ClientPayloadError("reply too long")
        parts.append(part)
    return b"".join(parts)


async def _text(response: aiohttp.ClientResponse) -> str:
    return (await response.content.read(20_000)).decode(errors="replace")


def _lower(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _nothing(*_: Any, **__: Any) -> None:
    """Keep no log."""
