"""Names: of skills, and of the files in them. What could be taken for another name is refused."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from core.sentences import Sentence, said

LONGEST = 64
"""Characters of a skill's name."""
LONGEST_PATH = 200
LONGEST_PART = 100
"""Bytes in UTF-8."""
DEEPEST = 8
"""Parts of a path."""
OWN = ("dexter",)
"""What Dexter calls itself; no skill may seem to be part of it."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Windows opens a device for these, whatever their ending."""
_NOT_IN_PATHS = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]')
"""Control characters, those that turn or hide text, halves of characters, and what Windows does not take."""
_ALIKE = (("0", "o"), ("1", "l"), ("rn", "m"), ("vv", "w"), ("-", ""))


def faults_of_name(name: str) -> list[Sentence]:
    """Return what is wrong with a skill's name: it is stricter than the open format, which takes any letters."""
    shown = {"name": name[:LONGEST]}
    if not _NAME.fullmatch(name):
        text = (
            "SKILL.md: the name “{name}” is not allowed: use a to z, 0 to 9 and single hyphens between them, as in "
            "`pdf-forms`."
        )
        return [said(text, **shown)]
    if len(name) > LONGEST:
        return [said("SKILL.md: the name is {size} characters long: use {most} at most.", size=len(name), most=LONGEST)]
    if _DEVICES.fullmatch(name):
        return [said("SKILL.md: “{name}” is the name of a device on Windows: choose another.", **shown)]
    if any(alike(name) == own or alike(name.split("-")[0]) == own for own in map(alike, OWN)):
        return [said("SKILL.md: “{name}” would seem to be part of Dexter itself: choose another name.", **shown)]
    return []


def alike(name: str) -> str:
    """Return what names that look the same have in common.

    Names are ASCII, so of the look-alikes of Unicode (UTS 39) only 0 and o, 1 and l, rn and m are left; vv and w,
    and names that differ by hyphens alone, are taken for the same as well.
    """
    for one, other in _ALIKE:
        name = name.replace(one, other)
    return name


def fault_of_path(path: str) -> Sentence | None:
    """Return what is wrong with the path of a file in a skill, if anything is."""
    shown, parts = {"path": _shown(path)}, path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return said("{path}: the path is absolute: name files from the folder of the skill.", **shown)
    if ".." in parts:
        return said("{path}: the path leaves the folder of the skill: remove the `..`.", **shown)
    if _NOT_IN_PATHS.search(path) or any(part != part.strip() or part.endswith(".") for part in parts):
        return said("{path}: the name has characters that not every system takes: rename it.", **shown)
    if not all(parts) or "." in parts:
        return said("{path}: the path is not written plainly: remove empty parts and `.`.", **shown)
    if len(path) > LONGEST_PATH or len(parts) > DEEPEST or any(len(p.encode()) > LONGEST_PART for p in parts):
        text = "{path}: the path is too long: {most} characters and {deep} folders deep at most."
        return said(text, most=LONGEST_PATH, deep=DEEPEST, **shown)
    if any(_DEVICES.fullmatch(part) for part in parts):
        return said("{path}: that is the name of a device on Windows: rename it.", **shown)
    if any(part.casefold() == ".git" for part in parts):
        return said("{path}: git's own files are no part of a skill: leave them out.", **shown)
    return None


def faults_of_paths(paths: Iterable[str]) -> list[Sentence]:
    """Return what is wrong with the paths of a skill, each and together."""
    given = list(paths)
    found = [fault for path in given if (fault := fault_of_path(path))]
    same: dict[str, str] = {}
    for path in given:
        key = folded(path)
        if key in same:
            text = "{path}: another file has the same name but for case or the way letters are composed: {other}."
            found.append(said(text, path=_shown(path), other=_shown(same[key])))
        same[key] = path
    # `!` sorts below `/`, so parents are compared by their parts.
    for one, other in pairwise(sorted(same, key=lambda key: key.split("/"))):
        if other.startswith(one + "/"):
            found.append(said("{path}: that is a file and a folder at once: rename one.", path=_shown(same[one])))
    return found


def folded(path: str) -> str:
    """Return what paths have in common that some file systems take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def _shown(path: str) -> str:
    """Return a path as it may be shown: without what would hide or turn it."""
    return _NOT_IN_PATHS.sub("\N{REPLACEMENT CHARACTER}", path)[:LONGEST_PATH]
