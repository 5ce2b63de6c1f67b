"""Running a skill: what goes in, what comes out, and what is said where it does not."""

import asyncio
import base64
import json
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import BadRequest, Unavailable
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome
from core.skills import testing
from core.skills.folder import Folder
from core.skills.results import Produced
from core.skills.running import granted, produced
from tests.core.skills.runnable import runs

LIMITS = Limits(seconds=10, memory=200 * MEGABYTE, output=MEGABYTE)
TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
PICTURE = {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}


async def run(
    sandbox: Sandbox, folder: Folder, /, needed: dict[str, Folder] | None = None, **given: object
) -> Produced:
    return await produced(sandbox, folder, needed or {}, given, limits=LIMITS)


async def test_a_skill_takes_its_input_by_name_and_gives_json(sandbox: Sandbox) -> None:
    main = "import helper\ndef run(text):\n    print('working')\n    return {'count': helper.count(text)}\n"
    output = {"type": "object", "properties": {"count": {"type": "integer"}}}
    more = {"scripts/helper.py": "def count(text):\n    return len(text.split())\n"}
    came = await run(sandbox, runs(main, input=TEXT, output=output, more=more), text="a b ü")
    assert (came.outcome, came.value, came.output, came.problem) == (Outcome.EXITED, {"count": 3}, "working", None)
    assert came.tier is not None
    assert came.seconds > 0
    assert came.memory


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "The input does not fit: `text` is missing."),
        ({"text": 5}, "The input does not fit: `text`: 5 is not of type 'string'."),
        ({"text": "a", "more": 1}, "The input does not fit: 'more' is not expected."),
    ],
)
async def test_input_that_does_not_fit_is_refused_before_anything_runs(
    sandbox: Sandbox, given: dict[str, object], problem: str
) -> None:
    came = await run(sandbox, runs("def run(text):\n    return 1\n", input=TEXT), **given)
    assert (str(came.problem), came.outcome, came.tier) == (problem, None, None)


@pytest.mark.parametrize(
    ("main", "problem"),
    [
        ("def run():\n    return 'text'", "Its output is not what it declared: 'text' is not of type 'integer'."),
        ("def run():\n    raise KeyError('lost')", "It ended with code 1: KeyError: 'lost'"),
        (
            "def run():\n    return {1, 2}",
            "It ended with code 1: TypeError: Object of type set is not JSON serializable",
        ),
        ("def run(:", "It ended with code 1: SyntaxError: invalid syntax"),
        (
            "def other():\n    return 1",
            "It ended with code 1: scripts/main.py defines no function `run`, which is what",
        ),
        ("import os\ndef run():\n    os._exit(0)", "It gave no result: `run` returns a value that JSON can hold."),
        ("import os\ndef run():\n    os.kill(os.getpid(), 9)", "It was ended by signal 9."),
        ("def run():\n    while True: pass", "It was not through after 2 seconds."),
        (
            "held = []\ndef run():\n    while True: held.append(bytearray(1 << 24))",
            "It took more than 200 MB of memory.",
        ),
        ("def run():\n    return 'x' * 2_000_000", "It wrote more than 1,024 KB."),
    ],
)
async def test_whatever_goes_wrong_is_a_sentence(sandbox: Sandbox, main: str, problem: str) -> None:
    limits = LIMITS.but(seconds=2) if "while True: pass" in main else LIMITS
    came = await produced(sandbox, runs(main, output={"type": "integer"}), {}, {}, limits=limits)
    assert str(came.problem).startswith(problem), came
    assert (came.value, came.files) == (None, ())
    assert came.tier is not None


async def test_instructions_alone_do_not_run(sandbox: Sandbox) -> None:
    came = await run(sandbox, Folder({"SKILL.md": b"---\nname: a\ndescription: b\n---\n"}))
    assert str(came.problem) == "It has nothing that runs: it is instructions alone."
    assert str((await run(sandbox, Folder({}))).problem).startswith("SKILL.md")


async def test_files_and_images_are_taken_out_of_the_value(sandbox: Sandbox) -> None:
    csv = {"type": "string", "contentMediaType": "text/csv", "contentEncoding": "base64"}
    output = {
        "type": "object",
        "properties": {"table": csv, "charts": {"type": "array", "items": PICTURE}, "rows": {"type": "integer"}},
    }
    main = "import base64\ndef run():\n    b = lambda text: base64.b64encode(text).decode()\n"
    main += "    return {'table': b(b'a,b'), 'charts': [b(b'1'), b(b'2')], 'rows': 1}\n"
    came = await run(sandbox, runs(main, output=output))
    assert came.problem is None
    assert came.value == {"rows": 1}
    assert [(file.name, file.media) for file in came.files] == [
        ("table.csv", "text/csv"),
        ("charts-1.png", "image/png"),
        ("charts-2.png", "image/png"),
    ]
    assert base64.b64decode(came.files[0].data) == b"a,b"


async def test_the_whole_value_may_be_a_picture(sandbox: Sandbox) -> None:
    main = "import base64\ndef run():\n    return base64.b64encode(b'picture').decode()\n"
    came = await run(sandbox, runs(main, output=PICTURE))
    assert came.value is None
    assert [(file.name, base64.b64decode(file.data)) for file in came.files] == [("result.png", b"picture")]
    came = await run(sandbox, runs("def run():\n    return 'no Base64!'\n", output=PICTURE))
    assert str(came.problem) == "Its output is not what it declared: `result`: that is no file: it is not in Base64."
    assert came.files == ()


async def test_a_shell_skill_reads_json_and_gives_json_or_text(sandbox: Sandbox) -> None:
    text = runs("tr a-z A-Z", language="shell", name="upper", input=TEXT)
    came = await run(sandbox, text, text="abc")
    assert (came.value, came.problem) == ('{"TEXT": "ABC"}', None)
    numbers = runs("cat >/dev/null; echo said; echo '[1, 2]' >&3", language="shell", output={"type": "array"})
    came = await run(sandbox, numbers)
    assert (came.value, came.output, came.problem) == ([1, 2], "said", None)
    came = await run(sandbox, runs("echo wrong >&2; exit 3", language="shell"))
    assert (str(came.problem), came.value) == ("It ended with code 3: wrong", None)


async def test_skills_call_skills_in_any_language(sandbox: Sandbox) -> None:
    count = runs("import helper\ndef run(text):\n    return helper.count(text)\n", name="count-words",
                 more={"scripts/helper.py": "def count(text):\n    return len(text.split())\n"})  # fmt: skip
    twice = runs("from skills.count_words import run as count\ndef run(text):\n    return 2 * count(text=text)\n",
                 name="twice")  # fmt: skip
    upper = runs("tr a-z A-Z", language="shell", name="upper")
    needed = {"count-words": count, "twice": twice, "upper": upper}
    main = "from skills.twice import run as twice\nfrom skills.upper import run as upper\nimport helper\n"
    main += "def run(text):\n    return [twice(text=text), upper(text=text), helper.ONE]\n"
    came = await run(sandbox, runs(main, more={"scripts/helper.py": "ONE = 1\n"}), needed, text="a b")
    assert came.value == [4, '{"TEXT": "A B"}', 1]
    shell = runs('"$(dirname "$0")/../../skills/twice/run" >&3', language="shell")
    assert (await run(sandbox, shell, needed, text="a b c")).value == 6


async def test_a_skill_that_a_skill_calls_fails_as_an_error(sandbox: Sandbox) -> None:
    main = "from skills.broken import run as broken\ndef run():\n    try:\n        broken()\n"
    main += "    except Exception as error:\n        return [type(error).__name__, str(error)]\n"
    broken = runs("def run():\n    raise ValueError('inside')\n", name="broken")
    name, text = (await run(sandbox, runs(main), {"broken": broken})).value  # type: ignore[misc]
    assert name == "SkillFailed"
    assert text.startswith("broken ended with 1")


async def test_packages_are_there_for_the_skill_and_for_those_it_calls(sandbox: Sandbox, library: Path) -> None:
    inner = runs("import greetings\ndef run():\n    return greetings.HELLO\n", name="inner")
    main = (
        "import greetings\nfrom skills.inner import run as inner\ndef run():\n    return [greetings.HELLO, inner()]\n"
    )
    came = await produced(sandbox, runs(main), {"inner": inner}, {}, libraries=(library,))
    assert came.value == ["hello", "hello"], came
    assert "ModuleNotFoundError" in str((await run(sandbox, inner)).problem)


async def test_the_input_is_no_code_wherever_it_goes(sandbox: Sandbox) -> None:
    text = "'; touch /tmp/x; $(touch /tmp/x) `touch /tmp/x` \\ \" \n {files} %s"
    main = "import os\ndef run(text):\n    return [text, os.path.exists('/tmp/x')]\n"
    assert (await run(sandbox, runs(main), text=text)).value == [text, False]
    came = await run(sandbox, runs("cat >&3; test ! -e /tmp/x", language="shell"), text=text)
    assert came.value == {"text": text}


def test_the_schemas_of_these_tests_are_such() -> None:
    assert json.loads(json.dumps(TEXT)) == TEXT


async def test_what_was_granted_is_there_and_what_was_not_is_not(sandbox: Sandbox) -> None:
    main = "import os\nNAMES = ('A_TOKEN', 'OTHER', 'HTTPS_PROXY')\n"
    main += "def run():\n    return {name: os.environ.get(name) for name in NAMES}\n"
    permissions = ["secret:A_TOKEN", "network:api.example.com"]
    secrets = {"A_TOKEN": SecretStr("very-secret"), "OTHER": SecretStr("unasked")}
    came = await produced(sandbox, runs(main), {}, {}, granted=granted(permissions, secrets))
    assert came.value == {"A_TOKEN": "***", "OTHER": None, "HTTPS_PROXY": "http://127.0.0.1:8080"}
    came = await produced(sandbox, runs(main), {}, {})
    assert came.value == {"A_TOKEN": None, "OTHER": None, "HTTPS_PROXY": None}


def test_a_secret_that_nobody_set_is_said() -> None:
    with pytest.raises(BadRequest, match="The secret A_TOKEN is not set"):
        granted(["secret:A_TOKEN"], {"OTHER": SecretStr("x")})


async def test_a_sandbox_that_dies_half_way_is_said(sandbox: Sandbox) -> None:
    await sandbox.check()
    running = asyncio.create_task(run(sandbox, runs("import time\ndef run():\n    time.sleep(60)\n")))
    slow = runs("def run():\n    pass\n", tests="import time\ndef test_it():\n    time.sleep(60)\n")
    trying = asyncio.create_task(testing.tested(sandbox, slow, {}, subject="x"))
    while not list(Path("/tmp").glob(f"dexter-sandbox-{os.getpid()}-*/files/skill/SKILL.md")):
        await asyncio.sleep(0.02)
    await sandbox.aclose()
    for task in (running, trying):
        try:
            came = await task
        except Unavailable:
            continue
        assert str(came.problem).startswith("It was ended by signal"), came
        assert not getattr(came, "passed", False)
    assert not list(Path("/tmp").glob(f"dexter-sandbox-{os.getpid()}-*"))
