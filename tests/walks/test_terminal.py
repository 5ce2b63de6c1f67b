"""A person at a terminal: a real pseudo-terminal, the real command, a scripted committee."""

import json
import signal
import socket

import pexpect
import pyte
import pytest

from tests.doubles import house
from tests.doubles.terminal import chat, dexter


@pytest.fixture
def config(tmp_path):
    return house.settings(tmp_path)


def screen(config, columns=100, lines=60):
    """Return what a person has on the screen after all that the terminal was sent."""
    shown = pyte.HistoryScreen(columns, lines, history=1000)
    pyte.Stream(shown).feed(config.with_name("screen.txt").read_bytes().decode())
    return "\n".join(line.rstrip() for line in shown.display)


def test_a_person_asks_and_reads_the_answer_with_its_tally_and_its_dissent(config, person):
    for _ in range(8):  # each voter reads the answers in an order of its own: one time in nine all three agree
        person.sendline("Should we move to the new system?")
        person.expect_exact("You can type: show")
        split = "Dissent:" in person.before
        person.expect_exact("ask ›")
        if split:
            break
    person.sendline("patterns")
    person.expect_exact("red-team")
    person.expect_exact("ask ›")
    person.sendline("exit")
    person.expect(pexpect.EOF)
    assert person.wait() == 0
    shown = screen(config)
    for words in (
        "The winning answer, by",
        "schulze: 3 of 3 voted",
        "►",
        "▸ Dissent:",
        "3 models, 12 calls",
        "$0.0000",
    ):
        assert words in shown
    assert (config.parent / "history").read_text().count("Should we move") == 1


def test_one_answer_for_a_pipe_is_plain_text(config):
    done = dexter(config, "ask", "Should we move?")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "The winning answer, by" in done.stdout
    assert done.stderr == ""


def test_one_answer_for_machines_has_the_promised_keys(config):
    done = dexter(config, "ask", "--json", "Should we move?")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {"run", "answer", "winner", "tally", "dissent", "members", "usage"} <= said.keys()
    assert said["winner"]["label"] == said["tally"]["winner"]
    assert [seat["member"] for seat in said["members"]] == list(house.MEMBERS)
    assert said["usage"]["calls"] == 12


def test_what_was_asked_before_can_be_shown_searched_and_judged(config):
    run = json.loads(dexter(config, "ask", "--json", "Should we move?").stdout)["run"]
    shown = dexter(config, "show", run).stdout
    assert "Proposal" in shown
    assert "Critique by analyst" in shown
    assert run in dexter(config, "show", "--find", "move").stdout
    assert "Thank you" in dexter(config, "feedback", run, "--good").stdout
    assert "Feedback: good" in dexter(config, "show", run).stdout
    assert "scripted/analyst" in dexter(config, "models").stdout


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["ask", ""], 2, "needs a question"),
        (["ask", "Why?", "--pattern", "debatte"], 2, "Did you mean debate"),
        (["show", "nosuchrun"], 2, "There is no collaboration"),
        (["run", "--role", "king"], 2, "`--role` can be all, bot or worker"),
        (["chat"], 2, "needs a terminal"),
        (["db", "burn"], 2, "dexter db"),
    ],
)
def test_a_mistake_ends_in_one_sentence_and_a_code(config, argv, code, says):
    done = dexter(config, *argv)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("database", "says"),
    [
        ("mysql://x/y", "which Dexter does not know"),
        ("postgresql://nobody:hunter2pass@127.0.0.1:1/dexter", "127.0.0.1"),
        ("sqlite:////proc/nowhere/dexter.db", "/proc"),
    ],
)
def test_a_wrong_database_stops_the_start_with_a_sentence_and_without_the_password(tmp_path, database, says):
    done = dexter(house.settings(tmp_path, database=database), "ask", "Why?")
    assert done.returncode == 3
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2pass" not in done.stderr


def test_a_second_dexter_on_the_same_file_is_told_who_has_it(config):
    with chat(config) as child:
        child.expect_exact("ask ›")
        done = dexter(config, "ask", "Why?")
        assert done.returncode == 3
        assert "Another Dexter" in done.stderr


def test_ctrl_c_stops_the_question_and_leaves_the_terminal_sane(config):
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections, never answers
        base = f'[models.bases]\n"openai/" = "http://127.0.0.1:{listener.getsockname()[1]}/v1"\n'
        text = config.read_text().replace("scripted/analyst", "openai/slow")
        config.write_text(text.replace("[committees.default]", f"{base}[committees.default]", 1))
        with chat(config, OPENAI_API_KEY="none") as child:
            child.expect_exact("ask ›")
            child.sendline("Should we move?")
            child.expect_exact("Proposals: ")
            child.kill(signal.SIGINT)
            child.expect_exact("stopped")
            child.sendline("status")
            child.expect_exact("Nothing is being worked on")
            child.sendline("exit")
            child.expect(pexpect.EOF)
            assert child.wait() == 0
