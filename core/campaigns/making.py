"""A turn while it is made: what has changed of the campaign so far, and what is to come of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.campaigns.budget import month_of
from core.campaigns.campaign import Campaign, Course, Objective, Posting, Step
from core.campaigns.incidents import Start, Turn
from core.campaigns.moment import Kind, Moment
from core.campaigns.rules import HOUR, Rules
from core.campaigns.sums import Sums
from core.sentences import Sentence


class Making:
    """Notes what comes of one incident; nothing of it has happened until the turn is kept."""

    def __init__(self, campaign: Campaign, at: datetime, rules: Rules) -> None:
        self.campaign = campaign
        self.at = at
        self.rules = rules
        self._moments: list[Moment] = []
        self._starts: list[Start] = []
        self._stops: list[str] = []

    @property
    def under(self) -> Course:
        """Return what the campaign does, or will do once it is neither paused nor held."""
        stands = self.campaign.stands
        return self.campaign.held_from or Course.RUNNING if stands is Course.HELD else stands

    def set(self, **changes: object) -> None:
        """Change something of the campaign."""
        self.campaign = self.campaign.but(**changes)

    def put(self, objective: Objective) -> None:
        """Replace the objective of that id."""
        put = tuple(objective if each.id == objective.id else each for each in self.campaign.objectives)
        self.set(objectives=put)

    def to(self, course: Course) -> None:
        """Go on with `course`: at once, or after the pause or the hold that there is."""
        if self.campaign.stands is Course.HELD:
            self.set(held_from=course)
        elif self.campaign.course is Course.PAUSED:
            self.set(paused_from=course)
        else:
            self.set(course=course)

    def tell(self, what: Kind, sentence: Sentence, slot: str = "post", **more: str) -> None:
        """Tell of something, under the next number. A `post` becomes part of a digest where many were posted lately."""
        where = self._post() if slot == "post" else slot
        self._moments.append(Moment(what=what, sentence=sentence, slot=where, **more))
        self.set(told=self.campaign.told + 1)

    def _post(self) -> str:
        """Return the slot of a post, and count it."""
        last, number = self.campaign.posting, self.campaign.told + 1
        fresh = last is None or not last.since <= self.at < last.since + timedelta(seconds=HOUR)
        posting = Posting(since=self.at) if last is None or fresh else last
        if posting.posts < self.rules.posts:
            self.set(posting=posting.but(posts=posting.posts + 1))
            return f"post:{number}"
        posting = posting.but(digest=posting.digest or number)
        self.set(posting=posting)
        return f"digest:{posting.digest}"

    def open(self, step: Step, start: Start) -> None:
        """Have a run started, and note it as under way."""
        self._starts.append(start)
        self.set(steps=(*self.campaign.steps, step), number=self.campaign.number + 1)

    def close(self, step: Step, spent: Sums) -> None:
        """Take a run off those under way, and add what it took."""
        steps = tuple(each for each in self.campaign.steps if each.run != step.run)
        month, this = self.campaign.month, month_of(self.at)
        month = (month if self.campaign.month_of == this else Sums()) + spent
        self.set(steps=steps, spent=self.campaign.spent + spent, month=month, month_of=this)
        if objective := self.campaign.objective(step.objective):
            self.put(objective.but(spent=objective.spent + spent))

    def stop(self, steps: Sequence[Step]) -> None:
        """Have runs stopped; they are under way until their ends come."""
        runs = {step.run for step in steps}
        self._stops.extend(step.run for step in steps if step.run not in self._stops)
        self.set(steps=tuple(s.but(stopped=True) if s.run in runs else s for s in self.campaign.steps))

    def later(self, moment: datetime | None) -> datetime:
        """Return a time that is not before another: clocks jump, durations are never negative."""
        return max(self.at, moment) if moment else self.at

    def turn(self, due: datetime | None) -> Turn:
        """Return what came of it."""
        return Turn(
            campaign=self.campaign,
            moments=tuple(self._moments),
            starts=tuple(self._starts),
            stops=tuple(self._stops),
            due=due,
        )
