"""Dexter's own words in the reader's language: English stands in the code, the others in `languages/*.po`.

A text is its own key, as with gettext, so that the code reads as what a person sees. The text of models and people is
never a key: it goes in as a value.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

LANGUAGES = Path(__file__).parent / "languages"
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Words:
    """One language. `words("{name} asks", name=…)` returns the sentence in it."""

    def __init__(self, language: str = "en", said: Mapping[str, tuple[str, ...]] = _NOTHING) -> None:
        self.language = language
        """Two letters, as in ISO 639-1."""
        self._said = said

    def __call__(self, text: str, /, **values: object) -> str:
        """Return `text` in this language with `values` filled in; English where it has no translation."""
        said = self._said.get(text, (text,))[0]
        return said.format(**values) if values else said

    def some(self, count: int, one: str, many: str, /, **values: object) -> str:
        """Return `one` or `many` in this language, `{count}` and `values` filled in."""
        at = int(count != 1)  # English and German agree on when they use which
        said = self._said.get(one, (one, many))[at]
        return said.format(count=self.number(count), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with its thousands apart and so many digits after the point."""
        written = f"{value:,.{digits}f}"
        return written if self.language == "en" else written.translate(str.maketrans(",.", ".,"))


ENGLISH = Words()


@cache
def words_for(locale: str) -> Words:
    """Return the words for a platform's locale (`de`, `de-DE`, `de_AT`); English where there is no such language."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    file = LANGUAGES / f"{language}.po"
    if not language.isalpha() or not file.is_file():
        return ENGLISH
    return Words(language, _read(file))


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
