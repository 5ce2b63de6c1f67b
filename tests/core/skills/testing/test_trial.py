"""What tests of a skill may do, and what comes of them; under bubblewrap."""

from pathlib import Path

import pytest

from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits
from core.skills import testing
from core.skills.folder import Folder
from core.skills.results import TestResult, TestRun
from tests.core.skills.runnable import runs

LIMITS = Limits(seconds=40, memory=400 * MEGABYTE, output=4 * MEGABYTE)
ADD = "def run(a, b=0):\n    return a + b\n"


async def trial(sandbox: Sandbox, folder: Folder, *, limits: Limits = LIMITS, **needed: Folder) -> TestRun:
    given = {name.replace("_", "-"): each for name, each in needed.items()}
    return await testing.tested(sandbox, folder, given, subject="a-skill 1.0.0", limits=limits)


async def passes(sandbox: Sandbox, main: str, tests: str) -> None:
    run = await trial(sandbox, runs(main, tests=tests))
    assert run.passed, "\n".join(f"{each.name}\n{each.output}" for each in run.results if each.outcome != "passed")


def by_name(run: TestRun) -> dict[str, TestResult]:
    return {result.name.rpartition("::")[2]: result for result in run.results}


async def test_each_test_has_its_outcome_its_seconds_and_the_end_of_its_output(sandbox: Sandbox) -> None:
    tests = """
        import time

        import pytest
        from main import run

        def test_passes():
            print("said by the test")
            time.sleep(0.05)
            assert run(1, 2) == 3

        @pytest.mark.parametrize("a", [1, 2])
        def test_fails(a):
            assert run(a, 1) == 2, "x" * 9000

        @pytest.fixture
        def broken():
            raise LookupError("in the fixture")

        def test_errs(broken):
            pass

        @pytest.mark.skip(reason="not now")
        def test_skips():
            pass
    """
    run = await trial(sandbox, runs(ADD, tests=tests))
    results = by_name(run)
    outcomes = {name: result.outcome for name, result in results.items()}
    assert outcomes == {
        "test_passes": "passed",
        "test_fails[1]": "passed",
        "test_fails[2]": "failed",
        "test_errs": "error",
        "test_skips": "skipped",
    }
    assert run.results[0].name == "test_main.py::test_passes"
    assert results["test_passes"].seconds >= 0.05
    assert results["test_passes"].output == "said by the test"
    assert len(results["test_fails[2]"].output) == 2000
    assert "in the fixture" in results["test_errs"].output
    assert (run.subject, run.round, run.problem, run.passed) == ("a-skill 1.0.0", 1, None, False)
    assert run.tier is not None
    assert 0 < run.seconds < 40


async def test_coverage_is_the_share_of_lines_that_the_tests_went_through(sandbox: Sandbox) -> None:
    main = "import helper\ndef run(a):\n    if a:\n        return 1\n    return helper.half(a)\n"
    more = {"scripts/helper.py": "def half(a):\n    return a / 2\n", "scripts/never.py": "a = 1\nb = 2\n"}
    folder = runs(main, tests="from main import run\ndef test_it():\n    assert run(1) == 1\n", more=more)
    run = await trial(sandbox, folder)
    assert run.coverage == pytest.approx(5 / 9)


@pytest.mark.parametrize(
    "lines",
    [
        "from main import run",
        "from main import *",
        "from scripts.main import run",
        "from scripts import main; run = main.run",
        "import scripts.main as m; run = m.run",
        "import sys; sys.path.insert(0, 'scripts'); import main; run = main.run",
        "import importlib; run = importlib.import_module('main').run",
        "from pathlib import Path; from importlib.util import spec_from_file_location as f, module_from_spec as g\n"
        "spec = f('it', Path(__file__).parent.parent / 'scripts' / 'main.py'); m = g(spec); spec.loader.exec_module(m)"
        "; run = m.run",
    ],
)
async def test_every_way_to_import_leads_to_the_skill_in_its_own_process(sandbox: Sandbox, lines: str) -> None:
    main = "import os\ndef run():\n    return os.getpid()\n"
    tests = f"import os\n{lines}\ndef test_it():\n    assert type(run()) is int and run() != os.getpid()\n"
    await passes(sandbox, main, tests)


async def test_values_of_many_kinds_go_over_and_come_back(sandbox: Sandbox) -> None:
    tests = """
        import datetime, decimal, fractions, math, pathlib, uuid
        from collections import Counter, OrderedDict, defaultdict

        import pytest
        from hypothesis import given
        from hypothesis import strategies as st
        from main import run

        VALUES = [
            None, True, 0, -(10**4000), 1.5, float("inf"), "text \\udc80 \\U0001F98A", b"\\0\\xff", (1, (2, [3])),
            {1, 2},
            frozenset("ab"), {"a": {1: (None,)}, (1, 2): []}, 3 + 4j, range(2, 9, 3), decimal.Decimal("1.10"),
            fractions.Fraction(1, 3), datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC), datetime.date.max,
            datetime.time(1, 2), datetime.timedelta(-1, 5), uuid.UUID(int=7), pathlib.Path("/a/b"), bytearray(b"x"),
            int,
        ]

        @pytest.mark.parametrize("value", VALUES, ids=repr)
        def test_same(value):
            back = run(value)
            assert back == value and type(back) is type(value)

        def test_nan():
            assert math.isnan(run(math.nan))

        def test_kinds_of_dict():
            assert run(Counter("aab")) == {"a": 2, "b": 1}
            assert run(OrderedDict(a=1)) == {"a": 1} == run(defaultdict(int, a=1))

        inner = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()

        @given(st.recursive(inner, lambda more: st.lists(more) | st.dictionaries(st.text(), more) | st.tuples(more)))
        def test_any(value):
            assert run(value) == value
    """
    await passes(sandbox, "def run(value):\n    return value\n", tests)


async def test_arguments_are_changed_in_place_where_the_skill_changes_them(sandbox: Sandbox) -> None:
    main = """
        def run(rows):
            rows.sort()
        def deep(table):
            table["rows"][0].append(9)
            del table["gone"]
        def leaves(rows):
            return sorted(rows)
        def fills(there, seen):
            there.add(3); seen.extend(b"x")
    """
    tests = """
        import main

        def test_it():
            rows, inner, there, seen = [3, 1, 2], [1], {1}, bytearray()
            table = {"rows": [inner], "gone": 1}
            assert main.run(rows) is None and rows == [1, 2, 3]
            main.deep(table)
            assert table == {"rows": [[1, 9]]} and inner == [1, 9]
            before = [2, 1]
            assert main.leaves(before) == [1, 2] and before == [2, 1]
            main.fills(there, seen)
            assert there == {1, 3} and seen == b"x"
    """
    await passes(sandbox, main, tests)


async def test_errors_are_errors_of_the_same_kind(sandbox: Sandbox) -> None:
    main = """
        import json, sys

        class Mine(ValueError):
            def __init__(self, text, code):
                super().__init__(text)
                self.code = code
        class Finer(Mine):
            pass
        def run(kind):
            if kind == "mine":
                raise Finer("of mine", 7)
            if kind == "json":
                json.loads("{")
            if kind == "exit":
                sys.exit(3)
            if kind == "file":
                open("/nowhere")
            {}["key"]
    """
    tests = """
        import json

        import pytest
        import main
        from main import Mine, run

        def test_own():
            with pytest.raises(Mine, match="of mine") as caught:
                run("mine")
            assert caught.value.code == 7 and isinstance(caught.value, main.Finer) and issubclass(main.Finer, Mine)
            with pytest.raises(ValueError):
                run("mine")

        def test_pythons():
            with pytest.raises(KeyError, match="key"):
                run("key")
            with pytest.raises(json.JSONDecodeError) as caught:
                run("json")
            assert caught.value.pos == 1
            with pytest.raises(FileNotFoundError) as caught:
                run("file")
            assert caught.value.errno == 2

        def test_exit():
            with pytest.raises(SystemExit) as caught:
                run("exit")
            assert caught.value.code == 3
    """
    await passes(sandbox, main, tests)


async def test_where_the_skill_failed_is_in_the_output(sandbox: Sandbox) -> None:
    main = "def run():\n    return inner()\ndef inner():\n    raise KeyError('lost')\n"
    run = await trial(sandbox, runs(main, tests="from main import run\ndef test_it():\n    run()\n"))
    output = run.results[0].output
    assert "KeyError: 'lost'" in output
    assert "scripts/main.py" in output
    assert "line 4, in inner" in output
    assert "_dexter" not in output.rpartition("In the skill")[2]


async def test_classes_generators_functions_and_async_functions_work_from_afar(sandbox: Sandbox) -> None:
    main = """
        import asyncio, contextlib, dataclasses, enum, typing

        class Colour(enum.Enum):
            RED = 1
        class Pair(typing.NamedTuple):
            left: int
            right: int = 2
        @dataclasses.dataclass
        class Point:
            x: int
            y: int = 0
        class Stack:
            def __init__(self, *items):
                self.items = list(items)
            def push(self, item):
                self.items.append(item)
                return self
            def __len__(self):
                return len(self.items)
            def __getitem__(self, at):
                return self.items[at]
            def __contains__(self, item):
                return item in self.items
            @property
            def top(self):
                return self.items[-1]
            @classmethod
            def of(cls, *items):
                return cls(*items)
        def run(n):
            for at in range(n):
                yield at
        def mapped(function, items):
            return [function(item) for item in items]
        async def slowly(value):
            await asyncio.sleep(0)
            return [value]
        @contextlib.contextmanager
        def opened():
            yield "inside"
    """
    tests = """
        import asyncio
        import main
        from main import Point, Stack

        def test_classes():
            stack = Stack.of(1, 2)
            assert stack.push("x") is stack and len(stack) == 3 and stack[-1] == "x" and "x" in stack
            assert stack.top == "x" and list(stack) == [1, 2, "x"] and isinstance(stack, Stack)
            assert not isinstance(stack, Point) and not isinstance(3, Stack)
            stack.items = [5]
            assert stack.top == 5

        def test_data():
            assert Point(1) == Point(1, 0) != Point(2) and Point(3, 4).y == 4 and repr(Point(1)) == "Point(x=1, y=0)"
            assert main.Pair(1) == (1, 2) and main.Pair(1).right == 2
            assert main.Colour.RED is main.Colour.RED and main.Colour(1) == main.Colour.RED and main.Colour.RED != 1

        def test_functions():
            assert list(main.run(3)) == [0, 1, 2] and next(main.run(1)) == 0
            assert main.mapped(lambda item: item * 2, [1, 2]) == [2, 4] and main.mapped(str, [1]) == ["1"]
            assert main.mapped(main.mapped.__name__.upper, []) == []
            with main.opened() as what:
                assert what == "inside"

        def test_waits():
            assert asyncio.run(main.slowly(1)) == [1]

        async def test_waits_itself():
            assert await main.slowly(2) == [2]
    """
    await passes(sandbox, main, tests)


async def test_a_test_may_patch_the_skill_and_change_its_surroundings(sandbox: Sandbox) -> None:
    main = """
        import os, sys
        LIMIT = 3
        def fetch():
            return "real"
        def run():
            return [fetch(), LIMIT, os.environ.get("WHO"), os.getcwd(), sys.argv[1:]]
        def loud():
            print("out"); print("err", file=sys.stderr)
        def asks():
            return input("name? ")
        def saves(path):
            path.write_text("saved")
    """
    tests = """
        import io, sys
        from unittest.mock import patch
        import main

        def test_patched(monkeypatch, tmp_path):
            monkeypatch.setattr(main, "LIMIT", 5)
            monkeypatch.setattr("main.fetch", lambda: "patched")
            monkeypatch.setenv("WHO", "me")
            monkeypatch.chdir(tmp_path)
            monkeypatch.setattr(sys, "argv", ["x", "--flag"])
            assert main.run() == ["patched", 5, "me", str(tmp_path), ["--flag"]]

        def test_as_it_was():
            assert main.run()[:3] == ["real", 3, None]
            with patch("main.fetch", return_value="mocked") as mocked:
                assert main.run()[0] == "mocked"
            assert mocked.call_count == 1 and main.run()[0] == "real"

        def test_streams(capsys, monkeypatch):
            main.loud()
            assert capsys.readouterr() == ("out\\n", "err\\n")
            monkeypatch.setattr(sys, "stdin", io.StringIO("Ada\\n"))
            assert main.asks() == "Ada"

        def test_files(tmp_path):
            main.saves(tmp_path / "file")
            assert (tmp_path / "file").read_text() == "saved"
    """
    await passes(sandbox, main, tests)


async def test_a_test_that_does_not_always_pass_has_failed(sandbox: Sandbox) -> None:
    tests = """
        import os, time
        from main import run
        def test_flaky():
            assert os.path.exists("/tmp/seen") == bool(open("/tmp/seen", "a").close())
        def test_steady():
            assert run(1, 1) == 2
    """
    run = await trial(sandbox, runs(ADD, tests=tests))
    results = by_name(run)
    assert results["test_steady"].outcome == "passed"
    assert results["test_flaky"].outcome == "failed"
    assert "It passed once and failed once." in results["test_flaky"].output
    assert not run.passed


async def test_a_file_that_cannot_be_loaded_is_an_error_and_the_others_run(sandbox: Sandbox) -> None:
    good = "from main import run\ndef test_it():\n    assert run(1) == 1\n"
    tests = {"tests/test_bad.py": "from main import nothing\n", "tests/test_good.py": good, "tests/test_no.py": "def ("}
    run = await trial(sandbox, runs(ADD, tests=tests))
    assert [(result.name, result.outcome) for result in run.results] == [
        ("test_bad.py", "error"),
        ("test_no.py", "error"),
        ("test_good.py::test_it", "passed"),
    ]
    assert "cannot import name 'nothing'" in run.results[0].output


async def test_a_skill_that_cannot_be_loaded_says_why(sandbox: Sandbox) -> None:
    folder = runs("def run(:\n", tests="from main import run\ndef test_it():\n    run()\n")
    run = await trial(sandbox, folder)
    assert [result.outcome for result in run.results] == ["error"]
    assert "SyntaxError" in run.results[0].output


async def test_helpers_and_fixtures_of_the_tests_own_are_found(sandbox: Sandbox) -> None:
    tests = {
        "tests/conftest.py": "import pytest\n@pytest.fixture\ndef two():\n    return 2\n",
        "tests/known.py": "THREE = 3\n",
        "tests/test_it.py": "from known import THREE\nfrom main import run\n"
        "def test_it(two):\n    assert run(1, two) == THREE\n",
        "tests/deep/test_case.py": "import unittest\nfrom main import run\nclass Case(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertEqual(run(1), 1)\n",
    }
    run = await trial(sandbox, runs(ADD, tests=tests))
    assert run.passed, run
    assert len(run.results) == 2


async def test_the_skills_that_it_uses_are_there(sandbox: Sandbox) -> None:
    count = runs("import helper\ndef run(text):\n    return helper.count(text)\n", name="count-words",
                 more={"scripts/helper.py": "def count(text):\n    return len(text.split())\n"})  # fmt: skip
    main = "import helper\nfrom skills.count_words import run as count\n"
    main += "def run(t):\n    return count(text=t) + helper.ONE\n"
    tests = "from main import run\nfrom skills.count_words import run as count\ndef test_it():\n"
    tests += "    assert run('a b') == 3\n    assert count(text='a') == 1\n"
    folder = runs(main, tests=tests, more={"scripts/helper.py": "ONE = 1\n"})
    run = await trial(sandbox, folder, count_words=count)
    assert run.passed, run


async def test_packages_are_there_and_those_of_this_machine_are_not(sandbox: Sandbox, library: Path) -> None:
    main = "import greetings\ndef run():\n    return greetings.HELLO\ndef has(name):\n    __import__(name)\n"
    tests = """
        import pytest
        import greetings
        from main import has, run
        def test_it():
            assert run() == "hello" == greetings.HELLO
        @pytest.mark.parametrize("name", ["pytest", "hypothesis", "coverage", "pip"])
        def test_others(name):
            with pytest.raises(ModuleNotFoundError):
                has(name)
    """
    run = await testing.tested(sandbox, runs(main, tests=tests), {}, subject="x", libraries=(library,))
    assert run.passed, [(each.name, each.output) for each in run.results if each.outcome != "passed"]


async def test_time_memory_and_output_are_bounded_and_said(sandbox: Sandbox) -> None:
    main = """
        import os, time
        def run(what):
            if what == "time":
                time.sleep(60)
            if what == "memory":
                held = [bytearray(10_000_000) for _ in range(1000)]
            if what == "output":
                while True:
                    os.write(2, b"x" * 100_000)
            return 1
    """
    tests = "from main import run\ndef test_one():\n    assert run('') == 1\ndef test_it():\n    run('{what}')\n"
    tight = Limits(seconds=8, memory=200 * MEGABYTE, output=MEGABYTE)
    runs_of = {}
    for what in ("time", "memory", "output"):
        folder = runs(main, tests=tests.replace("{what}", what))
        runs_of[what] = await trial(sandbox, folder, limits=tight)
        assert not runs_of[what].passed
    assert str(runs_of["memory"].problem) == "It took more than 200 MB of memory."
    assert str(runs_of["output"].problem) == "It wrote more than 1,024 KB."
    assert [result.outcome for result in runs_of["time"].results] == ["passed", "failed"]
    assert "took too long" in runs_of["time"].results[1].output


async def test_a_suite_that_never_ends_is_ended_with_what_it_has(sandbox: Sandbox) -> None:
    tests = "import time\nimport pytest\nfrom main import run\ndef test_first():\n    assert run(1) == 1\n"
    tests += "@pytest.mark.parametrize('n', range(99))\ndef test_slow(n):\n    time.sleep(0.9)\n"
    run = await trial(sandbox, runs(ADD, tests=tests), limits=LIMITS.but(seconds=8))
    assert str(run.problem) == "The tests were not through after 8 seconds."
    assert run.results[0].name == "test_main.py::test_first"
    assert not run.passed


@pytest.mark.parametrize(
    ("folder", "problem"),
    [
        (runs(ADD), "There are no tests in `tests/`: add files `test_*.py` with functions `test_…`."),
        (runs(ADD, tests="x = 1"), "There are no tests in `tests/`: add files `test_*.py` with functions `test_…`."),
        (runs(ADD, tests={"tests/check.py": "def test_it(): pass"}), "There are no tests in `tests/`"),
        (runs("x", language="shell"), "There are no tests in `tests/`: add files `*.sh`, which end with 0"),
        (Folder({"SKILL.md": b"---\nname: a\ndescription: b\n---\n"}), "It has nothing that runs"),
        (Folder({}), "SKILL.md"),
    ],
)
async def test_what_cannot_be_tested_says_why(sandbox: Sandbox, folder: Folder, problem: str) -> None:
    run = await trial(sandbox, folder)
    assert str(run.problem).startswith(problem), run.problem
    assert not run.passed


async def test_in_shell_each_file_is_a_test_and_its_exit_code_the_verdict(sandbox: Sandbox) -> None:
    main = 'read -r line; test -n "$line" || exit 4; echo "$line" | tr a-z A-Z'
    tests = {
        "tests/upper.sh": 'test "$(echo abc | sh "$SKILL/scripts/main.sh")" = ABC',
        "tests/by_path.sh": '#!/bin/bash\n[[ "$(echo x | sh "$(dirname "$0")/../scripts/main.sh")" == X ]]',
        "tests/refuses.sh": 'echo | sh "$SKILL/scripts/main.sh"; test $? = 4',
        "tests/wrong.sh": "echo seen; exit 3",
        "tests/later.sh": "exit 77",
        "tests/slow.sh": "sleep 30",
    }
    run = await trial(sandbox, runs(main, language="shell", tests=tests), limits=LIMITS.but(seconds=6))
    assert {result.name: result.outcome for result in run.results} == {
        "by_path.sh": "passed",
        "later.sh": "skipped",
        "refuses.sh": "passed",
        "slow.sh": "failed",
        "upper.sh": "passed",
        "wrong.sh": "failed",
    }
    assert next(result.output for result in run.results if result.name == "wrong.sh") == "seen"
    assert run.problem is None


async def test_any_executable_is_a_test_of_shell(sandbox: Sandbox) -> None:
    check = b"#!/usr/bin/env -S perl\nexit 0\n"
    folder = runs("true", language="shell", more={"tests/check": check})
    run = await trial(sandbox, Folder(folder.files, folder.executable | {"tests/check"}))
    assert [(result.name, result.outcome) for result in run.results] == [("check", "passed")]
