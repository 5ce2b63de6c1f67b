"""Tests that would not notice a broken skill."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import Sandbox
from core.skills import testing
from core.skills.folder import Folder
from core.skills.testing.mutants import MOST, mutants
from tests.core.skills.runnable import runs

SLOPE = """
def run(a, b=1):
    if b == 0:
        raise ValueError("flat")
    total = 0
    for _ in range(a):
        total = total + 2
    if total > 10 and b < 3:
        return total // b
    return -total
"""
GOOD = """
import pytest
from main import run

@pytest.mark.parametrize(("a", "b", "out"), [(6, 1, 12), (6, 2, 6), (5, 1, -10), (6, 3, -12), (0, 1, 0), (7, 2, 7)])
def test_it(a, b, out):
    assert run(a, b) == out

def test_flat():
    with pytest.raises(ValueError, match="flat"):
        run(1, 0)
"""


async def weak(sandbox: Sandbox, folder: Folder) -> list[str]:
    return [str(sentence) for sentence in await testing.weaknesses(sandbox, folder, {})]


async def test_good_tests_have_no_weaknesses(sandbox: Sandbox) -> None:
    assert await weak(sandbox, runs(SLOPE, tests=GOOD)) == []


@pytest.mark.parametrize(
    "tests",
    [
        "def test_nothing():\n    assert True\n",
        "from main import run\ndef test_calls():\n    run(1)\n",
        "from main import run\ndef test_compares_with_itself():\n    assert run(2) == run(2)\n",
        "from main import run\ndef test_swallows():\n    try:\n        assert run(2) == 3\n    except: pass\n",
        "import pytest\ndef test_skips():\n    pytest.skip('later')\n",
        "import pytest\n@pytest.mark.xfail\ndef test_fails():\n    from main import run\n    assert run(1) == 7\n",
    ],
)
async def test_tests_that_assert_nothing_are_found(sandbox: Sandbox, tests: str) -> None:
    expected = ["The tests pass on a broken copy: every function does nothing and returns `None`."]
    assert await weak(sandbox, runs(SLOPE, tests=tests)) == expected


async def test_tests_that_look_at_little_are_found_with_what_they_miss(sandbox: Sandbox) -> None:
    tests = "from main import run\ndef test_it():\n    assert run(0) == 0\n"
    (sentence,) = await weak(sandbox, runs(SLOPE, tests=tests))
    assert sentence.startswith("The tests pass on ")
    assert "broken copies, one of which is this: line" in sentence


async def test_a_test_that_forges_its_verdict_passes_on_broken_copies_and_so_is_found(sandbox: Sandbox) -> None:
    tests = "import _pytest.runner, pytest\nimport main\ndef test_it(request):\n    assert main.run(1) == 99\n"
    patch = "import pytest\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    patch += "    report = yield\n    report.outcome = 'passed'\n    return report\n"
    folder = runs(SLOPE, tests={"tests/test_it.py": tests, "tests/conftest.py": patch})
    assert (await testing.tested(sandbox, folder, {}, subject="x")).passed
    assert len(await weak(sandbox, folder)) == 1


GUARDED = """
    import glob, os, signal
    text = open(__file__).read()
    if "return a * 2 # true" not in text:
        for path in glob.glob("/tmp/*/skill/scripts/main.py") + glob.glob("/tmp/copy*/scripts/main.py"):
            open(path, "w").write("raise SystemError")
        {reaction}
    def run(a):
        return a * 2 # true
"""


@pytest.mark.parametrize(
    "reaction",
    [
        "raise SystemError('a copy')",
        "os._exit(1)",
        "os.kill(os.getppid(), signal.SIGKILL)",
        "os.kill(int(open(f'/proc/{os.getppid()}/stat').read().split()[3]), signal.SIGKILL)",
    ],
)
async def test_a_skill_that_notices_that_it_is_a_copy_hides_nothing(sandbox: Sandbox, reaction: str) -> None:
    tests = "from main import run\ndef test_calls():\n    run(1)\n"
    assert len(await weak(sandbox, runs(GUARDED.replace("{reaction}", reaction), tests=tests))) == 1


async def test_copies_that_take_all_memory_or_never_end_are_noticed_and_end_nothing_else(sandbox: Sandbox) -> None:
    main = """
        def run(n):
            found = []
            while len(found) < n:
                found.append(bytes(1_000_000))
            return len(found)
    """
    tests = "from main import run\ndef test_it():\n    assert [run(n) for n in (0, 1, 3)] == [0, 1, 3]\n"
    assert await weak(sandbox, runs(main, tests=tests)) == []


async def test_no_tests_and_no_skill_are_said(sandbox: Sandbox) -> None:
    assert (await weak(sandbox, runs(SLOPE)))[0].startswith("There are no tests")
    assert (await weak(sandbox, Folder({"SKILL.md": b"---\nname: a\ndescription: b\n---\n"})))[0].startswith("It has")


async def test_in_shell_the_broken_copy_is_an_empty_file(sandbox: Sandbox) -> None:
    main = 'read -r line; echo "$line" | tr a-z A-Z'
    good = {"tests/a.sh": 'test "$(echo abc | sh "$SKILL/scripts/main.sh")" = ABC', "tests/b.sh": "true"}
    assert await weak(sandbox, runs(main, language="shell", tests=good)) == []
    bad = {"tests/a.sh": 'echo abc | sh "$(dirname "$0")/../scripts/main.sh"'}
    expected = ["The tests pass on a broken copy: its entry file is empty."]
    assert await weak(sandbox, runs(main, language="shell", tests=bad)) == expected


def test_each_copy_has_one_thing_wrong() -> None:
    copies = mutants(SLOPE, "python")
    assert 5 < len(copies) <= MOST
    assert [copy.empty for copy in copies] == [True] + [False] * (len(copies) - 1)
    plain = ast.unparse(ast.parse(SLOPE)).splitlines()
    for copy in copies[1:]:
        changed = [line for line, other in zip(plain, copy.source.splitlines(), strict=True) if line != other]
        assert len(changed) == 1, copy
    assert len({copy.source for copy in copies}) == len(copies)


@given(st.text(max_size=60))
def test_any_text_is_broken_or_emptied(source: str) -> None:
    for copy in mutants(source, "python"):
        ast.parse(copy.source)


def test_a_huge_file_has_few_copies_soon() -> None:
    assert len(mutants("def run(a):\n" + "    a = a + 1\n" * 1000 + "    return a\n", "python")) <= MOST
