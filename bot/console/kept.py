"""The end of a task in the terminal: its files on the disk, and all of it for machines."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.shapes import Attached, Part
from bot.words import Words
from core.skills.results import Done

RESULTS = "results"
"""The folder in Dexter's home that has a folder for each run whose files were kept."""


def keep(parts: Sequence[Part], folder: Path) -> Mapping[str, Path]:
    """Write files into a folder of their own, and return where each is; none where it cannot be.

    Nothing is followed and nothing replaced: a file that is there already stays.
    """
    kept: dict[str, Path] = {}
    for part in parts:
        if isinstance(part, Attached) and _write(folder / part.name, part.content):
            kept[part.name] = folder / part.name
    return kept


def tell(kept: Mapping[str, Path], console: Console, words: Words) -> None:
    """Print where files are."""
    for path in kept.values():
        console.print(words("Kept: {path}", path=path), style="dim", highlight=False, soft_wrap=True)


def _write(path: Path, content: bytes) -> bool:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def of_task(run: str, done: Done, kept: Mapping[str, Path]) -> dict[str, Any]:
    """Return a task's end for machines; the keys are a promise."""
    produced = done.produced
    given = produced.model_dump(mode="json", exclude={"files"}) if produced else {}
    return {
        "run": run,
        "status": done.status.value,
        "task": done.task,
        "skill": done.skill,
        "version": done.version,
        "passed": done.passed,
        "text": done.text,
        "value": given.pop("value", None),
        "files": [{"name": name, "path": str(path)} for name, path in kept.items()],
        "produced": given or None,
        "tests": [trial.model_dump(mode="json") for trial in done.tests],
        "report": done.report.model_dump(mode="json") if done.report else None,
        "review": done.review.model_dump(mode="json") if done.review else None,
    }
