"""Completion of skills' names, looked up while a person types."""

from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.app import App
from bot.commands.skills import NAMELESS, PARTS
from bot.console.session import TENANT
from core.errors import DexterError

OFFERED = 25


class SkillNames(Completer):
    """Completes the name behind `skill run`, `skill show` and the like."""

    def __init__(self, app: App) -> None:
        self._skills = app.desk.skills

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Return nothing: names are looked up without holding up the keyboard."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield the names that go on with what was typed."""
        verb, *typed = document.text_before_cursor.split(" ")
        if verb != "skill" or len(typed) != 2 or typed[0] not in PARTS or typed[0] in NAMELESS:
            return
        try:
            found, _ = await self._skills.page(TENANT, 1, OFFERED, typed[1].replace("-", " "))
        except DexterError:
            return
        for each in found:
            yield Completion(each.name, start_position=-len(typed[1]), display_meta=each.description[:60])
