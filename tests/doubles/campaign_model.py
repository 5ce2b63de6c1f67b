"""Scripted members that carry any campaign: they plan, do the work, judge it and report."""

from core.ports import Prompt
from tests.doubles.committee_world import ballot, shown

PLAN = """1. Collect the facts
done when: three facts are listed
needs: none
by: committee

2. Write it up
done when: it names every fact
needs: 1
by: committee
"""


def asked(prompt: Prompt) -> str:
    """Say what a prompt of a campaign's step is for: plan, judge, report, work, or a vote."""
    text = "\n".join(message.content for message in prompt.messages)
    if prompt.reply_schema is not None:
        return "vote"
    marks = {"Write the plan now": "plan", "Then write yes or no": "judge", "Write the report on work": "report"}
    return next((purpose for mark, purpose in marks.items() if mark in text), "work")


def plays_along(prompt: Prompt, plan: str = PLAN) -> str:
    """Return what a member says in a campaign in which all goes well."""
    match asked(prompt):
        case "vote":
            return ballot(*shown(prompt))
        case "plan":
            return plan
        case "judge":
            return "Three facts are listed.\nAnswer: yes"
        case "report":
            return "All of it is done: three facts, and a page that names them."
        case _:
            return "Facts: water boils at 100 degrees, tea is a plant, cups break."
