"""Templates of campaigns: TOML files with a goal, parameters and a plan; no code."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template as Places
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, ValidationError, model_validator

from core.campaigns.campaign import Estimate, Means, Mode
from core.campaigns.sums import Allowance
from core.entities import Noun
from core.errors import BadRequest, Misconfigured

SHIPPED = Path(__file__).with_name("templates")
LONGEST = 200_000
"""Characters of a file."""


def _places(text: str) -> str:
    if not Places(text).is_valid():
        raise ValueError("a stray $: write $$ for a dollar, or $name for a parameter")
    return text


Text = Annotated[str, AfterValidator(_places)]
"""Text with `$name` where the value of a parameter is to stand."""


class Parameter(Noun):
    """Something that a person says when they use a template."""

    label: str = Field(min_length=1, max_length=200)
    """What to give, for the person."""
    type: Literal["text", "number", "date", "choice", "list"] = "text"
    required: bool = True
    default: str = Field(default="", max_length=4000)
    """What it is where the person gives nothing; written as they would write it."""
    choices: tuple[str, ...] = ()
    """Of `choice`."""
    least: float | None = None
    most: float | None = None
    """Of `number`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("`choices` go with the type `choice`, and with no other")
        return self


class Planned(Noun):
    """One objective of a template."""

    id: str = Field(default="", pattern=r"^[1-9][0-9]{0,2}$|^$")
    """Empty: its place in the file."""
    title: Text = Field(min_length=1, max_length=400)
    done_when: Text = Field(min_length=1, max_length=2000)
    means: Means = "answer"
    brief: Text = Field(default="", max_length=8000)
    skill: str = ""
    input: dict[str, JsonValue] = {}
    """Of `use`; texts in it may have `$name`, and `{{id}}` for the result of an objective that this one needs."""
    person: Text = ""
    needs: tuple[str, ...] = ()
    estimate: Estimate = Estimate()
    budget: Allowance = Allowance()


class Template(Noun):
    """A campaign that is written down once and run many times."""

    name: str = Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=64)
    summary: str = Field(min_length=1, max_length=400)
    """What it is for, in a sentence."""
    title: Text = Field(min_length=1, max_length=400)
    goal: Text = Field(min_length=1, max_length=16_000)
    mode: Mode = "guided"
    committee: str = ""
    """Empty: the one that the person or the channel uses."""
    budget: Allowance = Allowance()
    parameters: dict[str, Parameter] = {}
    objectives: tuple[Planned, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _known(self) -> Self:
        texts = [self.title, self.goal, *(text for each in self.objectives for text in texts_of(each))]
        used = {name for text in texts for name in Places(text).get_identifiers()}
        if strange := sorted(used - set(self.parameters)):
            raise ValueError(f"no parameter is called {', '.join(strange)}")
        return self


def texts_of(planned: Planned) -> list[str]:
    """Return the texts of an objective in which parameters may stand."""
    return [planned.title, planned.done_when, planned.brief, planned.person, *_texts_in(planned.input)]


def _texts_in(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [_places(value)]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts_in(inner)]
    return [text for inner in value for text in _texts_in(inner)] if isinstance(value, list) else []


def read_template(name: str, text: str) -> Template:
    """Return a template from its file's text; its name is the file's. Raises `BadRequest` saying what is wrong."""
    if len(text) > LONGEST:
        raise BadRequest("The template {name} is too long.", name=name)
    try:
        return Template.model_validate({**tomllib.loads(text), "name": name})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        wrong = "The template {name} cannot be read: {where}: {why}"
        raise BadRequest(wrong, name=name, where=where, why=first["msg"]) from None
    except (ValueError, RecursionError) as error:
        raise BadRequest("The template {name} is no TOML: {why}", name=name, why=error) from None


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """Return the templates by name: those that come with Dexter, and those of a folder, which may take their place.

    Raises `Misconfigured` naming the folder or the file, and what is wrong with it.
    """
    if folder is not None and not folder.is_dir():
        raise Misconfigured("There is no folder {folder} for templates of campaigns.", folder=folder)
    found: dict[str, Template] = {}
    for place in filter(None, (SHIPPED, folder)):
        for path in sorted(place.glob("*.toml")):
            found[path.stem] = _read(path)
    return found


def _read(path: Path) -> Template:
    try:
        return read_template(path.stem, path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured("The template {path} cannot be read: {why}", path=path, why=error) from error
    except BadRequest as error:
        raise Misconfigured(error.sentence) from error


def template_of(name: str, templates: Mapping[str, Template]) -> Template:
    """Return a template by its name. Raises `BadRequest` naming those that there are."""
    if name not in templates:
        raise BadRequest("There is no template “{name}”. There are {names}.", name=name, names=", ".join(templates))
    return templates[name]
