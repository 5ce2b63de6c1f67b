"""`dexter chat`: a prompt with history and completion, while the models load."""

from collections.abc import Callable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter, merge_completers
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Console

from bot.app import App
from bot.commands.campaign import PARTS as CAMPAIGN_PARTS
from bot.commands.skills import PARTS
from bot.console.complete import SkillNames
from bot.console.session import TENANT, Session
from bot.doctor import better
from bot.words import Words, key

LEAVE = ("exit", "quit", "bye")


async def chat(app: App, console: Console, words: Words, state: Callable[[], str]) -> int:
    """Read lines until the person leaves. `state` says what the models are doing, for the line under the prompt."""
    session = Session(app, console, words)
    prompt = _prompt(app, state)
    await _greet(app, console, words)
    while True:
        try:
            with patch_stdout(raw=True):
                line = await prompt.prompt_async(FormattedText([("bold", words("ask › "))]))
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        if line.strip().casefold() in LEAVE:
            break
        if line.strip():
            await session.say(line)
            console.print()
    return 0


async def _greet(app: App, console: Console, words: Words) -> None:
    seats = ", ".join(f"{member.name} ({member.model})" for member in app.desk.committees["default"].seated)
    console.print(f"[bold]Dexter[/bold] · {seats}", highlight=False)
    if not app.settings.models.seats and (there := await better(app.settings)):
        text = "This machine has better models: {names}. `dexter doctor` says how to seat them."
        console.print(words(text, names=", ".join(there)), style="dim")
    console.print(words("Ask a question, or type help. Ctrl-C stops a question, Ctrl-D leaves."), style="dim")
    for going in await app.desk.store.recent(TENANT, limit=5):
        if not going.status.over:
            lasts = going.task is not None and going.task.kind == "campaign"
            text = (
                key("The campaign {id} goes on; `campaign watch {id}` shows it.")
                if lasts
                else key("{id} was interrupted and goes on; `show {id}` will have its answer.")
            )
            console.print(words(text, id=going.id), style="dim")


def _prompt(app: App, state: Callable[[], str]) -> PromptSession[str]:
    words = [command.name for command in app.desk.commands] + [f"--pattern {name}" for name in app.desk.patterns]
    words += [f"skill {part}" for part in PARTS] + [f"campaign {part}" for part in CAMPAIGN_PARTS]
    return PromptSession(
        history=_history(app.settings.home / "history"),
        completer=merge_completers([WordCompleter(words, sentence=True), SkillNames(app)]),
        complete_while_typing=False,
        enable_history_search=True,
        bottom_toolbar=state,
        refresh_interval=0.5,
    )


def _history(path: Path) -> FileHistory | InMemoryHistory:
    """Keep the history in a file only its owner can read; in memory where there is nowhere to write."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
