"""How a tally reads: its bars, the line above them, and the ballots that were counted."""

from collections.abc import Sequence

from bot.shapes import Bar, Bars, Foot, Part, Table
from bot.words import Words, key
from core.events import EXECUTED, Ballot, Standing, Tally


def bars(tally: Tally, words: Words) -> Bars:
    """Return a tally as bars, longest first, with ties, saved calls and agreement in words."""
    top = max((s.score for s in tally.standings), default=0.0) or 1.0
    return Bars(
        caption(tally, words),
        tuple(
            Bar(
                label=f"{s.label} · {words.listed(s.members)}",
                share=max(0.0, s.score / top),
                figure=_figure(s, tally.rule, words),
                mark="winner" if s.label == tally.winner else "",
            )
            for s in tally.standings
        ),
    )


def caption(tally: Tally, words: Words) -> str:
    """Return the line above the bars: rule, votes, what was left out, tie, agreement, what early stop saved."""
    rule, voters, eligible = words(tally.rule), tally.voters, tally.eligible
    said = [words("{rule}: {voters} of {eligible} voted", rule=rule, voters=voters, eligible=eligible)]
    if tally.rule == EXECUTED:
        said = [
            words.some(eligible, "agreement of {count} test, nobody voted", "agreement of {count} tests, nobody voted")
        ]
    if not tally.own_votes:
        said.append(words("votes for one's own answer left out"))
    if tally.tie:
        by = tally.tie_broken_by
        said.append(words("a tie, broken by {rule}", rule=words(by)) if by else words("a tie"))
    if tally.agreement:
        value, measure = tally.agreement.value, words(tally.agreement.measure)
        said.append(words("agreement {value:.2f} ({measure})", value=value, measure=measure))
    if tally.saved_calls:
        why = words(CERTAIN if tally.exact else LIKELY)
        said.append(words.some(tally.saved_calls, "{count} call saved: {why}", "{count} calls saved: {why}", why=why))
    return " · ".join(said)


def voted(ballots: Sequence[Ballot], tally: Tally | None, words: Words) -> list[Part]:
    """Return every ballot with its voter and reason; in brackets what of it was not counted."""
    if not ballots:
        return []
    rows = tuple(
        (b.member, _choice(b, _left_out(b, tally)), words("{n:.0%}", n=b.confidence), " ".join(b.reason.split()))
        for b in ballots
    )
    parts: list[Part] = [Table((words("voter"), words("ballot"), words("confidence"), words("reason")), rows)]
    if tally and not tally.own_votes:
        parts.append(Foot(words("In brackets: votes for one's own answer, which were not counted.")))
    return parts


def _left_out(ballot: Ballot, tally: Tally | None) -> frozenset[str]:
    """Return the labels on a ballot that were not counted: those of its voter's own answers."""
    if tally is None or tally.own_votes:
        return frozenset()
    return frozenset(s.label for s in tally.standings if ballot.member in s.members)


def _choice(ballot: Ballot, left_out: frozenset[str]) -> str:
    def shown(choice: str, label: str) -> str:
        return f"({choice})" if label in left_out else choice

    if ballot.scores:
        best_first = sorted(ballot.scores.items(), key=lambda pair: -pair[1])
        return ", ".join(shown(f"{label}: {score:g}", label) for label, score in best_first)
    return " > ".join(" = ".join(shown(label, label) for label in tied) for tied in ballot.ranking)


CERTAIN = key("the remaining votes could not have changed it")
LIKELY = key("stopped once the winner was likely enough")


def _figure(standing: Standing, rule: str, words: Words) -> str:
    score = standing.score
    if rule == EXECUTED:
        return words("{share:.0%}", share=score)
    if rule in ("plurality", "approval", "irv"):
        return words("{score:g} vote", score=score) if score == 1 else words("{score:g} votes", score=score)
    return words("{score:g} point", score=score) if score == 1 else words("{score:g} points", score=score)
