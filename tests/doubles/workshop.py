"""Tasks on skills with everything that they need: a real store, a real or a counted sandbox, steps that are kept."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

from core.entities import Collaboration, Principal, Role, Task, now, run_id
from core.events import Event
from core.pool import Pool
from core.ports import Sandbox
from core.sandbox import Tier
from core.skills.bench import Bench
from core.skills.folder import Folder
from core.skills.promotions import Promotions
from core.skills.results import Done
from core.skills.running.run import LIMITS
from core.skills.skill import Move, SkillVersion
from core.skills.skills import Skills
from core.skills.tasks import Kind, Tasks
from storage.skills import SqlSkills
from storage.store import SqlStore

T = TypeVar("T")
TENANT = "local"

MANIFEST = """\
---
name: {name}
description: Counts the words of a text. Use when someone asks how long a text is.
metadata:
  version: "{version}"
  dexter-language: python
  dexter-entry: scripts/main.py
  dexter-input: '{{"type": "object", "properties": {{"text": {{"type": "string"}}}}, "required": ["text"]}}'
  dexter-output: '{{"type": "integer"}}'
{more}---
Run it.
"""
CODE = "def run(text):\n    return len(text.split())\n"
TESTS = """\
from main import run


def test_none():
    assert run("") == 0


def test_words_are_counted():
    assert run("one two  three") == 3
"""


def person(role: Role = Role.OPERATOR, name: str = "ada", tenant: str = TENANT) -> Principal:
    """Return a person."""
    return Principal(tenant=tenant, id=f"local:{name}", name=name.title(), role=role)


def words(
    name: str = "word-count", version: str = "1.0.0", more: str = "", code: str = CODE, tests: str = TESTS
) -> Folder:
    """Return a skill that counts words; `more` are lines of metadata."""
    said = "".join(f"  {line}\n" for line in more.splitlines())
    files = {
        "SKILL.md": MANIFEST.format(name=name, version=version, more=said),
        "scripts/main.py": code,
        "tests/test_main.py": tests,
    }
    return Folder({path: text.encode() for path, text in files.items() if text})


class Kept:
    """Steps that outlive a crash, which `crash` after so many of them brings about."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.done: list[str] = []
        self.crash_at = ""
        self.stopped = False

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        adapter: TypeAdapter[T] = TypeAdapter(shape)
        if key not in self.pages:
            result = await work()
            self.done.append(key)
            self.pages[key] = adapter.dump_json(result).decode()
            if key == self.crash_at:
                self.crash_at = ""
                raise KeyboardInterrupt(key)
        return adapter.validate_json(self.pages[key])

    def stopping(self) -> bool:
        return self.stopped


class Workshop:
    """The parts, joined as `bot.app` joins them."""

    def __init__(
        self,
        store: SqlStore,
        kept: SqlSkills,
        sandbox: Sandbox,
        least: Tier = Tier.LIMITED,
        more: Mapping[str, Kind] | None = None,
    ) -> None:
        self.store, self.kept = store, kept
        self.skills = Skills(kept)
        self.pool = Pool(sandbox, parallel=2)
        self.bench = Bench(self.skills, kept, self.pool, self._libraries, LIMITS, least)
        self.tasks = Tasks(store, self.bench, self._emit, more)
        self.promotions = Promotions(store, kept, self.skills, self._decide, least)
        self._count = 0

    async def _libraries(self, version: SkillVersion) -> tuple[Any, ...]:
        return ()

    async def _emit(self, event: Event) -> None:
        await self.store.append(event)

    async def _decide(self, event: Event, name: str, version: str, *, before: str, move: Move | None) -> SkillVersion:
        return await self.kept.decide(event, (), name, version, before=before, move=move)

    async def bring(self, folder: Folder, who: Principal | None = None) -> SkillVersion:
        version, _ = await self.skills.bring(folder, who or person(), source="here")
        return version

    async def asked(self, who: Principal | None = None, **task: Any) -> Collaboration:
        """Accept a task as the line at the door does."""
        who, self._count = who or person(), self._count + 1
        key = f"k{self._count}"
        asked = Collaboration(
            id=run_id(who.tenant, key), tenant=who.tenant, asker=who.id, asker_name=who.name,
            address=f"console:{who.tenant}:1", question="skill …", created_at=now(), task=Task(**task),
        )  # fmt: skip
        assert await self.store.accept(asked, key)
        return asked

    async def done(self, who: Principal | None = None, steps: Kept | None = None, **task: Any) -> tuple[str, Done]:
        """Do a task; return its run and its end."""
        asked = await self.asked(who, **task)
        return asked.id, await self.carried(asked, steps or Kept())

    async def carried(self, asked: Collaboration, steps: Kept) -> Done:
        await self.tasks.carry(asked.tenant, asked.id, steps)
        ends = [body for body in await self.said(asked) if isinstance(body, Done)]
        assert len(ends) == 1
        assert (await self.store.collaboration(asked.tenant, asked.id)).status is ends[0].status
        return ends[0]

    async def said(self, asked: Collaboration) -> list[Any]:
        return [event.body for event in await self.store.history(asked.tenant, asked.id)]

    async def promoted(self, folder: Folder) -> SkillVersion:
        """Bring a skill in and have it promoted, with all that this takes."""
        version = await self.bring(folder)
        run, done = await self.done(kind="promote", skill=version.skill, version=version.version)
        assert done.review, done.text
        return await self.promotions.approve(person(Role.ADMINISTRATOR), run, yes=True)
