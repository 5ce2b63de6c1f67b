"""A person at a terminal pursues a goal: a plan edited and approved, a note, a pause, an answer, the end."""

import json
import subprocess

import pexpect
import pytest

from tests.doubles import house
from tests.doubles.terminal import dexter, types

pytestmark = pytest.mark.timeout(110)
SAYS = """1. Collect the facts
done when: three facts are listed
needs: none
by: committee

2. Try it with somebody
done when: somebody has said yes
needs: 1
by: person

Answer: yes"""
"""What every member says to everything: a plan, a result and a verdict in one."""


@pytest.fixture
def config(tmp_path):
    return house.settings(tmp_path, replies={member: [SAYS] for member in house.MEMBERS})


def test_a_goal_is_planned_edited_approved_answered_and_met(person):
    types(person, 'campaign start "Tell the team about tea" --budget "$5, 200k tokens"', "Approve it, change it")
    types(person, "campaign pause", "Paused", "campaign resume")
    types(person, "campaign resume", "The plan waits for approval")
    types(person, 'campaign edit 2 title="Ask Grace"', "2 · Ask Grace")
    types(person, 'campaign add title="Thank Grace" done_when="She was thanked" means=person needs=2', "3 objectives")
    types(person, "campaign move 3 1", "3 objectives")
    types(person, "campaign remove 3", "2 objectives")
    types(person, "campaign note Green tea as well", "reads it at its next step")
    types(person, "campaign approve", "1 Collect the facts is met", "@", "Ask Grace")
    types(person, "campaign status 1", "done when: three facts are listed", "What came of it")
    types(person, "campaign answer She said yes", "has met its goal", "campaign template save")
    types(person, "campaign gantt", "1 Collect the facts", "█", "2 objectives from")
    types(person, "campaign log", "what happened", "noted: Green tea as well", "said yes: She said yes")
    types(person, "campaign template save tea-time", "campaign start --template tea-time")
    types(person, "campaign template show tea-time", "Ask Grace")
    types(person, "campaign list --all", "Tell the team about tea", "The goal is met", "2 of 2")
    person.sendline("exit")
    person.expect(pexpect.EOF)
    assert person.wait() == 0


def test_a_campaign_that_nobody_watches_goes_on_with_the_next_dexter(config):
    started = dexter(config, "campaign", "start", "Tell the team about tea", "--json")
    assert started.returncode == 0, started.stderr
    assert '"course": "planning"' in started.stdout
    watched = dexter(config, "campaign", "watch")
    assert watched.returncode == 0, watched.stderr
    assert "Approve it, change it" in watched.stdout
    answered = dexter(config, "campaign", "approve")
    assert "1 Collect the facts is met" in answered.stdout
    assert "--request 2 --no" in " ".join(answered.stdout.split())
    refused = dexter(config, "campaign", "answer", json.loads(started.stdout)["id"], "--request", "2", "--no")
    assert refused.returncode == 0, refused.stderr
    assert "has failed" in refused.stdout
    assert "--request 3" in " ".join(refused.stdout.split()), "there is another plan to approve"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("start", "Tea"), "a single word"),
        (("dance",), "I know no “campaign dance”"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(config, line, said):
    done = dexter(config, "campaign", *line)
    assert done.returncode == 2, done.stdout
    assert said in done.stdout.replace("\n", " ")
    assert "No campaign goes on" in dexter(config, "campaign", "list").stdout


def test_the_commands_are_explained(config):
    done = dexter(config, "help", "campaign")
    assert isinstance(done, subprocess.CompletedProcess)
    assert "campaign start" in done.stdout
