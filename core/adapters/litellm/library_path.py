"""The long path: `litellm.acompletion`, which knows a hundred providers."""

import importlib
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from core.adapters.litellm import failures, request
from core.adapters.litellm.reply import Reply
from core.adapters.litellm.routes import Route
from core.adapters.litellm.sessions import Sessions
from core.errors import ModelError
from core.ports import Prompt


class LibraryPath:
    """Speaks to every provider that litellm knows."""

    def __init__(self, litellm: Any, sessions: Sessions) -> None:
        self._litellm = litellm
        self._sessions = sessions
        self._used = False

    async def send(self, route: Route, prompt: Prompt, words: Callable[[str], None] | None, held: bool) -> Reply:
        """Send one request and return its reply. With `held` the schema is a parameter, otherwise it is in words."""
        reply = Reply(words)
        self._used = True
        try:
            answered = await self._litellm.acompletion(**self._call(route, prompt, words is not None, held))
            if words is None:
                reply.take(answered)
            else:
                async with aclosing(answered):  # a stream that is left half-way must close its request
                    async for chunk in answered:
                        reply.add(chunk)
        except (ModelError, TimeoutError):
            raise
        except Exception as error:  # litellm raises its own kinds, OpenAI's, httpx's and bare ones
            raise failures.from_library(self._litellm, route, error) from error
        if not reply.finish:
            raise failures.broken(route)
        return reply

    async def aclose(self) -> None:
        """Close the clients that litellm keeps, and the task that it logs in."""
        if self._used:
            await self._litellm.close_litellm_async_clients()
            self._litellm.in_memory_llm_clients_cache.flush_cache()  # a closed client must not be found again
            await importlib.import_module("litellm.litellm_core_utils.logging_worker").GLOBAL_LOGGING_WORKER.stop()

    def _call(self, route: Route, prompt: Prompt, stream: bool, held: bool) -> dict[str, Any]:
        call = request.parameters(prompt, schema_as_parameter=held) | {
            "model": route.model,
            "custom_llm_provider": route.provider,
            "messages": request.messages(prompt, schema_in_words=not (held and route.native)),
            "api_base": route.base,
            "api_key": route.key,
            "timeout": prompt.timeout,
            "num_retries": 0,  # both: either alone leaves the other's hidden retries on
            "max_retries": 0,
            "drop_params": True,
            "shared_session": self._sessions.current(),
        }
        if route.extra:
            call["extra_body"] = dict(route.extra)
        if stream:
            call |= {"stream": True, "stream_options": {"include_usage": True}}
        return call
