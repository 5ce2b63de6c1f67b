import subprocess
import sys

import pytest

from bot.__main__ import help_text
from bot.commands.parse import parse
from bot.commands.table import COMMANDS
from bot.console.argv import PROCESS, read, usage
from bot.words import words_for
from core.errors import BadRequest


def typed(*argv):
    line = read(argv, COMMANDS)
    command, args = parse(line.text, COMMANDS, strict=True)
    return command.name, dict(args.values)


def test_a_question_of_several_words_is_one_question():
    assert typed("ask", "Should", "we", "move?") == ("ask", {"question": "Should we move?"})


def test_options_count_wherever_they_stand():
    expected = ("ask", {"pattern": "debate", "question": "Why not?"})
    assert typed("ask", "--pattern", "debate", "Why not?") == expected
    assert typed("ask", "Why not?", "--pattern=debate") == expected


def test_what_a_question_says_about_options_stays_in_the_question():
    assert typed("ask", "what does --pattern do?") == ("ask", {"question": "what does --pattern do?"})
    assert typed("ask", "--", "--json", "is what?") == ("ask", {"question": "--json is what?"})


def test_values_with_spaces_survive():
    assert typed("show", "--find", "two words")[1]["find"] == "two words"
    assert typed("feedback", "k3f9", "--good", "--comment", 'she said "yes"')[1]["comment"] == 'she said "yes"'


def test_the_terminals_own_options_are_taken_off():
    line = read(["ask", "--json", "Why?", "--file", "a.txt", "--file=b.txt", "--config", "x.toml"], COMMANDS)
    assert (line.json, [str(f) for f in line.files], str(line.config)) == (True, ["a.txt", "b.txt"], "x.toml")
    assert "json" not in line.text


@pytest.mark.parametrize(
    ("argv", "says"),
    [([], "no command"), (["aks", "x"], "Did you mean ask"), (["ask", "--file"], "`--file` needs a value")],
)
def test_a_mistake_is_answered_with_the_nearest_names(argv, says):
    with pytest.raises(BadRequest, match=says):
        read(argv, COMMANDS)


def test_help_lists_every_command():
    text = help_text({})
    assert text == usage(COMMANDS) + "\n", "run `make help-text`"
    german = usage(COMMANDS, words_for("de")) + "\n"
    assert help_text({"LANG": "de_DE.UTF-8"}) == german, "run `make help-text`"
    assert help_text({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}) == text
    assert all(f"  {name} " in text for name in (*PROCESS, *(command.name for command in COMMANDS)))


@pytest.mark.parametrize(
    ("argv", "code", "says"), [(["--help"], 0, "Usage"), (["--version"], 0, "dexter "), (["aks"], 2, "ask")]
)
def test_the_command_answers_help_and_mistakes_by_itself(argv, code, says):
    done = subprocess.run([sys.executable, "-m", "bot", *argv], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
