"""What lies in the sandbox when a skill is tested or run: the skill, those that it uses, and what starts them."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.skills.contract import Contract
from core.skills.folder import Folder
from core.skills.manifest import FILE, read_manifest

SKILL = "skill"
"""The folder of the skill itself; those that it uses are in `needed/`, each under its name."""
_INSIDE = Path(__file__).parent / "inside"
_STARTS = b"from _dexter.start import run\n"
_TESTS = b"from _dexter.trials import run\n"
START, TESTS = "_start.py:run", "_tests.py:run"
"""Entry points of a program: run the skill, run its tests."""
POWERSHELL = ("pwsh", "-NoProfile", "-NonInteractive", "-File")
PESTER = (*POWERSHELL, "{files}/_dexter/pester.ps1")
_MODULE = "from _dexter.calling import caller\n\nrun = caller({name!r}, {language!r}, {entry!r})\n"
_COMMAND = """#!/bin/sh
PYTHON=$(command -v python3 || echo /python/bin/python3)
exec "$PYTHON" -I -S -B \\
    -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from _dexter.calling import main; main()' \\
    "$(dirname "$0")/../.." {name} {language} {entry}
"""


def staged(folder: Folder, needed: Mapping[str, Folder]) -> dict[str, bytes]:
    """Return the files of a program. Raises `BadRequest` for a needed skill whose SKILL.md cannot be read."""
    files = {f"_dexter/{path.name}": path.read_bytes() for path in sorted(_INSIDE.iterdir()) if path.is_file()}
    files |= {"_start.py": _STARTS, "_tests.py": _TESTS}
    files |= {f"{SKILL}/{path}": content for path, content in folder.files.items()}
    for name, each in needed.items():
        files |= {f"needed/{name}/{path}": content for path, content in each.files.items()}
        files |= dict(_callable(name, read_manifest(each.files.get(FILE, b"")).contract))
    return files


def _callable(name: str, contract: Contract) -> Iterator[tuple[str, bytes]]:
    """Yield what makes a skill `skills.its_name` in Python and `skills/its-name/run` as a command."""
    if contract.entry:
        values = {"name": name, "language": contract.language, "entry": contract.entry}
        yield f"skills/{name.replace('-', '_')}/__init__.py", _MODULE.format(**values).encode()
        yield f"skills/{name}/run", _COMMAND.format(**{**values, "entry": shlex.quote(contract.entry)}).encode()
