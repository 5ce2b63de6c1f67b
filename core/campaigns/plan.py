"""The plan that a committee wrote: read robustly, as small models write it, and checked before it counts."""

import re
from collections.abc import Mapping, Sequence

from core.campaigns.campaign import Campaign, Estimate, Means, Objective, Stage
from core.campaigns.checks import check_objectives
from core.campaigns.plan_json import items_in_json
from core.campaigns.plan_text import Item, items_in
from core.campaigns.prompts import example
from core.campaigns.rules import Rules
from core.campaigns.verdicts import clean
from core.errors import BadRequest
from core.excerpts import opening

_TITLE, _DONE, _BRIEF = 120, 500, 2000
"""Characters that are kept of each."""
_NOTHING = re.compile(r"^(?:none|nothing|no(?:ne)?|n/?a|null|keine?s?|nichts|-+|)$", re.IGNORECASE)
_AND = re.compile(r"[,;\n]|\band\b|\bund\b|&", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:person|people|human|owner|user|manager|mensch\w*|somebody|someone)\b", re.IGNORECASE)
_SKILL = re.compile(r"\b(?:skill|program|script|code|tool|programm|skript)\b", re.IGNORECASE)
_USE = re.compile(
    r"\b(?:use|run)\b[ \t]+(?:the[ \t]+)?(?:skill[ \t]+)?[`'\"“]?(?P<name>[a-z][a-z0-9-]{1,63})", re.IGNORECASE
)
_GENERIC = ("skill", "the", "it", "program", "script")
_TIME = re.compile(r"(?P<count>\d{1,6}(?:[.,]\d{1,3})?)[ \t]*(?P<unit>[a-zäöü]*)", re.IGNORECASE)
_SECONDS = {
    "st": 3600.0, "s": 1.0, "mo": 30 * 86400.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "t": 86400.0, "w": 604800.0,
}  # fmt: skip
"""By how the unit begins; the first that fits."""
_STAYS = (Stage.MET, Stage.SKIPPED, Stage.RUNNING, Stage.WAITING)
_PERSON_TAKES = 86400.0
_LONGEST_TIME = 365 * 86400.0


def read_plan(text: str) -> tuple[Item, ...]:
    """Return what an answer plans: from JSON, or from a list. Raises `BadRequest` where there is no plan in it."""
    items = items_in_json(text) or items_in(text)
    if not items:
        raise BadRequest("There is no list of objectives in the answer.")
    return items


def objectives_of(campaign: Campaign, items: Sequence[Item], rules: Rules) -> tuple[Objective, ...]:
    """Return the objectives that a plan names, numbered on from those that there were; they may need those that stay.

    Raises `BadRequest` naming what does not fit.
    """
    _check_own(items, "plan")
    stays = staying(campaign)
    first = 1 + max((int(each.id.partition(".")[0]) for each in campaign.objectives), default=0)
    names = {item.number or str(at): str(first + at - 1) for at, item in enumerate(items, 1)}
    known = {each.id: each.id for each in stays} | names
    made = tuple(
        _objective(item, str(at), "", _needs(item, items, known, first)) for at, item in enumerate(items, first)
    )
    check_objectives((*stays, *made), rules)
    return made


def parts_of(whole: Objective, campaign: Campaign, items: Sequence[Item], rules: Rules) -> tuple[Objective, ...]:
    """Return the parts that an objective is split into. Raises `BadRequest` where they do not fit, or are too many."""
    _check_own(items, "parts")
    if not 2 <= len(items) <= rules.parts:
        text = "An objective is split into 2 to {most} parts, and the answer has {count}."
        raise BadRequest(text, most=rules.parts, count=len(items))
    known = {item.number or str(at): str(at) for at, item in enumerate(items, 1)}
    numbers = {name: f"{whole.id}.{number}" for name, number in known.items()}
    made = tuple(
        _objective(item, f"{whole.id}.{at}", whole.id, _needs(item, items, numbers, 1, f"{whole.id}."))
        for at, item in enumerate(items, 1)
    )
    check_objectives((*campaign.objectives, *made), rules)
    return made


def _check_own(items: Sequence[Item], prompt: str) -> None:
    """Raise `BadRequest` for the example of a prompt: small models give it back as if it were theirs."""
    shown = {_plain(item.title) for item in items_in(example(prompt))}
    if len(shown & {_plain(item.title) for item in items}) > 1:
        raise BadRequest("This is the example that was shown, for another goal: plan for the goal itself.")


def staying(campaign: Campaign) -> tuple[Objective, ...]:
    """Return the objectives that a new plan leaves, with their parts: what came of something, or is under way."""
    whole = {each.id for each in campaign.objectives if (each.stage in _STAYS or each.claims) and not each.parent}
    return tuple(each for each in campaign.objectives if each.id.partition(".")[0] in whole)


def _needs(
    item: Item, items: Sequence[Item], known: Mapping[str, str], first: int, before: str = ""
) -> tuple[str, ...]:
    """Return the ids that an item needs: it names them by number or by title."""
    titles = {_plain(each.title): f"{before}{at}" for at, each in enumerate(items, first)}
    found: list[str] = []
    for written in item.needs:
        whole = titles.get(_plain(written))
        for piece in [] if whole else _AND.split(written):
            found += _named(item, piece, titles, known)
        found += [whole] if whole else []
    own = titles[_plain(item.title)]  # nothing needs itself: small models write that for “none”
    return tuple(each for each in dict.fromkeys(found) if each != own)


def _named(item: Item, piece: str, titles: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """Return the ids that a few words name."""
    if _NOTHING.match(piece.strip(" .")):
        return []
    if title := titles.get(_plain(piece)):
        return [title]
    numbers = re.findall(r"\d+(?:\.\d+)*", piece)
    if not numbers:
        text = "Objective “{title}” needs “{need}”, which is not in the plan."
        raise BadRequest(text, title=item.title[:_TITLE], need=piece.strip()[:80])
    return [known.get(number, number) for number in numbers]


def _objective(item: Item, id: str, parent: str, needs: tuple[str, ...]) -> Objective:
    means, skill = _means(item)
    title = opening(clean(item.title, _BRIEF).replace("\n", " "), _TITLE).rstrip(".,;: ")
    estimate = Estimate(seconds=_seconds(item.takes, _PERSON_TAKES if means == "person" else 600.0))
    done_when = clean(item.done_when, _DONE) or f"There is a result for “{title}”, and it is complete."
    brief = clean(item.brief, _BRIEF)
    fields = {"means": means, "skill": skill, "parent": parent, "needs": needs, "estimate": estimate, "brief": brief}
    return Objective(id=id, title=title, done_when=done_when, **fields)


def _means(item: Item) -> tuple[Means, str]:
    if _PERSON.search(item.by):
        return "person", ""
    if named := _USE.search(item.by):
        name = named["name"].casefold()
        return ("answer", "") if name == "committee" else ("use", "" if name in _GENERIC else name)
    return ("skill" if _SKILL.search(item.by) else "answer"), ""


def _seconds(takes: str, default: float) -> float:
    """Return the time in words such as `2 h` or `3 days`; minutes where there is no unit."""
    found = _TIME.search(takes)
    if not found:
        return default
    unit = (found["unit"] or "m").casefold()
    each = next((seconds for begins, seconds in _SECONDS.items() if unit.startswith(begins)), 60.0)
    return min(_LONGEST_TIME, max(1.0, float(found["count"].replace(",", ".")) * each))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", text.casefold()).split())
