"""The card of a campaign with 500 objectives: from the campaign to what is sent, on each face; under 50 ms is wanted.

.venv/bin/python benchmarks/campaign_card.py [objectives]
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from rich.console import Console

from bot.campaign_card import card
from bot.console.show import show
from bot.discord.components import view
from bot.discord.render import render
from bot.shapes import Post
from bot.slack.blocks import pages
from bot.slack.outgoing import ROOMS
from bot.words import words_for
from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.sums import Allowance, Sums

AT = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
TIMES = 100
STAGES = (Stage.MET, Stage.MET, Stage.FAILED, Stage.RUNNING, Stage.WAITING, Stage.READY, *[Stage.PENDING] * 6)


def campaign(count: int) -> Campaign:
    """Return a campaign in the middle of its course."""
    objectives = tuple(
        Objective(
            id=str(n), title=f"Move service {n} to the new cluster and prove that it answers there",
            done_when="It answers from the new cluster, and the old one gets no request for a day.",
            stage=STAGES[n % len(STAGES)], needs=(str(n - 1),) if n > 1 else (), result="It answers. " * 200,
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    return Campaign(
        id="q7wz3kdm5yhs", tenant="slack:T1", owner="slack:U1", owner_name="Ada", address="slack:T1:C1",
        title="Every service runs on the new cluster", goal="By May nothing runs on the old one any more. " * 10,
        course=Course.RUNNING, allowance=Allowance(tokens=10_000_000, dollars=90.0), deadline=AT + timedelta(days=60),
        objectives=objectives, created_at=AT, spent=Sums(tokens=3_412_000, microdollars=31_000_000, calls=9000),
    )  # fmt: skip


def timed(name: str, work: Callable[[], object]) -> float:
    """Print the median and the longest of many times, in milliseconds of CPU, and return the longest."""
    work()
    took = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        took.append((time.process_time() - begun) * 1000)
    print(f"{name:<28} {median(took):6.2f} ms   longest of {TIMES}: {max(took):6.2f} ms")
    return max(took)


def main() -> int:
    """Measure each part, and return 1 where one takes too long."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    of, console = campaign(count), Console(width=100, quiet=True)
    kept = of.model_dump_json()
    print(f"A campaign of {count} objectives, {len(kept) / 1e6:.1f} MB as it is kept. CPU time:")
    post: Post = card(of, words_for("en"), AT)
    worst = [
        timed("the card", lambda: card(of, words_for("en"), AT)),
        timed("the card, in German", lambda: card(of, words_for("de"), AT)),
        timed("the card for Slack", lambda: pages(card(of, words_for("en"), AT), ROOMS[0], "m")),
        timed("the card for Discord", lambda: view(render(card(of, words_for("en"), AT), "m"))),
        timed("the card in the terminal", lambda: show(card(of, words_for("en"), AT), console)),
    ]
    timed("(reading it from the row)", lambda: Campaign.model_validate_json(kept))
    print(f"parts of the post: {len(post.parts)}; under 50 ms: {'yes' if max(worst) < 50 else 'NO'}")
    return int(max(worst) >= 50)


if __name__ == "__main__":
    sys.exit(main())
