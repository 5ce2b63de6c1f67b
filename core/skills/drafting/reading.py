"""What members read in a draft: the request as a programmer would be given it, code in fences, what went wrong."""

import ast
import re
from collections.abc import Sequence

from core.committee.committee import Member
from core.committee.papers import papers
from core.entities import Document
from core.skills.drafting.agreement import Evidence
from core.skills.drafting.blocks import functions
from core.skills.drafting.cases import Case, shown
from core.skills.drafting.wish import Wish

MOST_FAILURES = 4
_LONGEST = 600
"""Characters of what one run gave."""


def fenced(code: str, language: str = "python") -> str:
    """Return code, or any text, in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"


def request(wish: Wish) -> str:
    """Return the request; one that is a program with a gap is shown as that program."""
    if wish.signed:
        return f"{wish.text}\n\n{fenced(wish.stub)}"
    return fenced(wish.text) if wish.bare else wish.text


def with_files(wish: Wish, context: Sequence[Document], member: Member) -> str:
    """Return the request with the files that came with it, as much of them as the member can read."""
    files = [f"{title}:\n{fenced(text, '')}" for title, text in papers(context, member)]
    return "\n\n".join([request(wish), *files])


def code(wish: Wish, written: str) -> str:
    """Return a program whole: what came with the request stands before it, and is not written over."""
    if not wish.around:
        return written
    own = ast.parse(written)
    own.body = [node for node in own.body if not (isinstance(node, ast.FunctionDef) and node.name in helpers(wish))]
    return f"{wish.around}\n\n\n{ast.unparse(own)}\n"


def helpers(wish: Wish) -> frozenset[str]:
    """Return the names of the functions that came with the request."""
    return frozenset(functions(ast.parse(wish.around)))


def bare(written: str) -> str:
    """Return a program without its docstrings, which say again what the request says."""
    tree = ast.parse(written)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None and len(node.body) > 1:
            node.body = node.body[1:]
    return ast.unparse(tree)


def failures(evidence: Evidence, label: str, wish: Wish) -> str:
    """Return on which examples a program fails, and what it gave instead."""
    failed = [case for case in evidence.examples if not evidence.passes(label, case)]
    return "\n".join(
        f"{shown(case, wish.name)}, but it gave: {gave(evidence, label, case)}" for case in failed[:MOST_FAILURES]
    )


def gave(evidence: Evidence, label: str, case: Case) -> str:
    """Return what a program gave on the call of a test."""
    output = evidence.outputs[label][case.arguments]
    return (output.error or output.value)[:_LONGEST]
