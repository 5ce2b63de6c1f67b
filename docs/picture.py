"""Ask a real question of the local committee, and keep what the terminal showed as `docs/terminal.svg`."""

import asyncio
import sys
import tempfile
from pathlib import Path

import structlog
from rich.console import Console

from bot.app import running
from bot.console.session import Session
from bot.settings import load

QUESTION = "What is the capital of Australia?"


async def main(question: str) -> None:
    """Draw the end of a run; a live panel cannot be drawn, so it is left out."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    console = Console(record=True, width=100, force_terminal=False, color_system="truecolor", highlight=False)
    with tempfile.TemporaryDirectory() as home:
        async with running(load().model_copy(update={"home": Path(home)})) as app:
            await app.fetch()
            await app.warm()
            console.print(f"[bold]ask ›[/bold] {question}")
            await Session(app, console).say(f"ask {question}")
    console.save_svg(str(Path(__file__).with_name("terminal.svg")), title="dexter chat")


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or QUESTION))
