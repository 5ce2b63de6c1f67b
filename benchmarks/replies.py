"""Replies of models kept in a folder, so that a long benchmark goes on where it was interrupted."""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from core.ports import Completion, Model, Prompt


class KeptReplies:
    """Passes prompts on, and gives what was kept where the same one was asked before.

    The n-th time that a prompt comes is kept apart from the others: a member asked twice says two things. One object
    is for one piece of work, which begins to count anew when it is done again.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        self._model = model
        self._folder = folder
        self._asked: Counter[str] = Counter()
        self.calls = 0
        self.seconds = 0.0
        """Of the calls, added up, as they were measured when they were made."""
        folder.mkdir(parents=True, exist_ok=True)

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the reply, now or from before."""
        what = prompt.model_dump_json(exclude={"timeout"})
        name = hashlib.sha256(what.encode()).hexdigest()[:24]
        path = self._folder / f"{name}-{self._asked[name]}.json"
        self._asked[name] += 1
        if path.exists():
            reply = Completion.model_validate_json(path.read_text("utf-8"))
        else:
            reply = await self._model.complete(prompt)
            part = path.with_suffix(".part")
            part.write_text(reply.model_dump_json(), "utf-8")
            part.rename(path)
        self.calls += 1
        self.seconds += reply.seconds
        return reply

    async def quote(self, prompt: Prompt) -> float | None:
        """Return what a call can cost at most."""
        return await self._model.quote(prompt)

    async def sees(self, model: str) -> bool:
        """Tell whether a model takes images."""
        return await self._model.sees(model)
