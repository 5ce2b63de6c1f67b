"""The part of PowerShell that Dexter's script for a Hyper-V host is written in: parsed by tree-sitter, and run.

It follows what Microsoft documents (scopes, pipelines that unroll, `finally` after a stop) and is no PowerShell: what
it runs may still fail on Windows. What it does not know it refuses, so that nothing is passed over in silence.
"""

import contextlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tree_sitter import Node

from tests.doubles.powershell_tree import nodes, parameters, parsed, text
from tests.doubles.powershell_values import (
    METHODS,
    Block,
    Raised,
    Scope,
    compared,
    formatted,
    listed,
    shown,
    truth,
    unrolled,
)


class _Returned(Exception):
    """The flow leaves a function."""


Command = Callable[[list[Any], dict[str, Any]], Any]
"""Takes positional arguments, and named ones by lower-case name; returns what it writes; a list is unrolled."""


class PowerShell:
    """Runs one script. `going` is asked before each statement, and raises where the pipeline is to stop."""

    def __init__(
        self, source: str, commands: Mapping[str, Command], statics: Mapping[str, Any], going: Callable[[], None]
    ) -> None:
        self._root = parsed(source)
        assert not self._root.has_error
        self._commands = commands
        self._statics = statics
        self._going = going
        self._functions: dict[str, Node] = {}
        self._caught: list[Raised] = []
        self._ending = 0

    def run(self, given: Mapping[str, Any], known: Mapping[str, Any]) -> list[Any]:
        """Run it with parameters and variables that are there anyway. Raises `Raised`."""
        scope = Scope(Scope(here=dict(known)))
        wanted = parameters(self._root)
        for name in given:
            if name.lower() not in wanted:
                raise Raised(
                    f"A parameter cannot be found that matches parameter name '{name}'.", "NamedParameterNotFound"
                )
        values = {name.lower(): value for name, value in given.items()}
        for name, (kind, mandatory, default) in wanted.items():
            if name in values:
                scope.here[name] = self._cast(kind, values[name])
            elif mandatory:
                raise Raised(
                    f"Cannot process command because of a missing mandatory parameter: {name}.", "MissingMandatory"
                )
            else:
                scope.here[name] = self._value(default.named_children[-1], scope) if default else None
        out: list[Any] = []
        with contextlib.suppress(_Returned):
            self._statements(next(child for child in self._root.children if child.type == "statement_list"), scope, out)
        return out

    # Statements

    def _statements(self, node: Node, scope: Scope, out: list[Any]) -> None:
        for child in node.named_children:
            if not self._ending:
                self._going()
            self._statement(child, scope, out)

    def _body(self, node: Node, scope: Scope, out: list[Any]) -> None:
        for each in node.named_children:
            if each.type == "statement_list":
                self._statements(each, scope, out)

    def _statement(self, node: Node, scope: Scope, out: list[Any]) -> None:  # noqa: C901  one case a kind
        match node.type:
            case "pipeline":
                out += self._pipeline(node, scope)
            case "empty_statement" | "comment":
                pass
            case "function_statement":
                self._functions[text(next(nodes(node, "function_name"))).lower()] = node
            case "if_statement":
                condition, block = node.named_children[:2]
                if truth(self._result(condition, scope)):
                    self._body(block, scope, out)
                else:
                    for clause in node.named_children[2:]:
                        self._body(clause.named_children[-1], scope, out)
            case "while_statement":
                condition = node.named_children[0].named_children[0]
                while truth(self._result(condition, scope)):
                    self._body(node.named_children[1], scope, out)
                    self._going()
            case "foreach_statement":
                one, each_of, body = node.named_children
                for value in listed(self._result(each_of, scope)):
                    scope.here[text(one)[1:].lower()] = value
                    self._body(body, scope, out)
            case "try_statement":
                self._try(node, scope, out)
            case "flow_control_statement":
                self._flow(node, scope, out)
            case _:
                raise NotImplementedError(f"{node.type}: {text(node)}")

    def _try(self, node: Node, scope: Scope, out: list[Any]) -> None:
        body, *rest = node.named_children
        clauses = [each for part in rest if part.type == "catch_clauses" for each in part.named_children]
        ending = next((part for part in rest if part.type == "finally_clause"), None)
        try:
            try:
                self._body(body, scope, out)
            except Raised as error:
                clause = next((each for each in clauses if _catches(each, error)), None)
                if clause is None:
                    raise
                self._caught.append(error)
                scope.here["_"] = error.record
                self._body(clause.named_children[-1], scope, out)
                self._caught.pop()
        finally:
            if ending is not None:
                self._ending += 1
                self._body(ending.named_children[0], scope, out)
                self._ending -= 1

    def _flow(self, node: Node, scope: Scope, out: list[Any]) -> None:
        what = node.named_children[0] if node.named_children else None
        match text(node).split()[0]:
            case "return":
                out += self._pipeline(what, scope) if what is not None else []
                raise _Returned
            case "throw" if what is None:
                raise self._caught[-1]
            case "throw":
                assert what is not None
                raise Raised(shown(self._result(what, scope)), category="OperationStopped")
            case other:
                raise NotImplementedError(other)

    # Pipelines and commands

    def _pipeline(self, node: Node, scope: Scope) -> list[Any]:
        inner = node.named_children[0]
        if inner.type == "assignment_expression":
            self._assign(inner, scope)
            return []
        held: list[Any] = []
        for at, part in enumerate(inner.named_children):
            held = self._command(part, scope, held) if part.type == "command" else listed(self._value(part, scope))
            assert at == 0 or part.type == "command"
        return held

    def _result(self, node: Node, scope: Scope) -> Any:
        """Return what a pipeline gives: an expression what it is, a command nothing, one thing, or several."""
        inner = node.named_children[0]
        alone = (
            inner.type == "pipeline_chain"
            and inner.named_child_count == 1
            and inner.named_children[0].type != "command"
        )
        return self._value(inner.named_children[0], scope) if alone else unrolled(self._pipeline(node, scope))

    def _assign(self, node: Node, scope: Scope) -> None:
        target, _, pipeline = node.named_children
        value = self._result(pipeline, scope)
        while target.type not in ("variable", "member_access"):
            (target,) = target.named_children
        if target.type == "variable":
            scope.here[text(target)[1:].lower()] = value
        else:
            thing = self._value(target.named_children[0], scope)
            thing[text(target.named_children[-1]).lower()] = value

    def _command(self, node: Node, scope: Scope, held: list[Any]) -> list[Any]:
        name = text(node.named_children[0]).lower()
        positional: list[Any] = []
        named: dict[str, Any] = {}
        waiting = ""
        elements = node.named_children[1].named_children if len(node.named_children) > 1 else []
        for each in elements:
            if each.type == "command_argument_sep":
                continue
            if each.type == "command_parameter":
                waiting = text(each).strip("-:").lower()
                named[waiting] = True
            elif waiting:
                named[waiting], waiting = self._value(each, scope), ""
            else:
                positional.append(self._value(each, scope))
        if name == "where-object":
            (block,) = positional
            return [each for each in held if truth(unrolled(self.call(block, each)))]
        if name in self._functions:
            return self._function(self._functions[name], positional, named, scope)
        if name not in self._commands:
            raise Raised(f"The term '{name}' is not recognized as the name of a cmdlet.", "CommandNotFoundException")
        return listed(self._commands[name](positional, named))

    def _function(self, node: Node, positional: list[Any], named: dict[str, Any], scope: Scope) -> list[Any]:
        inner = Scope(scope)
        wanted = [text(next(nodes(each, "variable")))[1:].lower() for each in nodes(node, "script_parameter")]
        inner.here = {**dict(zip(wanted, positional, strict=False)), **named}
        out: list[Any] = []
        with contextlib.suppress(_Returned):
            self._statements(next(nodes(node, "statement_list")), inner, out)
        return out

    def call(self, block: Block, item: Any) -> list[Any]:
        out: list[Any] = []
        self._statements(next(nodes(block.node, "statement_list")), Scope(block.scope, {"_": item}), out)
        return out

    # Expressions

    def _value(self, node: Node, scope: Scope) -> Any:  # noqa: C901  one case a kind
        operator = next(
            (text(each) for each in node.children if each.type == "comparison_operator" or not each.is_named), ""
        )
        if node.child_count == 1 and ("_expression" in node.type or "expression_with" in node.type):
            return self._value(node.children[0], scope)
        match node.type:
            case "variable":
                return self._variable(text(node)[1:].lower(), scope)
            case "string_literal":
                return self._value(node.children[0], scope)
            case "verbatim_string_characters":
                return text(node)[1:-1].replace("''", "'")
            case "expandable_string_literal":
                return self._expanded(node, scope)
            case "integer_literal":
                return int(text(node))
            case "generic_token":
                return text(node)
            case "array_expression":
                return [each for part in node.named_children for each in self._all(part, scope)]
            case "sub_expression" | "parenthesized_expression":
                (part,) = node.named_children
                return self._result(part, scope) if part.type == "pipeline" else unrolled(self._all(part, scope))
            case "array_literal_expression":
                return [self._value(each, scope) for each in node.named_children]
            case "hash_literal_expression":
                entries = [each.named_children for each in nodes(node, "hash_entry")]
                return {text(key).lower(): self._result(value, scope) for key, value in entries}
            case "script_block_expression":
                return Block(node, scope)
            case "cast_expression":
                return self._cast(
                    text(node.named_children[0]).strip("[]").lower(), self._value(node.named_children[1], scope)
                )
            case "expression_with_unary_operator":
                assert operator == "-not"
                return not truth(self._value(node.named_children[0], scope))
            case "logical_expression":
                left, right = node.named_children
                first = truth(self._value(left, scope))
                return (
                    first and truth(self._value(right, scope))
                    if operator == "-and"
                    else first or truth(self._value(right, scope))
                )
            case "comparison_expression":
                left, _, right = node.named_children
                return compared(operator, self._value(left, scope), self._value(right, scope))
            case "additive_expression":
                left, right = (self._value(each, scope) for each in node.named_children)
                return left + right if operator == "+" else left - right
            case "format_expression":
                left, _, right = node.named_children
                return formatted(self._value(left, scope), self._value(right, scope))
            case "member_access" | "invokation_expression" | "element_access":
                return self._member(node, scope)
        raise NotImplementedError(f"{node.type}: {text(node)}")

    def _all(self, node: Node, scope: Scope) -> list[Any]:
        out: list[Any] = []
        self._statements(node, scope, out)
        return out

    def _variable(self, name: str, scope: Scope) -> Any:
        fixed = {"true": True, "false": False, "null": None}
        return fixed[name] if name in fixed else scope.get(name)

    def _expanded(self, node: Node, scope: Scope) -> str:
        assert node.text is not None
        made, at = "", node.start_byte + 1
        for each in node.named_children:
            made += node.text[at - node.start_byte : each.start_byte - node.start_byte].decode()
            made += shown(self._value(each, scope))
            at = each.end_byte
        return made + node.text[at - node.start_byte : -1].decode()

    def _member(self, node: Node, scope: Scope) -> Any:
        of, *rest = node.named_children
        if node.type == "element_access":
            return self._value(of, scope)[self._value(rest[0], scope)]
        name = text(rest[0]).lower()
        given = [self._value(each, scope) for part in rest[1:] for each in _arguments(part)]
        if of.type == "type_literal":
            found = self._statics[f"{text(of).strip('[]').lower()}.{name}"]
            return found(*given)
        thing = self._value(of, scope)
        if isinstance(thing, dict):
            if name not in thing and name == "gettype":
                return {"name": thing["kind"]}
            if name not in thing:
                raise Raised(f"The property '{name}' cannot be found on this object.", "PropertyNotFoundException")
            return thing[name]
        return METHODS[name](thing, *given)

    def _cast(self, kind: str, value: Any) -> Any:
        match kind:
            case "guid":
                return uuid.UUID(str(value))
            case "string":
                return shown(value)
            case "int":
                return int(value)
            case "byte[]":
                return bytes(value)
            case "securestring":
                if value is not None and not hasattr(value, "decrypt"):
                    raise Raised("Cannot convert a value to type SecureString.", "ParameterArgumentTransformationError")
                return value
        raise NotImplementedError(kind)


def _arguments(node: Node) -> list[Node]:
    return [each.named_children[0] for each in nodes(node, "argument_expression")]


def _catches(clause: Node, error: Raised) -> bool:
    kinds = [text(each) for each in nodes(clause, "catch_type_list")]
    return not kinds or error.kind in kinds[0]
