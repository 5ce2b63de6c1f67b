"""A draft from the request to what is kept of it: scripted members, the real sandbox, a shelf in memory."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.scripted_model import ScriptedModel
from core.budget import Quotas
from core.committee.collaborations import Collaborations
from core.committee.committee import Committee
from core.committee.patterns import Drafting as DraftingNumbers
from core.committee.room import Room
from core.ports import Prompt, Sandbox
from core.skills.drafting.keeping import Apart, Keep, Kept
from core.skills.drafting.package import Made, folder_of
from core.skills.drafting.recipe import Drafting
from core.skills.drafting.wish import Wish
from core.skills.folder import Folder, check
from core.skills.results import Drafted
from core.skills.skill import Stage
from tests.doubles.committee_world import PATTERNS, QUICKLY, World, committee, member_of

Script = Mapping[str, Mapping[str, Any]]
"""By member and kind of request (`write`, `test`, `repair`, `sign`, `vote`): what it says, or one after the other."""


def kind_of(prompt: Prompt) -> str:
    """What a member is asked for, read as a member would."""
    text = prompt.messages[1].content
    if prompt.reply_schema is not None:
        return "vote"
    marks = {"Complete this": "write", "Others wrote this": "test", "This code is wrong": "repair"}
    return next((kind for mark, kind in marks.items() if mark in text), "sign")


def scripted(script: Script) -> ScriptedModel:
    """Members that say what is scripted for each kind of request, the last of a list again and again."""
    turns: dict[tuple[str, str], int] = {}

    def reply(prompt: Prompt) -> str:
        member, kind = member_of(prompt), kind_of(prompt)
        says = script[member].get(kind, "I have nothing to say.")
        at = turns[member, kind] = turns.get((member, kind), -1) + 1
        line = says[min(at, len(says) - 1)] if isinstance(says, list) else says
        return str(line(prompt) if callable(line) else line)

    return ScriptedModel(reply)


def block(code: str) -> str:
    """A reply with code in it."""
    return f"Here it is:\n\n```python\n{code}\n```\n"


class DraftWorld(World):
    """One draft and everything it said; what comes of it stays in memory, unless `keep` is given."""

    def __init__(self, model: ScriptedModel, sandbox: Sandbox, question: str, **settings: Any) -> None:
        seats: Committee = settings.pop("seats", committee())
        keep: Keep = settings.pop("keep", self._keep)
        super().__init__(model, seats, pattern="skill", question=question)
        self.model = model

        async def here(tenant: str) -> Sandbox:
            return sandbox

        apart: Apart = settings.pop("apart", here)

        self.made: list[tuple[Made, Folder]] = []
        pattern = PATTERNS["skill"].but(**settings)
        self.service = Collaborations(
            self.store,  # type: ignore[arg-type]  # a run needs no more of a store
            model,
            {"default": seats},
            {"skill": pattern},
            self.emit,
            Quotas(),
            lambda run, phase: None,
            QUICKLY,
            {"skill": Drafting(apart, keep)},
        )

    async def _keep(self, room: Room, made: Made, wish: Wish) -> Kept:
        folder = folder_of(made, wish)
        manifest = check(folder)
        self.made.append((made, folder))
        drafted = Drafted(
            skill=manifest.name, version="0.1.0", stage=Stage.DRAFT, content=folder.content, label=made.label,
            members=made.members,
        )  # fmt: skip
        return Kept(drafted)


REQUEST = '''def double(n: int) -> int:
    """Return twice a number.

    >>> double(2)
    4
    >>> double(-3)
    -6
    """
'''
RIGHT = block("def double(n: int) -> int:\n    return n * 2")
ALSO = block("def double(n: int) -> int:\n    return n + n")
WRONG = block("def double(n: int) -> int:\n    return n * n")
TESTS = block("assert double(0) == 0\nassert double(10) == 20")
GOOD = {"write": RIGHT, "test": TESTS}


@asynccontextmanager
async def sandboxed() -> AsyncIterator[Sandbox]:
    """The sandbox that Dexter ships with."""
    sandbox = Bubblewrap(parallel=2)
    try:
        yield sandbox
    finally:
        await sandbox.aclose()


def numbers(**given: int) -> DraftingNumbers:
    """The pattern's numbers, some of them changed."""
    return DraftingNumbers.model_validate(given)


def names_in(text: str) -> set[str]:
    """The members' names that stand in a text."""
    return set(re.findall(r"\b(?:ann|bob|cat)\b", text))
