"""One trial of a skill's tests by pytest, in a process of its own that tells each result as it comes."""

import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .modules import Importer
from .near import Link
from .paths import modules
from .wire import Wire

LONGEST = 2_000
"""Characters of output that are told of a test."""
MOST = 1_000
"""Tests."""
_PLUGINS = ("cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "pastebin", "setuponly", "setupplan",
            "stepwise", "threadexception", "unraisableexception", "warnings")  # fmt: skip


class TookTooLong(BaseException):
    """The time of one test is over."""


class Teller:
    """Tells what becomes of each test: a plugin of pytest."""

    def __init__(self, tell: Callable[[Any], None], link: Link, each: float) -> None:
        """`each`: seconds that a test may take."""
        self._tell, self._link, self._each = tell, link, each
        self._deaths = 0
        self._seconds = 0.0
        self._worst = ("passed", "")

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, Any]:
        """Bound what a file of tests does when it is loaded."""
        with _bounded(self._each):
            return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell of a file that cannot be loaded."""
        if report.failed:
            self._tell(["result", report.nodeid or "tests", "error", 0.0, _tail(report.longreprtext)])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Tell how many tests there are, and leave out what is too much."""
        self._tell(["found", len(items)])
        del items[MOST:]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Gather what the parts of a test say, and tell it."""
        self._deaths, self._seconds, self._worst = self._link.deaths, 0.0, ("passed", "")
        self._tell(["begin", item.nodeid])
        value = yield
        outcome, output = self._worst
        if self._link.deaths > self._deaths and outcome in ("passed", "skipped"):
            outcome, output = "failed", f"The skill's process ended within this test.\n{output}"
        self._tell(["result", item.nodeid, outcome, self._seconds, _tail(output)])
        return value

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the worst that happened in a test."""
        self._seconds += report.duration
        text = "\n".join([report.longreprtext, *(content for _, content in report.sections)]).strip()
        if report.failed and self._worst[0] != "failed":
            self._worst = ("failed" if report.when == "call" else "error", text)
        elif report.skipped and self._worst[0] == "passed":
            self._worst = ("skipped", text)
        elif self._worst[0] == "passed":
            self._worst = ("passed", text)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        """Bound it."""
        with _bounded(self._each):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Bound it."""
        with _bounded(self._each):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """Bound it."""
        with _bounded(self._each):
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Run a test that is an `async` function."""
        if not inspect.iscoroutinefunction(pyfuncitem.obj):
            return None
        names = inspect.signature(pyfuncitem.obj).parameters
        asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
        return True


def run(order: dict[str, Any], tell: Wire) -> None:
    """Run the tests in `order["skill"]`, and tell everything to whoever started this process."""
    skill = order["skill"]
    toolbox = order["toolbox"] if order.get("measure") else ""
    link = Link(skill, order["libraries"], toolbox, order["memory"] if order["broken"] else 0)
    Importer(link, modules(skill), os.path.join(skill, "scripts")).install()
    sys.path[:] = [path for path in sys.path if path not in order["libraries"]] + order["libraries"]
    os.environ |= {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ":".join(order["libraries"])}
    signal.signal(signal.SIGALRM, _ring)
    options = ["-q", "-q", "--no-header", "--no-summary", "--tb=short", "--color=no", "--continue-on-collection-errors"]
    options += [word for name in _PLUGINS for word in ("-p", f"no:{name}")]
    options += ["-x"] if order["broken"] else []
    options += ["-c", os.devnull, "--rootdir", skill, os.path.join(skill, "tests")]
    code = pytest.main(options, [Teller(tell.send, link, order["each"])])
    measured = link.measured()
    link.stop()
    tell.send(["end", int(code), measured])


def _ring(*_: object) -> None:
    raise TookTooLong("It took too long.")


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _tail(text: str) -> str:
    return text.strip()[-LONGEST:]
