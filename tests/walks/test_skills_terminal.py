"""A person at a terminal has a skill written, tested, promoted and run, in the real sandbox."""

import json
import subprocess
import sys

import pexpect
import pytest

from tests.doubles import house
from tests.doubles.drafts import MEMBERS, REQUEST
from tests.doubles.sandboxes import lacking
from tests.doubles.terminal import SECONDS, dexter, environment, types

pytestmark = [
    pytest.mark.timeout(110),
    pytest.mark.skipif(bool(lacking("bubblewrap")), reason=lacking("bubblewrap")),
]


@pytest.fixture
def config(tmp_path):
    return house.settings(tmp_path, '\n[people]\ndefault = "administrator"\n', replies=MEMBERS)


def test_a_skill_is_drafted_tested_promoted_approved_run_and_rolled_back(person):
    one_line = " ".join(REQUEST.split())
    types(
        person,
        f"skill draft {one_line}",
        "candidate",
        "✗",
        "Draft: double 0.1.0",
        "You can type: skill test double 0.1.0",
    )
    types(person, "skill test double", "All tests passed", "You can type: skill promote double 0.1.0")
    types(person, "skill run double n=4", "No version of double is promoted")
    person.sendline("skill promote double")
    person.expect_exact("It asks for no network and no secret.")
    person.expect(r"skill approve (\w+)")
    run = person.match[1]
    person.expect_exact("ask ›")
    types(person, f"skill approve {run}", "double 0.1.0 is promoted")
    types(person, "skill run double n=21", "42", "You can type: skill run double 0.1.0")
    types(person, "skill run double n=four", "write a whole number, such as 3")
    types(person, "skill show double", "1 run succeeded")
    types(person, "skill rollback double", "No version of it runs now.")
    person.sendline("exit")
    person.expect(pexpect.EOF)
    assert person.wait() == 0


def test_what_comes_through_a_pipe_is_the_input(config, tmp_path):
    folder = tmp_path / "shout"
    write(folder)
    assert dexter(config, "skill", "import", str(folder)).returncode == 0
    command = [sys.executable, "-m", "bot", "skill", "run", "shout", "1.0.0", "--config", str(config)]
    done = subprocess.run(
        command, input="hello there", capture_output=True, text=True, timeout=SECONDS, env=environment(), check=False
    )
    assert "HELLO THERE" in done.stdout, done.stderr


def test_a_person_is_asked_for_each_field(tmp_path, person):
    write(tmp_path / "shout")
    types(person, f"skill import {tmp_path / 'shout'}", "It is a draft, version 1.0.0.")
    person.sendline("skill run shout 1.0.0")
    person.expect_exact("text (text, needed)")
    person.sendline("hey")
    person.expect_exact("times (whole number)")
    person.sendline("many")
    person.expect_exact("whole number, such as 3")
    person.expect_exact("times (whole number)")
    person.sendline("2")
    person.expect_exact("HEYHEY")
    person.expect_exact("ask ›")


def test_what_a_skill_says_is_seen_while_it_runs_and_ctrl_c_ends_it(tmp_path, person):
    write(tmp_path / "shout", "import time\n\n\ndef run(text):\n    print(text, 'so far')\n    time.sleep(600)\n")
    types(person, f"skill import {tmp_path / 'shout'}", "It is a draft, version 1.0.0.")
    person.sendline("skill run shout 1.0.0 text=halfway")
    person.expect_exact("halfway so far")
    person.sendintr()
    person.expect_exact("A person stopped this run.")
    person.expect_exact("ask ›")


def write(folder, program="def run(text, times=1):\n    return text.upper() * times\n"):
    """Write a skill that shouts, or does something else."""
    schema = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "times": {"type": "integer", "minimum": 1}},
        "required": ["text"],
    }
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "main.py").write_text(program)
    (folder / "SKILL.md").write_text(
        "---\nname: shout\ndescription: Writes a text in capitals. Use when someone wants to shout.\nmetadata:\n"
        '  version: "1.0.0"\n  dexter-language: python\n  dexter-entry: scripts/main.py\n'
        f"  dexter-input: '{json.dumps(schema)}'\n  dexter-output: '{{\"type\": \"string\"}}'\n---\nShout.\n"
    )
