"""What chats show of a campaign: its card in each state, the plan, requests, short posts, a digest and the end."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.campaign_card import card
from bot.campaign_posts import digest, ended, post, request
from bot.shapes import Post
from bot.words import ENGLISH, words_for
from core.campaigns.campaign import Campaign, Course, Decision, Estimate, Objective, Stage, Step, Wait
from core.campaigns.moment import Moment
from core.campaigns.sums import Allowance, Sums
from core.sentences import said

AT = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
ID = "q7wz3kdm5yhs"
HOSTILE = "Ship <!channel> <@U9> @everyone [safe](https://evil.example) **now** `rm` \x1b[31m\u202e"


def objective(id: str, title: str, stage: Stage = Stage.PENDING, **more: Any) -> Objective:
    """Return an objective."""
    return Objective(id=id, title=title, stage=stage, **{"done_when": "The result says so.", **more})


PLAN = (
    objective("1", "List every service and who owns it", done_when="A table names each service and one owner.",
              estimate=Estimate(seconds=900, tokens=6000)),
    objective("2", "Write a skill that finds services without a runbook", means="skill", needs=("1",),
              done_when="It lists the right ones of a list that is known.",
              estimate=Estimate(seconds=1800, tokens=20000)),
    objective("3", "Write the missing runbooks", needs=("1", "2"), done_when="Each service has a runbook with steps.",
              estimate=Estimate(seconds=7200, tokens=60000)),
    objective("4", "Have somebody on call walk through one", means="person", person="slack:U2", needs=("3",),
              done_when="They got through without asking.", estimate=Estimate(seconds=172800, tokens=0)),
)  # fmt: skip
NEW = Campaign(
    id=ID, tenant="slack:T1", owner="slack:U1", owner_name="Ada Lovelace", address="slack:T1:C1",
    title="Every service has a runbook", goal="Every service that wakes somebody at night has a runbook that works.",
    allowance=Allowance(tokens=200_000, dollars=5.0), deadline=AT + timedelta(days=12),
    created_at=AT - timedelta(hours=3),
)  # fmt: skip
ASKED = said(
    "Here is the plan. Objectives to come: {count}. Approve it, change it, or say what is wrong with it.", count=4
)
PROPOSED = NEW.but(
    course=Course.PROPOSED, objectives=PLAN, spent=Sums(tokens=4120, microdollars=4100, calls=6),
    wait=Wait(person="slack:U1", question=ASKED, asked_at=AT, number=1, about="plan"),
)  # fmt: skip
RUNNING = NEW.but(
    course=Course.RUNNING, started_at=AT - timedelta(hours=2),
    objectives=(
        PLAN[0].but(stage=Stage.MET, started_at=AT - timedelta(hours=2), ended_at=AT - timedelta(hours=1)),
        PLAN[1].but(stage=Stage.RUNNING, attempts=2, started_at=AT - timedelta(minutes=50)),
        PLAN[2],
        PLAN[3].but(
            stage=Stage.WAITING, started_at=AT,
            wait=Wait(person="slack:U1", question=said("Who is on call?"), asked_at=AT, number=2),
        ),
    ),
    steps=(Step(run="abcdefghijkl", purpose="work", objective="2", started_at=AT, reserved=Sums(tokens=20000)),),
    spent=Sums(tokens=34120, microdollars=41200, calls=41, model_milliseconds=183_000),
    decisions=(Decision(number=1, person="slack:U1", name="Ada Lovelace", yes=True, at=AT),),
)  # fmt: skip
HELD = RUNNING.but(
    course=Course.HELD, steps=(), spent=Sums(tokens=191_000, microdollars=4_350_000, calls=204),
    wait=Wait(person="slack:U1", asked_at=AT, number=3, about="budget", question=said(
        "It has taken {used} of {most}, and that is not enough for the next step. May it take half as much again?",
        used="191,000 tokens", most="200,000 tokens")),
)  # fmt: skip
OVER = RUNNING.but(
    course=Course.MET, steps=(), ended_at=AT,
    report="Each of the **31 services** has a runbook. Two were retired on the way.",
    objectives=tuple(each.but(stage=Stage.MET, wait=None) for each in PLAN),
)  # fmt: skip
STAGES = (*[Stage.MET] * 3, Stage.FAILED, Stage.RUNNING, Stage.WAITING, Stage.READY, *[Stage.PENDING] * 9)
LARGE = RUNNING.but(
    objectives=tuple(
        objective(str(n), f"Move service {n} to the new cluster", STAGES[0] if n < 300 else STAGES[n % len(STAGES)])
        for n in range(1, 501)
    )
)
WRITTEN = objective("1", HOSTILE, Stage.FAILED, done_when=HOSTILE, failures=(HOSTILE,), attempts=3)
HARMFUL = PROPOSED.but(title=HOSTILE, goal=f"{HOSTILE}\n{HOSTILE}", objectives=(WRITTEN,), owner_name=HOSTILE)
MET = Moment(
    what="met", sentence=said("{id} {title} is met. {why}", id="1", title=PLAN[0].title,
                              why=said("{judges} judged it: {why}", judges="Skeptic", why="All 31 are in the table.")),
    objective="1", run="abcdefghijkl", slot="post:4",
)  # fmt: skip
PLANNED = Moment(what="planned", sentence=ASKED, mention="slack:U1", slot="request:1")
QUESTION = Moment(
    what="waiting", sentence=said("{title}\n{brief}\nIt is done when: {done_when}", title=PLAN[3].title,
                                  brief="Pick one of the runbooks at random, and somebody who did not write it.",
                                  done_when=PLAN[3].done_when),
    objective="4", mention="slack:U1", slot="request:2",
)  # fmt: skip
BUDGET = Moment(what="budget", sentence=HELD.wait.question, mention="slack:U1", slot="request:3")  # type: ignore[union-attr]
ANSWERED = Moment(
    what="answered", sentence=said("{name} said yes: {text}", name="Ada Lovelace", text="Grace did it in 20 minutes."),
    person="slack:U1", person_name="Ada Lovelace", slot="request:2",
)  # fmt: skip
APPROVED = Moment(what="approved", sentence=said("{name} said yes.", name="Ada Lovelace"), slot="request:1")
MANY = [
    MET.but(sentence=said("{id} {title} is met. {why}", id=n, title=f"Part {n}", why="It is there."))
    for n in range(1, 31)
]
ENDED = Moment(
    what="ended", sentence=said("The campaign has met its goal. Objectives met: {met}.", met=4), slot="answer"
)
FORESEEN = ("Done by 2026-03-09 14:00 UTC (with 80 % probability between 2026-03-06 and 2026-03-13), $3.10 in all.",)

POSTS: Mapping[str, Post] = {
    "card_planning": card(NEW, ENGLISH, AT),
    "card_proposed": card(PROPOSED, ENGLISH, AT),
    "card_running": card(RUNNING, ENGLISH, AT, FORESEEN),
    "card_running_german": card(RUNNING, words_for("de"), AT),
    "card_held": card(HELD, ENGLISH, AT),
    "card_over": card(OVER, ENGLISH, AT),
    "card_of_500": card(LARGE, ENGLISH, AT),
    "card_harmful": card(HARMFUL, ENGLISH, AT),
    "request_plan": request(PROPOSED, 1, [PLANNED], ENGLISH),
    "request_plan_approved": request(RUNNING, 1, [PLANNED, APPROVED], ENGLISH),
    "request_person": request(RUNNING, 2, [QUESTION], ENGLISH),
    "request_person_answered": request(OVER, 2, [QUESTION, ANSWERED], ENGLISH),
    "request_budget": request(HELD, 3, [BUDGET], ENGLISH),
    "request_harmful": request(HARMFUL, 1, [PLANNED.but(sentence=said("{x}", x=HOSTILE))], ENGLISH),
    "post_met": post([MET], ENGLISH),
    "digest": digest(ID, MANY, ENGLISH),
    "end": ended(OVER, [ENDED], ENGLISH),
}
