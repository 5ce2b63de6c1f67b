"""Asking people: once, with reminders by rule, and with one answer that counts."""

from datetime import datetime, timedelta

from core.campaigns.campaign import About, Course, Decision, Objective, Remark, Stage, Wait
from core.campaigns.incidents import Done
from core.campaigns.making import Making
from core.campaigns.moment import Kind
from core.campaigns.verdicts import clean
from core.errors import BadRequest
from core.sentences import Sentence, said

KEPT, REMARK = 20, 4000
"""Decisions and remarks that are remembered, and characters of a remark."""
_KINDS: dict[About, Kind] = {"plan": "planned", "budget": "budget", "price": "budget", "month": "budget"}


def request(making: Making, about: About, question: Sentence, objective: Objective | None = None) -> Wait:
    """Ask a person, naming them once, and return what is waited for."""
    number = making.campaign.requests + 1
    person = (objective.person if objective and about == "work" else "") or making.campaign.owner
    making.set(requests=number)
    kind: Kind = _KINDS.get(about, "waiting" if about in ("work", "deadline") else "stuck")
    where = objective.id if objective else ""
    making.tell(kind, question, f"request:{number}", objective=where, mention=person)
    return Wait(person=person, question=question, asked_at=making.at, number=number, about=about)


def ask(making: Making, objective: Objective, about: About, question: Sentence) -> None:
    """Let an objective wait for a person; the rest of the campaign goes on."""
    wait = request(making, about, question, objective)
    started = objective.started_at or making.at
    making.put(objective.but(stage=Stage.WAITING, wait=wait, started_at=started))


def hold(making: Making, about: About, question: Sentence, until: datetime | None = None) -> None:
    """Hold the whole campaign until a person answers."""
    making.set(held_from=making.under, course=Course.HELD)
    making.set(wait=request(making, about, question).but(until=until))


def loosed(making: Making) -> None:
    """Go on with what the campaign was held from."""
    held = making.under
    making.set(wait=None, held_from=None)
    if making.campaign.stands is Course.HELD:
        making.set(**{"paused_from" if making.campaign.course is Course.PAUSED else "course": held})


def decide(making: Making, wait: Wait, done: Done, *, yes: bool, sentence: Sentence) -> None:
    """Note a person's answer, and tell of it where they were asked."""
    if wait.number == 0:
        return
    decision = Decision(number=wait.number, person=done.person, name=done.name, yes=yes, at=making.at)
    making.set(decisions=(*making.campaign.decisions, decision)[-KEPT:])
    kind: Kind = ("approved" if yes else "rejected") if wait.about == "plan" else "answered"
    making.tell(kind, sentence, f"request:{wait.number}", person=done.person, person_name=done.name)


def still_open(making: Making, done: Done, wait: Wait | None) -> Wait:
    """Return a request that is still open. Raises `BadRequest` naming who answered it first."""
    if wait is not None and wait.number and done.request in (0, wait.number):
        return wait
    answered = making.campaign.decisions
    first = next((each for each in reversed(answered) if done.request in (0, each.number)), None)
    if first is None:
        raise BadRequest("Nobody is asked anything here now.")
    word = said("yes") if first.yes else said("no")
    raise BadRequest("{name} was first, and said {word}.", name=first.name, word=word)


def expired(making: Making) -> None:
    """Let a campaign go on that was held until a time that has come."""
    wait = making.campaign.wait
    if making.campaign.stands is Course.HELD and wait and wait.until and wait.until <= making.at:
        making.tell("answered", said("The time that it waited for has come."), f"request:{wait.number}")
        loosed(making)


def remember(making: Making, done: Done) -> None:
    """Let what a person said be read at the steps to come."""
    if text := clean(done.text, REMARK):
        remark = Remark(person=done.person, name=done.name, text=text, at=making.at)
        making.set(remarks=(*making.campaign.remarks, remark)[-KEPT:])


def remind(making: Making) -> None:
    """Remind those who have not answered, once for all the reminders that have come due."""
    campaign = making.campaign
    if campaign.course.over or campaign.course is Course.PAUSED:
        return
    if campaign.wait and (again := _reminded(making, campaign.wait)):
        making.set(wait=again)
    for objective in campaign.objectives:
        if objective.wait and (again := _reminded(making, objective.wait)):
            making.put(objective.but(wait=again))


def _reminded(making: Making, wait: Wait) -> Wait | None:
    passed = making.at - wait.asked_at
    times = sum(passed >= timedelta(seconds=each) for each in making.rules.reminders)
    if wait.number == 0 or wait.question is None or times <= wait.reminded:
        return None
    hours = passed.total_seconds() / 3600
    sentence = said("Still open after {hours:,.0f} h: {question}", hours=hours, question=wait.question)
    making.tell("reminded", sentence, f"post:{making.campaign.told + 1}")  # an edit of the request would notify nobody
    return wait.but(reminded=times)
