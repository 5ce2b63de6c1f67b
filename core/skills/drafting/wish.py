"""What was asked for: the request, and what in it a machine can use: a signature, code around it, examples."""

import ast
import re

from core.entities import Noun
from core.skills.drafting.blocks import blocks, functions, is_stub
from core.skills.drafting.cases import Case
from core.skills.drafting.examples import examples_in, names_called

LONGEST = 30_000
"""Characters of a request that are searched."""


class Wish(Noun):
    """A request, read."""

    text: str
    """As the person wrote it."""
    stub: str = ""
    """The signature and the docstring of what is to be written; empty where the request has none."""
    around: str = ""
    """Imports and other functions that came with it."""
    name: str = ""
    """The function's; empty where nobody has named it yet."""
    parameters: tuple[str, ...] = ()
    examples: tuple[Case, ...] = ()
    bare: bool = False
    """The request is nothing but a program with a gap."""
    signed: bool = False
    """Signature and docstring are the chair's."""


def read_wish(text: str) -> Wish:
    """Return a request, read; a request in words alone has neither stub nor name, and maybe examples."""
    for code in (text, *blocks(text), *_ends(text)):
        tree = _parsed(code)
        if tree is not None and (found := wish_of(text, tree)):
            return found.but(bare=code is text)
    named = next(iter(names_called(text)), "") or _in_words(text)
    return Wish(text=text, name=named, examples=examples_in(text, named, ()))


def wish_of(text: str, tree: ast.Module) -> Wish | None:
    """Return a request whose code has a function to be filled; `None` where there is none."""
    stubs = [node for node in functions(tree).values() if is_stub(node)]
    if not stubs:
        return None
    stub = stubs[-1]
    around = ast.Module([node for node in tree.body if _stays(node) and node not in stubs], [])
    parameters = parameters_of(stub)
    return Wish(
        text=text,
        stub=ast.unparse(stub),
        around=ast.unparse(around),
        name=stub.name,
        parameters=parameters,
        examples=examples_in(text, stub.name, parameters),
    )


def signed(wish: Wish, reply: str) -> tuple[Wish, tuple[Case, ...]]:
    """Return a request with the signature in a reply, and the examples in its docstring, which are not the person's.

    Where the reply has none, the request stays as it is.
    """
    for code in blocks(reply) or (reply,):
        tree = _parsed(code)
        there = [*functions(tree).values()] if tree is not None else []
        if not there:
            continue
        function = next((each for each in there if each.name == wish.name), there[-1])
        function.name, old = wish.name or function.name, function.name
        documented = ast.get_docstring(function, clean=False)
        function.body = [ast.Expr(ast.Constant(documented or wish.text))]
        parameters = parameters_of(function)
        stub = ast.unparse(ast.fix_missing_locations(function))
        theirs = examples_in(documented or "", old, parameters)
        named = wish.but(stub=stub, name=function.name, parameters=parameters, signed=True)
        return named.but(examples=examples_in(wish.text, function.name, parameters)), theirs
    return wish, ()


def parameters_of(function: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names of what a function takes, in their order."""
    return tuple(each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs))


def _stays(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign)


def _ends(text: str) -> list[str]:
    """Return the text from each line on that could begin a program."""
    text = text[:LONGEST]
    starts = [found.start() for found in re.finditer(r"^(?:def|import|from|class|@)\b", text, re.MULTILINE)]
    return [text[start:] for start in starts[:1] + starts[-1:]]


def _parsed(code: str) -> ast.Module | None:
    """Return a program; a signature alone gets a body."""
    for whole in (code, f"{code.rstrip()}\n    pass\n"):
        try:
            return ast.parse(whole)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
    return None


def _in_words(text: str) -> str:
    """Return the name that a request gives its function in words: "a function called `f`"."""
    found = re.search(r"\b(?:function|called|named)\s+(?:called\s+|named\s+)?[`'\"]([A-Za-z_]\w{0,60})(?:\(\))?[`'\"]",
                      text[:LONGEST])  # fmt: skip
    return found[1] if found else ""
