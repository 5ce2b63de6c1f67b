"""Every text of Dexter's own in the code, found by reading it: what a catalogue has to hold."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import core.errors
from bot.board import DOING
from core.access import Permission
from core.campaigns.template import load_templates
from core.committee.patterns import choose, load_patterns
from core.committee.tally import BREAKERS
from core.committee.voting import RULES
from core.entities import Role, Status
from core.events import Absence, Agreement
from core.sandbox import Outcome
from core.skills.skill import Stage
from storage.failures import SAYINGS

REASONS = {"TryLater", "Undeliverable", "Revoked"}
"""Why a chat takes no post; people read that in `status`, and where their answer cannot be shown."""
ERRORS = REASONS | {
    name for name, kind in vars(core.errors).items() if isinstance(kind, type) and issubclass(kind, Exception)
}
MARKS = ("words", "_words", "said", "key", "Command", "Option")
"""Calls whose text is a key: said in words, kept as a sentence, marked as one, or of the table of commands."""


@dataclass(frozen=True, slots=True)
class Key:
    """A text and, where it can be one or many, the other one."""

    text: str
    many: str
    where: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A key that is put together as the code runs, so that no catalogue can hold it."""

    code: str
    where: str


def keys(root: Path, rooms: tuple[str, ...] = ("bot", "core", "storage")) -> Iterator[Key | Odd]:
    """Yield every key of the code under `root`."""
    files = [file for room in rooms for file in sorted((root / room).rglob("*.py")) if "versions" not in file.parts]
    modules = {file.relative_to(root).as_posix(): ast.parse(file.read_text("utf-8"), str(file)) for file in files}
    nodes = (node for module in modules.values() for node in ast.walk(module))
    kinds = ERRORS | {node.name for node in nodes if isinstance(node, ast.ClassDef) and _family(node)}
    for name, module in modules.items():
        yield from _in_module(module, name, kinds)


def _in_module(module: ast.Module, name: str, kinds: set[str]) -> Iterator[Key | Odd]:
    assigned = defaultdict(list)
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned[node.targets[0].id].append(node.value)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            for text, many in _texts(node, kinds):
                yield from _read(text, many, assigned, f"{name}:{node.lineno}")


def _family(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id in ERRORS for base in node.bases)


def _texts(call: ast.Call, errors: set[str]) -> list[tuple[ast.expr, ast.expr | None]]:
    """Return what a call says, each with its plural if it has one."""
    called = ast.unparse(call.func)
    last = called.rpartition(".")[2]
    given = {word.arg: word.value for word in call.keywords}
    if last == "some" and called.rpartition(".")[0].endswith("words") and len(call.args) > 2:
        return [(call.args[1], call.args[2])]
    if last in ("Command", "Option"):
        told = call.args[1] if len(call.args) > 1 else given.get("help") or given.get("summary")
        return [(told, None)] if told is not None else []
    if (last in MARKS or last in errors) and call.args:
        return [(call.args[0], None)]
    return []


def _read(
    text: ast.expr, many: ast.expr | None, assigned: dict[str, list[ast.expr]], where: str
) -> Iterator[Key | Odd]:
    """Yield what an expression may be: a text, one of two, or a name that a text was given in the same file."""
    match text:
        case ast.Constant(value=str(said)):
            yield Key(said, str(many.value) if isinstance(many, ast.Constant) else "", where)
        case ast.IfExp():
            yield from _read(text.body, None, assigned, where)
            yield from _read(text.orelse, None, assigned, where)
        case ast.Name(id=name):
            for given in assigned.get(name, ()):
                if isinstance(given, ast.Constant | ast.IfExp | ast.JoinedStr | ast.BinOp):
                    yield from _read(given, None, {}, where)
        case ast.JoinedStr() | ast.BinOp():
            yield Odd(ast.unparse(text), where)
        case _:
            pass  # looked up in a table, whose texts are marked as keys where they stand


def filled_in(root: Path) -> Iterator[Odd]:
    """Yield English that is filled into a sentence as a plain value, where no catalogue finds it."""
    for room in ("bot", "core", "storage"):
        for file in sorted((root / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in (*ERRORS, *MARKS[:3]):
                    where = f"{file.relative_to(root).as_posix()}:{node.lineno}"
                    values = [word.value for word in node.keywords]
                    yield from (Odd(ast.unparse(value), where) for value in values if _english(value))


def _english(value: ast.expr) -> bool:
    match value:
        case ast.IfExp():
            return _english(value.body) or _english(value.orelse)
        case ast.JoinedStr():
            text = " ".join(str(part.value) for part in value.values if isinstance(part, ast.Constant))
        case _:
            text = str(value.value) if isinstance(value, ast.Constant) else ""
    return bool(re.search(r"[A-Za-z]{2,} +[a-z]{2,}", text))


def probed(root: Path) -> set[str]:
    """Return the names that the doctor gives its findings."""
    found = set()
    for file in (*(root / "bot" / "probes").glob("*.py"), root / "bot" / "doctor.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Finding", "_checked", "_refused"):
                found |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    return {name for name in found if re.match("[A-Z][a-z]", name)}


def named() -> Iterator[Key]:
    """Yield the words of closed sets, which are said as they are called: states, phases, rules, patterns, …"""
    patterns = load_patterns()
    words: list[tuple[str, str]] = [
        *((status.value, "core/entities.py") for status in Status),
        *((role.value, "core/entities.py") for role in Role),
        *((stage.value, "core/skills/skill.py") for stage in Stage),
        *((outcome.value, "core/sandbox.py") for outcome in Outcome),
        *((permission.value, "core/access.py") for permission in Permission),
        *((rule, "core/committee/voting.py") for rule in (*RULES, "median")),
        *((reason, "core/events.py") for reason in get_args(Absence.model_fields["reason"].annotation)),
        ("ok", "core/events.py"),
        *((measure, "core/events.py") for measure in get_args(Agreement.model_fields["measure"].annotation)),
        *((ties, "core/committee/committee.py") for ties in BREAKERS),
        *((told, "core/committee/tally.py") for _, told in BREAKERS.values()),
        *((f"seat order, as {told} did not decide", "core/committee/tally.py") for _, told in BREAKERS.values()),
        *((sentence, "storage/failures.py") for _, _, sentence in SAYINGS),
        *((mark, "bot/shapes.py") for mark in ("winner", "tie")),
        *((phase, "bot/board.py") for phase in DOING),
        (choose("", {"panel": patterns["panel"]})[1], "core/committee/patterns.py"),
    ]
    for pattern in patterns.values():
        told = (pattern.summary, pattern.when, *([pattern.auto.why] if pattern.auto else []))
        words += [(text, f"core/committee/patterns/{pattern.name}.toml") for text in told]
        words += [(phase.name, f"core/committee/patterns/{pattern.name}.toml") for phase in pattern.phases]
    for template in load_templates().values():
        told = (template.summary, *(each.label for each in template.parameters.values()))
        words += [(text, f"core/campaigns/templates/{template.name}.toml") for text in told]
    yield from (Key(text, "", where) for text, where in words)
