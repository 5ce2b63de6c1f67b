"""The code keeps its own rules: what is written down once is read everywhere, and no file grows out of hand."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot.commands.table import COMMANDS
from bot.console.argv import usage
from bot.section import Section
from bot.settings import Settings, load
from core.committee.catalog import load_committees
from core.committee.committee import Committee, Limits, Member
from core.events import Happening

ROOT = Path(__file__).parents[1]
SOURCES = sorted(file for room in ("bot", "core", "storage") for file in (ROOT / room).rglob("*.py"))
CODE = [file for file in SOURCES if "versions" not in file.parts]
HAPPENINGS = {kind.__name__ for kind in get_args(get_args(Happening)[0])}
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")

IN_THE_ANSWER = {"Dissent", "Feedback", "Moment"}
"""They change nothing of a run's board: dissent is in the answer, feedback is thanked for, a campaign has a card."""
OPENS_ROOMS = {
    "bot/app.py",
    "bot/__main__.py",
    "bot/campaign_foresight.py",
    "bot/console/start.py",
    "core/adapters/litellm_model.py",
}
"""The files that import our own code where it is used: a start must not pay for what it does not open."""


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def matched(file: str, function: str) -> set[str]:
    """Return the classes that the cases of a function name."""
    (body,) = (each for each in functions(tree(ROOT / file)) if each.name == function)
    return {
        pattern.cls.id
        for pattern in ast.walk(body)
        if isinstance(pattern, ast.MatchClass) and isinstance(pattern.cls, ast.Name)
    }


def test_every_happening_changes_a_post_or_is_silent_on_purpose() -> None:
    assert len(HAPPENINGS) == 19
    assert matched("bot/posts.py", "slots") == HAPPENINGS


def test_every_happening_changes_the_board_or_stands_in_the_answer() -> None:
    assert HAPPENINGS - matched("bot/board.py", "after") == IN_THE_ANSWER


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_in_the_help_and_in_the_hint_that_slack_shows(command: Any) -> None:
    assert re.search(rf"^  {command.name}\s+{re.escape(command.summary)}$", usage(COMMANDS), re.MULTILINE)
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    assert re.search(rf"\b{command.name}\b", manifest["features"]["slash_commands"][0]["usage_hint"])
    assert not command.example or command.example.split()[0] == command.name


def test_no_file_is_longer_than_400_lines_and_no_function_than_50() -> None:
    long = [name(file) for file in CODE if len(file.read_text("utf-8").splitlines()) > 400]
    long += [
        f"{name(file)}:{each.name}"
        for file in CODE
        for each in functions(tree(file))
        if (each.end_lineno or 0) - each.lineno >= 50
    ]
    assert long == []


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    """One without code of its own needs no words."""
    assert [name(file) for file in CODE if tree(file).body and not ast.get_docstring(tree(file))] == []


def test_nothing_waits_in_a_way_that_can_swallow_a_cancellation() -> None:
    """On Python 3.11 `asyncio.wait_for` returns the result if it comes in the turn in which it is cancelled."""
    found = [
        f"{name(file)}:{node.lineno}"
        for file in CODE
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in ("asyncio.wait_for", "wait_for")
    ]
    assert found == []


def test_our_own_modules_are_imported_at_the_top_except_where_rooms_are_opened() -> None:
    hidden = [
        f"{name(file)}: {ast.unparse(node)}"
        for file in CODE
        if name(file) not in OPENS_ROOMS
        for function in functions(tree(file))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and ours(node)
    ]
    assert hidden == []


def ours(node: ast.Import | ast.ImportFrom) -> bool:
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    relative = isinstance(node, ast.ImportFrom) and node.level > 0
    return relative or any(module.partition(".")[0] in ("bot", "core", "storage") for module in modules)


def test_every_pattern_is_walked_by_a_test() -> None:
    tests = ROOT / "tests"
    walked = {
        word.value.value
        for file in (*(tests / "core" / "committee").glob("test_deliberation*.py"), tests / "doubles/drafting_world.py")
        for call in ast.walk(tree(file))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("World", "super().__init__")
        for word in call.keywords
        if word.arg == "pattern" and isinstance(word.value, ast.Constant)
    }
    patterns = {file.stem for file in (ROOT / "core" / "committee" / "patterns").glob("*.toml")}
    assert patterns - walked == set()
    assert len(patterns) >= 8


def rows(*, of: str) -> dict[str, str]:
    """Return the rows of the documentation's tables whose first column is headed `of`: name to default."""
    found: dict[str, str] = {}
    for table in re.findall(rf"^\| {of} \| default \|.*\n\|[-|]+\n((?:\|.*\n)+)", CONFIGURATION, re.MULTILINE):
        for line in table.splitlines():
            cells = [cell.strip() for cell in line.split(" | ")]
            found[cells[0].strip("| `")] = cells[1]
    return found


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each setting's path with its default, sections opened."""
    for key, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from fields(kind, f"{prefix}{key}.")
        else:
            yield prefix + key, field.default


def as_written(default: Any) -> Any:
    """Return a default as TOML would have it."""
    if hasattr(default, "get_secret_value"):
        return default.get_secret_value()
    return list(default) if isinstance(default, tuple) else default


def assert_defaults(said: dict[str, str], there: dict[str, Any]) -> None:
    for setting, default in there.items():
        if default is PydanticUndefined:
            assert said[setting] in ("must be given", "those of `default`"), setting
        elif isinstance(default, NoneType):
            assert said[setting] == "none", setting
        elif found := re.fullmatch("`(.*)`", said[setting]):
            assert tomllib.loads(f"x = {found[1]}")["x"] == as_written(default), setting
        else:
            assert isinstance(default, Path | Limits | dict), f"{setting} has a default that can be written down"


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    there, said = dict(fields(Settings)), rows(of="setting")
    assert set(said) == set(there)
    assert_defaults(said, there)


@pytest.mark.parametrize(("of", "model"), [("of a committee", Committee), ("of a member", Member)])
def test_what_a_committee_is_made_of_is_documented_with_its_default(of: str, model: type[BaseModel]) -> None:
    there, said = dict(fields(model)), rows(of=of)
    there.pop("name") if model is Committee else None  # a committee's name is its table's
    assert set(said) == set(there)
    assert_defaults(said, there)


def test_every_limit_is_documented() -> None:
    assert set(rows(of="limit")) == set(Limits.model_fields)


def test_the_examples_of_the_documentation_are_taken(tmp_path: Path) -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", CONFIGURATION, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    file = tmp_path / "dexter.toml"
    file.write_text("\n".join(examples), "utf-8")
    settings = load(file, {})
    committees = load_committees(settings.committees)
    assert committees["legal"].chair == "counsel"
    assert settings.models.seats


def test_every_logger_of_ours_is_below_the_one_whose_level_the_settings_set() -> None:
    named = re.compile(r'structlog\.get_logger\("([\w.]+)"\)')
    names = {name for file in SOURCES for name in named.findall(file.read_text("utf-8"))}
    assert names
    assert all(name.startswith("dexter.") for name in names), names
