"""The committees by name: the shipped default, and those of `dexter.toml`, checked here."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.committee.committee import Committee, Member
from core.committee.patterns import load_patterns
from core.committee.voting import RULES
from core.errors import Misconfigured

SHIPPED = Path(__file__).with_name("committees") / "default.toml"
LOCAL = "local/"
ROOMY_TOKENS = 1024
"""What a member may write whose model does not run on this machine."""


def default_committee() -> Committee:
    """Return the committee that Dexter ships with."""
    return _committee("default", tomllib.loads(SHIPPED.read_text("utf-8")), None)


def load_committees(tables: Mapping[str, Any], default: Committee | None = None) -> dict[str, Committee]:
    """Return the committees of the tables `[committees.NAME]`, and the one named `default` in any case.

    A table without members takes over `default` (the shipped one if none is given) and changes what it names. Raises
    `Misconfigured` naming the key and the remedy.
    """
    base = default or default_committee()
    return {base.name: base} | {name: _committee(name, table, base) for name, table in tables.items()}


def with_models(committee: Committee, models: Sequence[str]) -> Committee:
    """Return the committee with `models` on its seats, in turn: one model for all, or one each.

    Where there are more models than members that are on, more members are switched on. Models that do not run here
    may write at length. Raises `Misconfigured` where no model is given.
    """
    if not models:
        raise Misconfigured("Name at least one model to seat.")
    on = [member.name for member in committee.seated]
    off = [member.name for member in committee.members if not member.on]
    seated = {*on, *off[: max(0, len(models) - len(on))]}
    order = cycle(models)
    members = tuple(_seat(m, next(order)) if m.name in seated else m for m in committee.members)
    return committee.but(members=members)


def _seat(member: Member, model: str) -> Member:
    tokens = member.max_tokens if model.startswith(LOCAL) else max(member.max_tokens, ROOMY_TOKENS)
    return member.but(model=model, fallbacks=(), on=True, max_tokens=tokens)


def _committee(name: str, table: Any, base: Committee | None) -> Committee:
    if not isinstance(table, Mapping):
        raise Misconfigured(
            "committees.{name} must be a table: write [committees.{name}] above its settings.", name=name
        )
    try:
        committee = Committee.model_validate({**_inherited(base, table), **table, "name": name})
    except ValidationError as error:
        raise Misconfigured(_told(name, error)) from None
    _check(committee)
    return committee


def _inherited(base: Committee | None, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a committee that brings no members of its own takes over."""
    return {} if base is None or table.get("members") else dict(base)


def _told(name: str, error: ValidationError) -> str:
    """Return the first thing that is wrong, with its key as it stands in the file, never with its value."""
    first = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in ("committees", name, *first["loc"]))
    remedy = "remove it, or correct its spelling" if first["type"] == "extra_forbidden" else "correct it"
    return f"{key} in dexter.toml is wrong: {first['msg']}; {remedy}."


def _check(committee: Committee) -> None:
    """Raise `Misconfigured` for what is wrong between one setting and another."""
    where = f"committees.{committee.name}"
    names = Counter(member.name for member in committee.members)
    if twice := [name for name, count in names.items() if count > 1]:
        raise Misconfigured(
            "{where}.members has “{twice}” twice; give every member a name of its own.", where=where, twice=twice[0]
        )
    if not committee.seated:
        raise Misconfigured("{where} has no member that is on; add one, or set `on = true`.", where=where)
    if committee.chair and committee.chair not in names:
        raise Misconfigured(
            "{where}.chair is “{chair}”, which is no member; name one of {names}.",
            where=where,
            chair=committee.chair,
            names=", ".join(names),
        )
    if committee.rule and committee.rule not in RULES:
        raise Misconfigured(
            "{where}.rule is “{rule}”; there are {names}.", where=where, rule=committee.rule, names=", ".join(RULES)
        )
    if committee.pattern != "auto" and committee.pattern not in load_patterns():
        raise Misconfigured(
            "{where}.pattern is “{pattern}”; there are auto, {names}.",
            where=where,
            pattern=committee.pattern,
            names=", ".join(load_patterns()),
        )
