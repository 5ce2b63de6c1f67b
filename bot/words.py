"""Dexter's own words in the reader's language: English stands in the code, the others in `languages/*.po`.

A text is its own key, as with gettext, so that the code reads as what a person sees. The text of models and people is
never a key: it goes in as a value. Numbers and dates are written as `format` says, in the reader's way: `{count:,}`.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

from core.errors import DexterError
from core.sentences import Sentence, all_of

LANGUAGES = Path(__file__).parent / "languages"
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_POINTS = str.maketrans(",.", ".,")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?![A-Za-z])")


class Words(Formatter):
    """One language. `words("{name} asks", name=…)` returns the sentence in it."""

    def __init__(self, language: str = "en", said: Mapping[str, tuple[str, ...]] = _NOTHING) -> None:
        self.language = language
        """Two letters, as in ISO 639-1."""
        self._said = said

    def __call__(self, text: str, /, **values: object) -> str:
        """Return `text` in this language with `values` filled in; English where it has no translation."""
        said = self._said.get(text, (text,))[0]
        return self.vformat(said, (), values) if values else said

    def some(self, count: int, one: str, many: str, /, **values: object) -> str:
        """Return `one` or `many` in this language, `{count}` and `values` filled in."""
        at = int(count != 1)  # English and German agree on when they use which
        said = self._said.get(one, (one, many))[at]
        return self.vformat(said, (), {**values, "count": self.number(count)})

    def say(self, sentence: Sentence) -> str:
        """Return a sentence of core's in this language."""
        return self(sentence.template, **sentence.values)

    def error(self, error: DexterError) -> str:
        """Return what an error says in this language."""
        return self.say(error.sentence)

    def told(self, text: str, sentence: Sentence | None) -> str:
        """Return `text` of which `sentence` is the beginning that is Dexter's own, that part in this language."""
        return text if sentence is None else self.say(sentence) + text.removeprefix(str(sentence))

    def listed(self, names: Sequence[str]) -> str:
        """Return names in a row: `a, b and c`."""
        return self.say(all_of(names))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with its thousands apart and so many digits after the point."""
        return self.format_field(value, f",.{digits}f")

    def size(self, octets: int) -> str:
        """Return a size as people read it: `812 B`, `12.3 kB`, `4.0 MB`."""
        unit, name = next(((u, n) for u, n in ((1_000_000, "MB"), (1000, "kB")) if octets >= u), (1, "B"))
        return f"{self.number(octets / unit, int(unit > 1))} {name}"

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        """Return the value of a place; a place is a plain name and reaches into nothing."""
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a value as this language does."""
        if isinstance(value, Sentence):
            return self.say(value)
        written = format(value, format_spec)
        if self.language == "en" or not isinstance(value, int | float):
            return written
        return written.translate(_POINTS).replace("%", "\N{NO-BREAK SPACE}%")


ENGLISH = Words()
LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType({"en": "English", "de": "Deutsch"})
"""The languages that Dexter speaks, each as it calls itself."""


def key(text: str) -> str:
    """Return a text that is said elsewhere; marks it as one that needs a translation."""
    return text


@lru_cache(maxsize=64)
def words_for(locale: str) -> Words:
    """Return the words for a platform's locale (`de`, `de-DE`, `de_AT`); English where there is no such language."""
    found = _LOCALE.match(locale)
    file = LANGUAGES / f"{found[1].lower()}.po" if found else None
    if file is None or not file.is_file():
        return ENGLISH
    return Words(file.stem, _read(file))


def words_here(environ: Mapping[str, str]) -> Words:
    """Return the words for the terminal, by the variables that every program there looks at."""
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return words_for(next(filter(None, named), "en"))


def _read(file: Path) -> dict[str, tuple[str, ...]]:
    from babel.messages.pofile import read_po  # only where somebody reads another language than English

    with file.open("rb") as opened:
        catalog = read_po(opened)
    said: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        key, text = message.id, message.string
        if key and text:
            said[key if isinstance(key, str) else key[0]] = (text,) if isinstance(text, str) else tuple(text)
    return said
