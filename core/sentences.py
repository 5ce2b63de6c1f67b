"""What Dexter says, kept apart from what is filled in, so that it can be said in another language."""

from collections.abc import Sequence
from math import isfinite

from pydantic import ValidationError

from core.entities import Noun


class Sentence(Noun):
    """A sentence in English with places, and what stands in them. `str` gives it in English."""

    template: str
    values: "dict[str, str | int | float | Sentence]" = {}

    def __str__(self) -> str:
        return self.template.format(**self.values) if self.values else self.template

    def __format__(self, spec: str) -> str:
        return str(self)


def said(template: str, /, **values: object) -> Sentence:
    """Return a sentence; a value that is no number and no sentence is text.

    Without values the template is taken to the letter, braces included.
    """
    return Sentence(template=template, values={name: _value(value) for name, value in values.items()})


def kept(sentence: Sentence) -> str:
    """Return a sentence as text from which `read` makes it again."""
    return sentence.model_dump_json() if sentence.values else sentence.template


def read(text: str) -> Sentence:
    """Return the sentence in a text of `kept`; any other text is taken to the letter."""
    try:
        return Sentence.model_validate_json(text)
    except ValidationError:
        return Sentence(template=text)


def _value(value: object) -> "str | int | float | Sentence":
    """Return what is kept of a value: of numbers only what JSON can hold."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if isinstance(value, int | Sentence) else str(value)


def joined(sentences: Sequence[Sentence]) -> Sentence:
    """Return sentences one after the other."""
    places = {f"s{at}": sentence for at, sentence in enumerate(sentences)}
    return Sentence(template=" ".join(f"{{{place}}}" for place in places), values={**places})


def all_of(names: Sequence[str]) -> Sentence:
    """Return names in a row: `a, b and c`."""
    return said("{names} and {last}", **_row(names)) if len(names) > 1 else said("{name}", name="".join(names))


def one_of(names: Sequence[str]) -> Sentence:
    """Return names to choose from: `a, b or c`."""
    return said("{names} or {last}", **_row(names)) if len(names) > 1 else said("{name}", name="".join(names))


def _row(names: Sequence[str]) -> dict[str, str]:
    return {"names": ", ".join(names[:-1]), "last": names[-1]}
