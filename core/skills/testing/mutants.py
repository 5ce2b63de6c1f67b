"""Broken copies of a skill's entry file, each with one thing wrong."""

import ast
import builtins
from collections.abc import Callable
from typing import Any, NamedTuple

from core.sentences import Sentence, said

MOST = 12
_LONGEST = 200_000
"""Characters of a file that is looked into."""
_SHOWN = 60
_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE,
    ast.GtE: ast.Lt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip
_NONE = ast.Constant(None)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Break = Callable[[Any], None]


class Mutant(NamedTuple):
    """One copy."""

    source: str
    what: Sentence
    """What is wrong with it."""
    empty: bool = False
    """The entry does nothing at all."""


def mutants(source: str, language: str) -> list[Mutant]:
    """Return at most `MOST` copies, the one that does nothing first; one alone where there is no Python to change."""
    nothing = Mutant("", said("its entry file is empty"), empty=True)
    if language != "python" or len(source) > _LONGEST:
        return [nothing]
    try:
        nodes = list(ast.walk(ast.parse(source)))
        if not any(isinstance(node, _Function) for node in nodes):
            return [nothing]
        places = [at for at, node in enumerate(nodes) if _breaker(node)]
        count = min(len(places), MOST - 1)
        return [_emptied(source), *(_broken(source, places[at * len(places) // count]) for at in range(count))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [nothing]


def _emptied(source: str) -> Mutant:
    """Return the copy in which nothing is done, not even a look at whether this is a copy."""
    tree = ast.parse(source)
    tree.body = [kept for node in tree.body if (kept := _hollow(node))]
    return Mutant(_text(tree), said("every function does nothing and returns `None`"), empty=True)


def _hollow(node: ast.stmt) -> ast.stmt | None:
    """Return what is left of a statement: names that others import, and nothing that runs."""
    if isinstance(node, _Function):
        node.decorator_list = [each for each in node.decorator_list if _is_of_python(each)]
        node.args.defaults, node.args.kw_defaults = (
            [_NONE] * len(node.args.defaults),
            [_NONE] * len(node.args.kwonlyargs),
        )
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        node.returns, node.body = None, [ast.Return(_NONE)]
        return node
    if isinstance(node, ast.ClassDef):
        node.bases, node.keywords = [base for base in node.bases if _is_of_python(base)], []
        node.decorator_list = []
        node.body = [kept for each in node.body if (kept := _hollow(each))] or [ast.Pass()]
        return node
    return node if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) else None


def _is_of_python(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and hasattr(builtins, node.id)


def _broken(source: str, at: int) -> Mutant:
    """Return the copy in which one place, by its number in `ast.walk`, is another."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[at]
    before, breaks = ast.unparse(node), _breaker(node)
    if breaks:
        breaks(node)
    text = "line {line} has `{after}` for `{before}`"
    line = getattr(node, "lineno", 0)
    return Mutant(_text(tree), said(text, line=line, after=ast.unparse(node)[:_SHOWN], before=before[:_SHOWN]))


def _breaker(node: ast.AST) -> _Break | None:
    """Return what breaks a place: a value that is returned, an operator, a truth or a number."""
    match node:
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            return _return_nothing
        case ast.BinOp() | ast.BoolOp() if type(node.op) in _SWAPPED:
            return _swap
        case ast.Compare() if type(node.ops[0]) in _SWAPPED:
            return _negate
        case ast.Constant(value=int()):
            return _change
        case _:
            return None


def _return_nothing(node: ast.Return) -> None:
    node.value = ast.Constant(None)


def _swap(node: ast.BinOp | ast.BoolOp) -> None:
    node.op = _SWAPPED[type(node.op)]()  # type: ignore[assignment]  # one of the same kind


def _negate(node: ast.Compare) -> None:
    node.ops[0] = _SWAPPED[type(node.ops[0])]()  # type: ignore[call-overload]


def _change(node: ast.Constant) -> None:
    node.value = not node.value if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]


def _text(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))
