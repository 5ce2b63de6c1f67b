"""PowerShell as tree-sitter reads it."""

from collections.abc import Iterator

import tree_sitter
import tree_sitter_powershell
from tree_sitter import Node

LANGUAGE = tree_sitter.Language(tree_sitter_powershell.language())


def parsed(source: str) -> Node:
    return tree_sitter.Parser(LANGUAGE).parse(source.encode()).root_node


def nodes(node: Node, *kinds: str) -> Iterator[Node]:
    """Yield a node and all below it, in the order of the text; with `kinds` those alone."""
    if not kinds or node.type in kinds:
        yield node
    for child in node.children:
        yield from nodes(child, *kinds)


def text(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def parameters(root: Node) -> dict[str, tuple[str, bool, Node | None]]:
    """Return the parameters of a script by lower-case name: type, whether it must be given, default."""
    found = {}
    block = next(child for child in root.children if child.type == "param_block")
    for each in nodes(block, "script_parameter"):
        attributes = [text(one) for one in nodes(each, "attribute")]
        kind = next(one.strip("[]") if not one.startswith("[byte") else "byte[]" for one in attributes[::-1])
        mandatory = any("Mandatory" in one for one in attributes)
        default = next(nodes(each, "script_parameter_default"), None)
        name = next(text(one) for one in each.children if one.type == "variable")
        found[name[1:].lower()] = (kind.lower(), mandatory, default)
    return found
