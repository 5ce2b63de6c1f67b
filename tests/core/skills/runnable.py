"""Skills that run, what they import, and a real sandbox for them."""

import json
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from core.ports import Sandbox
from core.skills.folder import Folder
from tests.doubles.sandboxes import MAKE, lacking

ENDINGS = {"python": "py", "shell": "sh", "powershell": "ps1"}


def runs(
    main: str,
    *,
    name: str = "a-skill",
    language: str = "python",
    tests: str | Mapping[str, str] = "",
    input: object = {},
    output: object = {},
    more: Mapping[str, str | bytes] = {},
    extra: Mapping[str, str] = {},
) -> Folder:
    """Return a skill with this as its entry file, and `tests` as its one file of tests or as several."""
    entry = f"scripts/main.{ENDINGS[language]}"
    keys = {"language": language, "entry": entry, "input": json.dumps(input), "output": json.dumps(output), **extra}
    lines = [f"  dexter-{key}: '{value}'" for key, value in keys.items()]
    manifest = "\n".join(["---", f"name: {name}", "description: Does a thing.", "metadata:", *lines, "---", "Body\n"])
    files = {"SKILL.md": manifest, entry: textwrap.dedent(main)}
    given = tests if isinstance(tests, Mapping) else {f"tests/test_main.{ENDINGS[language]}": tests} if tests else {}
    files |= {path: textwrap.dedent(text) for path, text in given.items()}
    whole = {path: text.encode() for path, text in files.items()}
    whole |= {path: text.encode() if isinstance(text, str) else text for path, text in more.items()}
    return Folder(whole, frozenset(path for path in whole if path.endswith(".sh")))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    if reason := lacking("bubblewrap"):
        pytest.skip(reason)
    made = MAKE["bubblewrap"]()
    yield made
    await made.aclose()


@pytest.fixture
def library() -> Iterator[Path]:
    """Return a folder with a package, which every user of this machine may read."""
    with tempfile.TemporaryDirectory(prefix="library-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "greetings.py").write_text("HELLO = 'hello'\n")
        yield Path(folder)
