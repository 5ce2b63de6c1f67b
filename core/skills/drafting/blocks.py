"""Code in a reply: fenced blocks, or what is left of one that was cut off; a function that can be read."""

import ast
import re

LONGEST = 40_000
"""Characters of a reply that are read."""
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n", re.MULTILINE)


def blocks(reply: str) -> tuple[str, ...]:
    """Return what stands between fences, the last one also where it is never closed."""
    found, at = [], 0
    while start := _FENCE.search(reply, at):
        end = re.compile(rf"^[ \t]*{re.escape(start[1])}`*[ \t]*$", re.MULTILINE).search(reply, start.end())
        found.append(reply[start.end() : end.start() if end else len(reply)])
        at = end.end() if end else len(reply)
    return tuple(found)


def code_in(reply: str, entry: str) -> str | None:
    """Return the program in a reply that defines `entry` (or any function, where none is named); else `None`.

    Only imports, functions, classes and constants are kept: what a member adds to try its code out would run each
    time that the skill is loaded.
    """
    reply = reply[:LONGEST]
    for text in (*sorted(blocks(reply), key=len, reverse=True), reply):
        tree = _parsed(text)
        if tree is not None and (kept := _kept(tree, entry)):
            return kept
    return None


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions at the top of a program by their names."""
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def is_stub(function: ast.FunctionDef) -> bool:
    """Tell whether a function has a signature and a docstring, and nothing that does anything."""
    return all(
        isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )


def _parsed(text: str) -> ast.Module | None:
    """Return a program; of one that was cut off, what stands before its last whole line."""
    lines = text.rstrip().splitlines()
    for end in range(len(lines), max(0, len(lines) - 12), -1):
        try:
            return ast.parse("\n".join(lines[:end]))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    return None


def _kept(tree: ast.Module, entry: str) -> str:
    there = functions(tree)
    if (entry and entry not in there) or not there or is_stub(there[entry or next(reversed(there))]):
        return ""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    tree.body = [node for node in tree.body if isinstance(node, kinds) and not _calls(node)]
    try:
        return ast.unparse(tree) + "\n"
    except RecursionError:
        return ""


def _calls(node: ast.stmt) -> bool:
    """Tell whether a constant is the result of trying the code out."""
    constant = isinstance(node, ast.Assign | ast.AnnAssign)
    return constant and any(isinstance(each, ast.Call) for each in ast.walk(node))
