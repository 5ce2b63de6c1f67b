"""SKILL.md: the open Agent Skills format, read strictly. See https://agentskills.io/specification."""

from core.entities import Noun
from core.errors import BadRequest
from core.sentences import Sentence, joined, said
from core.skills import frontmatter
from core.skills.contract import Contract, read_contract
from core.skills.frontmatter import Value
from core.skills.names import faults_of_name

FILE = "SKILL.md"
REQUIRED = ("name", "description")
FIELDS = (*REQUIRED, "license", "compatibility", "metadata", "allowed-tools")
LONGEST = {"description": 1024, "compatibility": 500}
"""Characters."""
MOST_FAULTS = 10
"""That are told at a time."""


class Manifest(Noun):
    """What SKILL.md says."""

    name: str
    description: str
    fields: dict[str, Value]
    """All of the front matter, in its order."""
    contract: Contract
    body: str
    """The instructions, in Markdown."""


def read_manifest(content: bytes) -> Manifest:
    """Return what a SKILL.md says. Raises `BadRequest` with a sentence for each fault."""
    front, body = frontmatter.split(content)
    fields = frontmatter.read(front)
    faults = _faults(fields)
    metadata = fields.get("metadata", {})
    contract = read_contract(metadata if isinstance(metadata, dict) else {}, faults)
    refuse(faults)
    name, description = (str(fields[key]) for key in REQUIRED)
    return Manifest(name=name, description=description, fields=fields, contract=contract, body=body)


def write_manifest(fields: dict[str, Value], body: str) -> bytes:
    """Return a SKILL.md that says this. Raises `BadRequest` for what may not be said."""
    content = (frontmatter.written(fields) + body).encode()
    read_manifest(content)
    return content


def refuse(faults: list[Sentence]) -> None:
    """Raise `BadRequest` with the faults, if there are any."""
    if not faults:
        return
    told = faults[:MOST_FAULTS]
    if len(faults) > MOST_FAULTS:
        told = [*told, said("There are {more} more faults.", more=len(faults) - MOST_FAULTS)]
    raise BadRequest(joined(told))


def _faults(fields: dict[str, Value]) -> list[Sentence]:
    faults = [said("SKILL.md: the field `{name}` is missing: add it.", name=n) for n in REQUIRED if n not in fields]
    for name, value in fields.items():
        if name not in FIELDS:
            text = "SKILL.md: the format has no field `{name}`: move it under `metadata`."
            faults.append(said(text, name=name[:40]))
        elif not _is_of_its_kind(name, value):
            faults.append(said("SKILL.md: the field `{name}` has a value of the wrong kind.", name=name))
        elif isinstance(value, str):
            faults += _faults_of_text(name, value)
    return faults


def _is_of_its_kind(name: str, value: Value) -> bool:
    match name:
        case "metadata":
            return isinstance(value, dict)
        case "allowed-tools":
            return not isinstance(value, dict)
        case _:
            return isinstance(value, str)


def _faults_of_text(name: str, value: str) -> list[Sentence]:
    if name == "name":
        return faults_of_name(value)
    if name in (*REQUIRED, "compatibility") and not value.strip():
        return [said("SKILL.md: the field `{name}` is empty: fill it, or leave it out.", name=name)]
    most = LONGEST.get(name, frontmatter.MOST_BYTES)
    if len(value) > most:
        text = "SKILL.md: the field `{name}` is {size:,} characters long: use {most:,} at most."
        return [said(text, name=name, size=len(value), most=most)]
    return []
