"""The folder of a skill, from the program that won and the tests that stayed."""

import ast
import json
import re
import textwrap
from collections.abc import Sequence

from core.entities import Noun
from core.skills.drafting.cases import Case
from core.skills.drafting.reading import helpers
from core.skills.drafting.signature import contract
from core.skills.drafting.wish import Wish, parameters_of
from core.skills.folder import Folder
from core.skills.manifest import FILE, write_manifest
from core.skills.names import LONGEST, faults_of_name

MAIN = "scripts/main.py"
_LONGEST_DESCRIPTION = 600
_IMPORT = """import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from main import {names}
"""


class Made(Noun):
    """What a draft comes to, before anything is kept of it."""

    label: str
    members: tuple[str, ...]
    name: str
    """The function's."""
    code: str
    examples: tuple[Case, ...] = ()
    tests: tuple[Case, ...] = ()
    """The members' that stayed."""
    agreed: tuple[Case, ...] = ()
    """What programs written apart from one another gave alike, where nobody had said what it should be."""
    failed: tuple[Case, ...] = ()
    """Examples that it fails: a draft all the same, and the person is told."""
    voted_out: int = 0


def folder_of(made: Made, wish: Wish) -> Folder:
    """Return the folder: SKILL.md, the program with its entry point, and its tests.

    Raises `BadRequest` where the program has what no skill may have.
    """
    files = {MAIN: _main(made).encode(), FILE: _manifest(made, wish)}
    groups = {"examples": (*made.examples, *made.failed), "members": made.tests, "agreed": made.agreed}
    for name, cases in groups.items():
        if cases:
            files[f"tests/test_{name}.py"] = _tests([made.name, *sorted(helpers(wish))], name, cases).encode()
    return Folder(files)


def skill_name(function: str, text: str) -> str:
    """Return a name for the skill: the function's, or the first words of the request."""
    for source in (function, " ".join(re.findall(r"[A-Za-z]+", text)[:5])):
        parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", source).lower()
        name = re.sub(r"[^a-z0-9]+", "-", parts)[:LONGEST].strip("-")
        if len(name) > 2 and not faults_of_name(name):
            return name
    return "drafted-skill"


def description(made: Made, wish: Wish) -> str:
    """Return in one or two sentences what the skill does: its docstring's beginning, or the request's."""
    tree = ast.parse(wish.stub or made.code)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == made.name)
    whole = ast.get_docstring(function) or wish.text
    first = " ".join(re.split(r">>>|\n\s*\n|\bExamples?\b", whole.strip())[0].split())
    return textwrap.shorten(first or " ".join(whole.split()), _LONGEST_DESCRIPTION, placeholder=" …") or made.name


def _main(made: Made) -> str:
    if made.name == "run":
        return made.code
    function = next(
        node for node in ast.parse(made.code).body if isinstance(node, ast.FunctionDef) and node.name == made.name
    )
    call = f"{made.name}({', '.join(_passed(function))})"
    entry = f"def run({ast.unparse(function.args)}):\n    return {call}\n"
    return f"{made.code.rstrip()}\n\n\n{entry}"


def _passed(function: ast.FunctionDef) -> list[str]:
    """Return the arguments of the inner call: what may stand by its place does, the rest by name."""
    by_name = {each.arg for each in function.args.kwonlyargs}
    return [f"{name}={name}" if name in by_name else name for name in parameters_of(function)]


def _manifest(made: Made, wish: Wish) -> bytes:
    takes, gives = contract(made.code, made.name)
    name, told = skill_name(made.name, wish.text), description(made, wish)
    metadata = {
        "dexter-language": "python",
        "dexter-entry": MAIN,
        "dexter-input": json.dumps(takes),
        "dexter-output": json.dumps(gives),
    }
    shown = "\n".join(f"    {line}" for line in wish.text.strip().splitlines())
    body = f"\n# {name}\n\n{told}\n\nWritten for this request:\n\n{shown}\n"
    return write_manifest({"name": name, "description": told, "metadata": metadata}, body)


def _tests(names: list[str], group: str, cases: Sequence[Case]) -> str:
    lines = [f'"""{_TITLES[group]}"""', "", _IMPORT.format(names=", ".join(names))]
    for number, case in enumerate(cases, 1):
        lines += ["", f"def test_{group}_{number}():", f"    {_assert(names[0], case)}", ""]
    return "\n".join(lines)


_TITLES = {
    "examples": "The examples that the request gave.",
    "members": "Tests that members wrote against one another's code, as far as the runs support them.",
    "agreed": "What programs written apart from one another gave alike.",
}


def _assert(name: str, case: Case) -> str:
    call = f"{name}({case.arguments})"
    match case.check:
        case "true":
            return f"assert {call}"
        case "false":
            return f"assert not {call}"
        case _ if case.check == "close" or isinstance(ast.literal_eval(case.expected), float):
            return f"assert abs({call} - {case.expected}) < {1e-4 if case.check == 'close' else 1e-6}"
        case _:
            return f"assert {call} == {case.expected}"
