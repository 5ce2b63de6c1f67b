"""Models of every provider that litellm knows, behind the one port: one attempt, one deadline, our own errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from core.adapters.litellm import request, routes
from core.adapters.litellm.reply import Reply
from core.adapters.litellm.request import NotTaken
from core.adapters.litellm.routes import Route
from core.adapters.structured import structured
from core.errors import ModelBroken, ModelError, ModelGarbage, ModelRefused, ModelRejected, ModelTimeout
from core.ports import Completion, Prompt

if TYPE_CHECKING:
    from core.adapters.litellm.ready import Ready

Path = Literal["direct", "library"]


class LitellmModel:
    """Calls providers. It holds connections: `aclose` it."""

    def __init__(self, bases: Mapping[str, str] = MappingProxyType({}), *, path: Path = "direct") -> None:
        """Take base URLs by model prefix. With `path="library"` every call goes through `litellm.acompletion`."""
        self._bases = dict(bases)
        self._path = path
        self._ready: Ready | None = None
        self._routes: dict[str, Route] = {}
        self._in_words: set[str] = set()
        """Models whose server turned a JSON Schema down: they are asked in words from then on."""

    async def warm(self) -> None:
        """Import litellm (seconds of CPU) in a thread, ahead of the first call."""
        await self._load()

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the reply of the provider that `prompt.model` names; see `core.ports.Model`."""
        return await self.send(self._route(await self._load(), prompt.model), prompt, words)

    async def quote(self, prompt: Prompt) -> float | None:
        """Return what a call can cost at most, by litellm's prices; see `core.ports.Model`."""
        if self._ready is None:  # nothing can have been sent
            return 0.0
        try:
            route = self._route(self._ready, prompt.model)
        except ModelRejected:
            return None
        asked = sum(request.weight(message) for message in prompt.messages)
        return self._ready.prices.of_tokens(route, asked, prompt.max_tokens)

    async def sees(self, model: str) -> bool:
        """Tell whether a model takes images, as litellm's list knows it; see `core.ports.Model`."""
        try:
            return self._route(await self._load(), model).sees
        except ModelRejected:
            return False

    async def send(self, route: Route, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the reply along a given route. Raises a `ModelError`, never anything else but cancellation."""
        ready = await self._load()
        begun = perf_counter()
        try:
            async with asyncio.timeout(prompt.timeout):
                reply = await self._attempt(ready, route, prompt, words)
        except TimeoutError as error:
            raise ModelTimeout(
                "{name} gave no whole reply within {seconds:g} seconds.", name=route.name, seconds=prompt.timeout
            ) from error
        return self._completion(ready, route, prompt, reply, perf_counter() - begun)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._ready is not None:
            await self._ready.aclose()

    def _route(self, ready: Ready, model: str) -> Route:
        if model not in self._routes:
            self._routes[model] = routes.find(ready.litellm, model, self._bases)
        return self._routes[model]

    async def _load(self) -> Ready:
        if self._ready is None:
            opened = await asyncio.to_thread(_opened)
            self._ready = self._ready or opened
        return self._ready

    async def _attempt(self, ready: Ready, route: Route, prompt: Prompt, words: Callable[[str], None] | None) -> Reply:
        held = route.takes_schema and route.name not in self._in_words
        direct = self._path == "direct" and ready.direct.knows(route)
        try:
            return await (ready.direct if direct else ready.library).send(route, prompt, words, held)
        except NotTaken as error:
            if prompt.reply_schema is None or route.native or not held:
                raise
            self._in_words.add(route.name)
            raise ModelBroken(
                "{name} does not seem to take a JSON Schema; from now on it is asked in words.", name=route.name
            ) from error

    def _completion(self, ready: Ready, route: Route, prompt: Prompt, reply: Reply, seconds: float) -> Completion:
        text, usage = reply.text, reply.usage
        asked = sum(request.weight(message) for message in prompt.messages)
        came = Completion(
            text=text,
            cut=reply.finish == "length",
            model=route.name,
            provider=route.shown,
            # a provider that does not count is estimated at four characters a token; the cost stays unknown then
            prompt_tokens=asked if usage is None else max(usage.prompt_tokens or 0, 0),
            completion_tokens=len(text) // 4 if usage is None else max(usage.completion_tokens or 0, 0),
            cost=ready.prices.of(route, usage),
            seconds=seconds,
            first_token_seconds=reply.first,
        )
        try:
            return came.but(data=_checked(route, prompt, reply, text))
        except ModelError as error:
            error.completion = came
            raise


def _opened() -> Ready:
    from core.adapters.litellm import ready  # most commands call no model, and do not pay for it

    return ready.opened()


def _checked(route: Route, prompt: Prompt, reply: Reply, text: str) -> Any:
    """Return what the prompt's schema finds in a reply. Raises where the reply is none, or not what was asked for."""
    if reply.refused:
        raise ModelRefused(
            "{provider} stopped the reply of {name}, or the model refused.", provider=route.shown, name=route.name
        )
    if not text.strip():
        short = "{name} gave an empty reply within its limit of tokens."
        raise ModelGarbage(short if reply.finish == "length" else "{name} gave an empty reply.", name=route.name)
    return None if prompt.reply_schema is None else structured(text, prompt.reply_schema)
