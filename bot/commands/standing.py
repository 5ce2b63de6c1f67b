"""How each model has done so far, from the newest calls and answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bot.words import Words
from core.events import Answer, Asked, Ballot, Call, Event
from core.ports import Store


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """One model's figures; a share is `None` while there is nothing to divide by."""

    model: str
    calls: int
    seconds: float
    first_token: float | None
    tokens_per_second: float | None
    absent: float
    agrees: float | None
    wins: float | None

    def cells(self, words: Words) -> tuple[str, ...]:
        """Return the row of the table."""

        def shown(value: float | None, form: str) -> str:
            return "–" if value is None else words(form, n=value)

        return (
            self.model,
            words.number(self.calls),
            words("{n:.2f} s", n=self.seconds),
            shown(self.first_token, "{n:.2f} s"),
            shown(self.tokens_per_second, "{n:.0f}"),
            words("{n:.0%}", n=self.absent),
            shown(self.agrees, "{n:.0%}"),
            shown(self.wins, "{n:.0%}"),
        )


async def standings(store: Store, tenant: str) -> list[ModelStanding]:
    """Return the models, those with the most wins first."""
    calls: dict[str, list[Call]] = defaultdict(list)
    for call in await store.calls(tenant):
        calls[call.model].append(call)
    votes, wins = _judged(await store.latest(tenant, ("asked", "ballot", "answer"), limit=5000))
    rows = [_standing(model, made, votes[model], wins[model]) for model, made in calls.items()]
    return sorted(rows, key=lambda row: (-(row.wins or 0), row.model))


def _standing(model: str, calls: Sequence[Call], votes: list[bool], wins: list[bool]) -> ModelStanding:
    good = [call for call in calls if call.outcome == "ok"]
    first = [call.first_token_seconds for call in good if call.first_token_seconds is not None]
    spent = sum(call.seconds for call in good)
    return ModelStanding(
        model=model,
        calls=len(calls),
        seconds=median(call.seconds for call in good) if good else 0.0,
        first_token=median(first) if first else None,
        tokens_per_second=sum(call.completion_tokens for call in good) / spent if spent else None,
        absent=1 - len(good) / len(calls),
        agrees=sum(votes) / len(votes) if votes else None,
        wins=sum(wins) / len(wins) if wins else None,
    )


def _judged(events: Sequence[Event]) -> tuple[dict[str, list[bool]], dict[str, list[bool]]]:
    """Return, for each model, whether each of its votes was for the winner and whether each run was won by it."""
    models: dict[str, dict[str, str]] = {}
    ballots: dict[str, dict[str, str]] = defaultdict(dict)
    votes: dict[str, list[bool]] = defaultdict(list)
    wins: dict[str, list[bool]] = defaultdict(list)
    for event in events:
        match event.body:
            case Asked(seats=seats):
                models[event.run] = {seat.member: seat.model for seat in seats}
            case Ballot(member=member, ranking=((first, *_), *_)):
                ballots[event.run][member] = first
            case Answer(tally=tally) if tally and tally.winner and event.run in models:
                won = next(s for s in tally.standings if s.label == tally.winner)
                for member, model in models[event.run].items():
                    wins[model].append(member in won.members)
                for member, choice in ballots[event.run].items():
                    votes[models[event.run].get(member, "")].append(choice == tally.winner)
            case _:
                pass
    return votes, wins
