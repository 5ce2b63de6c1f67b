"""What is said in a campaign's thread: one short post for what happens, a request to a person, a digest, the end.

Each is made from its own moments, and from the campaign where it matters what still can be done: never from the whole
history.
"""

from collections.abc import Sequence

from bot.campaign_plan import plan
from bot.campaign_words import STATUSES, cost, shortened
from bot.shapes import Bar, Bars, Button, Buttons, Foot, Heading, Mention, Part, Post, Prose, literal
from bot.words import Words, key
from core.campaigns.campaign import About, Campaign, Stage, Wait
from core.campaigns.moment import Moment
from core.entities import Status

POST, REQUEST, DIGEST = "post", "request", "digest"
"""What the names of a campaign's slots begin with, before `:` and a number."""
DIGESTED = 20
"""Moments of a digest that are shown, the newest."""
ON_ONE_LINE = 300
"""Characters of a question that stand beside the name of the person who is asked."""
SIGNS = {
    "planned": "☰", "approved": "✓", "rejected": "✗", "started": "▸", "met": "✓", "failed": "✗", "skipped": "–",
    "split": "⋔", "waiting": "?", "answered": "✓", "reminded": "?", "noted": "✎", "paused": "‖", "resumed": "▸",
    "stopped": "■", "replanned": "☰", "changed": "✎", "budget": "!", "stuck": "!", "ended": "■", "begun": "▸",
}  # fmt: skip
"""What happened, by a sign of its own shape before the sentence."""
YES: dict[About, str] = {
    "work": key("Yes"), "plan": key("Approve"), "unplanned": key("Try again"), "budget": key("Allow more"),
    "price": key("Go on"), "month": key("Go on"), "deadline": key("Go on"), "stuck": key("Try again"),
    "broken": key("Try again"),
}  # fmt: skip
"""What a yes means, on its button."""
SLOTS = (POST, REQUEST, DIGEST)


def number_of(slot: str) -> tuple[str, int]:
    """Return the kind of a slot and its number; 0 where it has none."""
    kind, _, number = slot.partition(":")
    return kind, int(number) if number.isdecimal() else 0


def post(moments: Sequence[Moment], words: Words) -> Post:
    """Return the short post of what happened, which calls who is to be told of it."""
    newest = moments[-1]
    parts: list[Part] = [_said(newest, words)]
    if newest.run and newest.what in ("met", "failed", "answered"):
        parts.append(Buttons((Button(words("Details"), f"show {newest.run}"),)))
    return Post(tuple(parts), language=words.language)


def digest(id: str, moments: Sequence[Moment], words: Words) -> Post:
    """Return many moments as one post; what is no longer shown is in the log."""
    lines = [f"- {SIGNS[each.what]} {literal(words.say(each.sentence))}" for each in moments[-DIGESTED:]]
    parts: list[Part] = [Prose("\n".join(lines))]
    if (left := len(moments) - DIGESTED) > 0:
        more = words.some(left, "{count} more before that", "{count} more before that")
        parts.insert(0, Foot(f"{more}: campaign log {id}"))
    return Post(tuple(parts), language=words.language)


def request(campaign: Campaign, number: int, moments: Sequence[Moment], words: Words) -> Post:
    """Return what a person is asked, with the ways to answer; once it was answered, by whom and how."""
    first, newest = moments[0], moments[-1]
    wait = open_request(campaign, number)
    parts: list[Part] = _asked(campaign, first, words) if wait else [_quoted(words.say(first.sentence))]
    if wait and wait.about == "plan":
        parts += plan(campaign, words)
    if wait:
        parts.append(Buttons(answers(campaign.id, wait, words)))
    elif newest is not first:
        parts.append(_said(newest.but(mention=""), words))
    else:
        parts.append(Foot(words("This is settled: nobody needs to answer any more.")))
    state = None if wait else Status.DONE if newest.what in ("answered", "approved") else Status.STOPPED
    return Post(tuple(parts), state=state, language=words.language)


def open_request(campaign: Campaign, number: int) -> Wait | None:
    """Return what is waited for under a request's number, if that still is so."""
    waits = (campaign.wait, *(each.wait for each in campaign.objectives if each.stage is Stage.WAITING))
    return next((wait for wait in waits if wait and wait.number == number and number), None)


def answers(id: str, wait: Wait, words: Words) -> tuple[Button, ...]:
    """Return the ways to answer a request."""
    n = wait.number
    if wait.about == "plan":
        return (
            Button(words("Approve"), f"campaign approve {id} --request {n}", "primary"),
            Button(words("Reject…"), f"campaign reject {id} --request {n}", "danger"),
            Button(words("Edit…"), f"campaign edit {id}"),
        )
    yes = Button(words(YES[wait.about]), f"campaign answer {id} --request {n} --yes", "primary")
    no = Button(words("No"), f"campaign answer {id} --request {n} --no")
    more = Button(words("Answer…"), f"campaign answer {id} --request {n}")
    if wait.about == "budget":
        return (yes, no, Button(words("Set the budget…"), f"campaign budget {id} --choose"))
    return (yes, no, more)


def ended(campaign: Campaign, moments: Sequence[Moment], words: Words) -> Post:
    """Return the end: what came of it, what the committee wrote, and what it took."""
    parts: list[Part] = [Heading(campaign.title)]
    parts += [_said(each, words) for each in moments[-1:]]
    if campaign.report.strip():
        parts.append(Prose(campaign.report, opens=f"show {campaign.id}"))
    if count := len(campaign.objectives):
        stages = [each.stage for each in campaign.objectives]
        counts = [(words("met"), stages.count(Stage.MET)), (words("failed"), stages.count(Stage.FAILED)),
                  (words("left out"), stages.count(Stage.SKIPPED))]  # fmt: skip
        heads = (words("Objectives"), words("Share"), words("Count"))
        bars = tuple(Bar(name, each / count, words.number(each)) for name, each in counts if each)
        parts.append(Bars(words.some(count, "{count} objective", "{count} objectives"), bars, heads))
    parts.append(Foot(f"{cost(campaign.spent, words)} · {campaign.id}"))
    id = campaign.id
    gantt, log = Button(words("Gantt chart"), f"campaign gantt {id}"), Button(words("Log"), f"campaign log {id}")
    keep = Button(words("Keep as a template"), f"campaign template save {id}")
    parts.append(Buttons((gantt, log, Button(words("Start anew"), f"campaign clone {id}"), keep)))
    state = STATUSES[campaign.course]
    return Post(tuple(parts), state=state, failed=state is Status.FAILED, language=words.language)


def _asked(campaign: Campaign, moment: Moment, words: Words) -> list[Part]:
    """Return the question, beside the name of who is asked where one person is."""
    question = words.say(moment.sentence)
    if not moment.mention:
        return [_quoted(question)]
    name = campaign.owner_name if moment.mention == campaign.owner else ""
    if len(question) <= ON_ONE_LINE and "\n" not in question:
        return [Mention(moment.mention, name, question)]
    return [Mention(moment.mention, name, words("your answer is needed.")), _quoted(question)]


def _said(moment: Moment, words: Words) -> Part:
    """Return what happened as one line."""
    text = shortened(words.say(moment.sentence), 1500)
    if moment.mention:
        return Mention(moment.mention, "", text)
    return Prose(f"{SIGNS[moment.what]} {literal(text)}")


def _quoted(text: str) -> Prose:
    return Prose("\n\n".join(literal(" ".join(each.split())) for each in text.split("\n") if each.strip()))
