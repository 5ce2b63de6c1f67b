"""A model that plays given replies: for tests, demonstrations and trying a committee without any provider."""

import asyncio
import inspect
import json
import re
import tomllib
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from core.adapters.structured import structured
from core.errors import Misconfigured, ModelError, ModelGarbage, ModelRejected, ModelTimeout
from core.ports import Completion, Prompt

PREFIX = "scripted/"
Line = str | ModelError | Completion
"""A reply's text, an error to raise, or a whole completion to return as it is."""
Script = Mapping[str, Sequence[Line]]
"""Replies by model name (with or without `scripted/`), in the order in which they are played."""
Player = Callable[[Prompt], str | Awaitable[str]]
"""Makes the reply up from the prompt; may raise a `ModelError`."""
_FILE = TypeAdapter(dict[str, tuple[str, ...]])


class ScriptedModel:
    """Plays one reply a call; nothing leaves the process and nothing is charged."""

    def __init__(self, replies: Script | Player, *, repeat: bool = False, seeing: Collection[str] = ()) -> None:
        """Take the script. With `repeat` it begins again at its end; otherwise one call more is an error.

        `seeing` names the models that take images.
        """
        self._seeing = seeing
        self._replies = replies
        self._repeat = repeat
        self._played: Counter[str] = Counter()
        self.asked: deque[Prompt] = deque(maxlen=1_000)
        """The prompts so far, oldest first."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read replies from a TOML or JSON file: a table of model name to list of texts, played round and round.

        Raises `Misconfigured` where the file is missing or has another shape.
        """
        try:
            text = path.read_text("utf-8")
            return cls(_FILE.validate_python(_table(path, text)), repeat=True)
        except OSError as error:
            raise Misconfigured("The script {path} cannot be read: {why}.", path=path, why=error.strerror) from error
        except (ValueError, ValidationError) as error:
            raise Misconfigured(
                "The script {path} is not a table of model name to list of texts.", path=path
            ) from error

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the next reply of `prompt.model`; see `core.ports.Model`."""
        begun = perf_counter()
        self.asked.append(prompt)
        try:
            async with asyncio.timeout(prompt.timeout):
                line = await self._line(prompt)
        except TimeoutError as error:
            raise ModelTimeout(
                "{model} gave no reply within {seconds:g} seconds.", model=prompt.model, seconds=prompt.timeout
            ) from error
        if isinstance(line, ModelError):
            raise line
        if isinstance(line, Completion):
            return line
        return _completion(prompt, line, words, begun)

    async def quote(self, prompt: Prompt) -> float | None:
        """Return what a call costs: nothing."""
        return 0.0

    async def sees(self, model: str) -> bool:
        """Tell whether a model takes images."""
        return model in self._seeing

    async def _line(self, prompt: Prompt) -> Line:
        if callable(self._replies):
            made = self._replies(prompt)
            return await made if inspect.isawaitable(made) else made
        name = prompt.model.removeprefix(PREFIX)
        lines = self._replies.get(name) or self._replies.get(PREFIX + name)
        if not lines:
            raise ModelRejected("The script has no replies for “{name}”.", name=name)
        at = self._played[name]
        self._played[name] += 1
        if at >= len(lines) and not self._repeat:
            raise ModelRejected("The script of “{name}” ends after {count} replies.", name=name, count=len(lines))
        return lines[at % len(lines)]


def _table(path: Path, text: str) -> object:
    return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)


def _completion(prompt: Prompt, text: str, words: Callable[[str], None] | None, begun: float) -> Completion:
    first = None
    if words is not None:
        first = perf_counter() - begun
        for piece in re.findall(r"\s*\S+\s*$|\s*\S+", text):
            words(piece)
    came = Completion(
        text=text,
        model=prompt.model,
        provider="scripted",
        prompt_tokens=sum(len(message.content.split()) for message in prompt.messages),
        completion_tokens=len(text.split()),
        cost=0.0,
        seconds=perf_counter() - begun,
        first_token_seconds=first,
    )
    try:
        return came.but(data=_checked(prompt, text))
    except ModelError as error:
        error.completion = came
        raise


def _checked(prompt: Prompt, text: str) -> Any:
    if not text:
        raise ModelGarbage("{name} gave an empty reply.", name=prompt.model)
    return None if prompt.reply_schema is None else structured(text, prompt.reply_schema)
