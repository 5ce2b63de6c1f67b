"""How much each model votes by position, before and after shuffling and asking in both orders.

Answers of the same quality are put to each model as ballots, so that a fair voter prefers each place equally often.
Before: always in the same order. After: shuffled for each ballot and asked in both orders, the two merged, as the
committee does. The bias is the distance of the first choices from equal shares of the candidates (total variation,
0 to 1). So few ballots are never quite even: the last line says what chance alone makes of a fair voter's.

    python -m benchmarks.position_bias [model …]
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Mapping

import structlog

from bot.parts import local_models
from bot.settings import load
from core.adapters.litellm_model import LitellmModel
from core.adapters.models import Models
from core.adapters.weights import Weights
from core.committee.ballots import Say, Sheet, instruction, letters, merge, read, schema, sheet
from core.committee.grouping import Candidate
from core.committee.prompts import fence, load_prompts, mark_for
from core.errors import ModelError
from core.ports import Prompt

MODELS = ("local/qwen2.5-coder-0.5b", "local/qwen2.5-coder-1.5b")
QUESTIONS = {
    "Name a good first pet.": (
        "A cat is a good first pet.",
        "A hamster is a good first pet.",
        "A fish is a good first pet.",
    ),
    "Which day suits a weekly team meeting?": ("Tuesday suits best.", "Wednesday suits best.", "Thursday suits best."),
    "Which fruit goes into a cake?": ("Apples go well.", "Cherries go well.", "Plums go well."),
    "What should we call the new printer?": ("Call it Ada.", "Call it Ben.", "Call it Cleo."),
    "Where should we have the summer party?": ("In the park.", "By the lake.", "In the garden."),
    "Which colour suits the logo?": ("Blue suits it.", "Green suits it.", "Orange suits it."),
    "What makes a good coffee break?": ("Fresh air.", "A short walk.", "A chat."),
    "Which board game for tonight?": ("Let us play chess.", "Let us play go.", "Let us play draughts."),
}


class Voter:
    """One model that is asked for ballots as the committee asks."""

    def __init__(self, model: Models, name: str) -> None:
        self._model, self._name, self._prompts = model, name, load_prompts()

    async def vote(self, question: str, texts: dict[str, str], shown: Sheet) -> Say | None:
        mark = mark_for("bench", self._name, texts.values())
        fenced = "\n".join(fence(mark, f"answer {letter}", texts[label]) for letter, label in shown.letters.items())
        places = {
            "name": "voter", "role": "specialist", "mark": mark, "question": fence(mark, "question", question),
            "answers": fenced, "ballot": instruction(shown),
        }  # fmt: skip
        messages = self._prompts.render("vote", places)
        prompt = Prompt(
            model=self._name,
            messages=messages,
            temperature=0.3,
            max_tokens=shown.tokens,
            timeout=120,
            reply_schema=schema(shown),
        )
        try:
            return read((await self._model.complete(prompt)).data, shown)
        except ModelError:
            return None


def bias(first: Mapping[str, float], labels: list[str]) -> float:
    total = sum(first.values()) or 1
    return sum(abs(first[label] / total - 1 / len(labels)) for label in labels) / 2


def by_chance(ballots: int, candidates: int = 3, trials: int = 4000) -> float:
    """Return the mean bias of a voter that chooses at random."""
    labels, lot = letters(candidates), random.Random(1)
    draws = (Counter(lot.choices(labels, k=ballots)) for _ in range(trials))
    return sum(bias(draw, labels) for draw in draws) / trials


def share(say: Say, counter: Counter[str]) -> None:
    """Count a ballot's first choice; a tie for the first place is shared."""
    for label in say.ranking[0] if say.ranking else ():
        counter[label] += 1 / len(say.ranking[0])


async def measure(voter: Voter) -> tuple[float, float, float, int]:
    """Return the bias towards places before and after, the share of first places before, and the ballots lost."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    lost = 0
    labels = letters(3)
    for at, (question, answers) in enumerate(QUESTIONS.items()):
        for turn in range(3):  # each answer stands in each place once, so that only the place can matter
            texts = dict(zip(labels, answers[turn:] + answers[:turn], strict=True))
            candidates = [Candidate(label, (label,), (label,), text, None) for label, text in texts.items()]
            fixed = Sheet("ranking", dict(zip(labels, labels, strict=True)))
            one, two, three = [
                await voter.vote(question, texts, shown)
                for shown in (
                    fixed,
                    sheet("schulze", candidates, f"{at}:{turn}"),
                    sheet("schulze", candidates, f"{at}:{turn}", backwards=True),
                )
            ]
            lost += sum(say is None for say in (one, two, three))
            if one:
                share(one, before)
            if two and three:
                share(merge(two, three), after)
    return bias(before, labels), bias(after, labels), before["A"] / (sum(before.values()) or 1), lost


async def main(names: tuple[str, ...]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    settings = load()
    local = local_models(settings, Weights(settings.models.cache, settings.models.weights))
    model = Models(LitellmModel(settings.models.bases), local=local)
    print(f"{'model':<28} {'first place':>11} {'bias before':>11} {'bias after':>11} {'ballots lost':>12}")
    try:
        for name in names:
            before, after, first, lost = await measure(Voter(model, name))
            print(f"{name:<28} {first:>11.0%} {before:>11.2f} {after:>11.2f} {lost:>12}", flush=True)
        chance = by_chance(3 * len(QUESTIONS))
        print(f"{'a fair voter, by chance':<28} {1 / 3:>11.0%} {chance:>11.2f} {chance:>11.2f}")
    finally:
        await model.aclose()
        await local.aclose()


if __name__ == "__main__":
    asyncio.run(main(tuple(sys.argv[1:]) or MODELS))
