"""Results of Pester's tests, read from what it writes for NUnit 2.5 or for JUnit 4. All of it is hostile text."""

import re
from typing import Literal
from xml.etree import ElementTree as Xml

from core.skills.results import LONGEST_OUTPUT, TestResult
from core.skills.testing.heard import Heard

_BEGINNING = re.compile(r"(?=<\?xml )")
_MOST = 1_000
_Outcome = Literal["passed", "failed", "error", "skipped"]
_NUNIT: dict[str, _Outcome] = {
    "Success": "passed",
    "Failure": "failed",
    "Error": "error",
    "Ignored": "skipped",
    "Skipped": "skipped",
    "NotRunnable": "error",
    "Inconclusive": "skipped",
}
_JUNIT: dict[str, _Outcome] = {"failure": "failed", "error": "error", "skipped": "skipped"}


def read(text: str, trials: int) -> tuple[Heard, ...]:
    """Return a trial for each document. Raises ValueError for what is none, and for more or fewer than `trials`."""
    documents = [each for each in _BEGINNING.split(text.lstrip("\ufeff \r\n")) if each.strip("\ufeff \r\n")]
    if len(documents) != trials:
        raise ValueError(f"{len(documents)} documents for {trials} trials")
    return tuple(_document(each.strip("\ufeff \r\n")) for each in documents)


def _document(text: str) -> Heard:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("results define entities")
    try:
        root = Xml.fromstring(text)  # noqa: S314  entities are refused above, and nothing else expands
    except Xml.ParseError as error:
        raise ValueError("results are no XML") from error
    if root.tag == "test-results":
        found = [_nunit(case) for case in root.iter("test-case")]
    elif root.tag == "testsuites":
        found = [_junit(case) for case in root.iter("testcase")]
    else:
        raise ValueError(f"{root.tag} holds no results")
    return Heard(results=tuple(found[:_MOST]), found=len(found), ended=True)


def _nunit(case: Xml.Element) -> TestResult:
    outcome = _NUNIT.get(case.get("result", ""), "error")
    parts = [case.findtext(path) for path in ("failure/message", "failure/stack-trace", "reason/message")]
    return _result(case.get("name", ""), outcome, case.get("time", ""), parts)


def _junit(case: Xml.Element) -> TestResult:
    outcome, parts = _JUNIT.get(case.get("status", "").lower(), "passed"), [case.findtext("system-out")]
    outcome = "failed" if case.get("status") == "Failed" else outcome
    for child in case:
        if child.tag in _JUNIT:
            outcome = _JUNIT[child.tag]
            parts = [child.get("message"), child.text, *parts]
    return _result(case.get("name", ""), outcome, case.get("time", ""), parts)


def _result(name: str, outcome: _Outcome, seconds: str, parts: list[str | None]) -> TestResult:
    output = "\n".join(part.strip() for part in parts if part and part.strip())[-LONGEST_OUTPUT:]
    plain = re.fullmatch(r"\d{1,9}([.,]\d{1,12})?", seconds)
    return TestResult(
        name=name[:300] or "?", outcome=outcome, seconds=float(seconds.replace(",", ".")) if plain else 0, output=output
    )
