"""What a skill promises to whoever runs it: Dexter's own keys under `metadata`, each of them a text.

The open format lets metadata hold texts alone, so lists are written one a line and schemas as JSON.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from packaging.requirements import InvalidRequirement, Requirement

from core.entities import Noun
from core.errors import BadRequest
from core.sentences import Sentence, one_of, said
from core.skills.names import faults_of_name
from core.skills.numbers import allowed, number
from core.skills.skill import Need

ENDINGS: Mapping[str, str] = {"python": ".py", "powershell": ".ps1", "shell": ".sh"}
"""The languages that skills are written in, with how their files end."""
PREFIX = "dexter-"
MOST_NEEDS = 50
_PERMISSION = re.compile(r"network:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?|secret:[A-Z][A-Z0-9_]{0,63}")
_NEED = re.compile(r"(?P<name>[^\s<>=!~,;@]+)\s*(?P<range>[^@;]*)")


class Contract(Noun):
    """How a skill is run and what it asks for; all empty for one of instructions alone."""

    version: str | None = None
    language: str = ""
    entry: str = ""
    """The file that is run, in `scripts/`."""
    input: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    """JSON Schema of what it takes and gives."""
    permissions: tuple[str, ...] = ()
    """`network:api.example.com` or `secret:API_TOKEN`, each thing by its name."""
    skills: tuple[Need, ...] = ()
    packages: tuple[str, ...] = ()
    """As `pip` reads them, with a range of versions: `pandas>=2,<3`."""


def read_contract(metadata: Mapping[str, str], faults: list[Sentence]) -> Contract:
    """Return the contract, and add a sentence to `faults` for all that is wrong with it."""
    values: dict[str, Any] = {}
    for key, text in metadata.items():
        read = KEYS.get(key)
        if read is None and key.startswith(PREFIX):
            unknown = "SKILL.md: Dexter knows no key `{key}` in metadata: there is {names}."
            faults.append(said(unknown, key=key[:40], names=one_of([*KEYS])))
        if read is None:
            continue
        try:
            values[key.removeprefix(PREFIX)] = read(text)
        except BadRequest as error:
            faults.append(said("SKILL.md, `{key}`: {fault}", key=key, fault=error.sentence))
    contract = Contract(**values)
    faults += _incomplete(contract)
    return contract


def _incomplete(contract: Contract) -> list[Sentence]:
    runs: dict[str, object] = {"dexter-entry": contract.entry or None, "dexter-language": contract.language or None}
    runs |= {"dexter-input": contract.input, "dexter-output": contract.output}
    missing = ", ".join(key for key, value in runs.items() if value is None)
    if missing and any(value is not None for value in runs.values()):
        return [said("SKILL.md: a skill that runs needs {missing} in metadata as well.", missing=missing)]
    if contract.entry and not (
        contract.entry.startswith("scripts/") and contract.entry.endswith(ENDINGS[contract.language])
    ):
        text = "SKILL.md: the entry point “{entry}” must be in `scripts/` and end in `{ending}`."
        return [said(text, entry=contract.entry[:100], ending=ENDINGS[contract.language])]
    return []


def _version(text: str) -> str | None:
    """Return the version; other tools write anything here, which is then no version of Dexter's."""
    try:
        return number(text)
    except BadRequest:
        return None


def _language(text: str) -> str:
    if text not in ENDINGS:
        raise BadRequest("Dexter runs {names}, not “{given}”.", names=one_of([*ENDINGS]), given=text[:40])
    return text


def _schema(text: str) -> dict[str, Any]:
    try:
        schema = json.loads(text)
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
        if not isinstance(schema, dict):
            raise TypeError
        _harmless(schema)
    except (ValueError, TypeError, RecursionError, re.error):
        raise BadRequest("that is no JSON Schema: write one as a JSON object.") from None
    except SchemaError as error:
        raise BadRequest("that is no JSON Schema, at {at}: correct it there.", at=error.json_path[:100]) from None
    return schema


def _harmless(value: Any) -> None:
    """Refuse what would reach out of the schema, or break when it is used."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key in ("$ref", "$dynamicRef") and isinstance(item, str) and not item.startswith("#"):
            raise BadRequest("the schema refers to another document, “{ref}”: copy what it needs.", ref=item[:100])
        if key == "pattern" and isinstance(item, str):
            re.compile(item)
        _harmless(item)


def _permissions(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split()))
    for each in found:
        if not _PERMISSION.fullmatch(each):
            raise BadRequest(
                "“{given}” is no permission: name each host as `network:host` and each secret as `secret:NAME`.",
                given=each[:80],
            )
    return found


def _skills(text: str) -> tuple[Need, ...]:
    needs = []
    for line in _lines(text):
        found = _NEED.fullmatch(line)
        if not found or faults_of_name(found["name"]):
            raise BadRequest("“{line}” names no skill: write `name>=1.2,<2`, one a line.", line=line[:80])
        needs.append(Need(name=found["name"], range=str(allowed(found["range"].strip()))))
    if len({need.name for need in needs}) < len(needs):
        raise BadRequest("a skill is named twice: put its range on one line.")
    return tuple(needs)


def _packages(text: str) -> tuple[str, ...]:
    lines = _lines(text)
    for line in lines:
        try:
            package = Requirement(line)
        except InvalidRequirement:
            raise BadRequest("“{line}” names no package: write `name>=1.2,<2`, one a line.", line=line[:80]) from None
        if package.url or package.marker:
            raise BadRequest("“{line}”: a package has a name and a range here, and no address.", line=line[:80])
    return lines


def _lines(text: str) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > MOST_NEEDS:
        raise BadRequest("there are more than {most}: a skill that needs so much is several.", most=MOST_NEEDS)
    return lines


KEYS: Mapping[str, Callable[[str], Any]] = {
    "version": _version,
    "dexter-language": _language,
    "dexter-entry": str,
    "dexter-input": _schema,
    "dexter-output": _schema,
    "dexter-permissions": _permissions,
    "dexter-skills": _skills,
    "dexter-packages": _packages,
}
"""The keys of metadata that mean something to Dexter; `version` is what the format's own examples call it."""
