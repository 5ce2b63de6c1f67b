"""Providers that fail in every way they can: retried, fallen back, or an Absence with its reason; and always an end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.posts import answer
from bot.shapes import Foot
from bot.words import ENGLISH
from core.entities import Status
from core.events import Absence, Answer, Ballot, Proposal
from tests.doubles.model_server import ModelServer, Turn
from tests.faults.conftest import Dexter, Opened

WELL = Turn()
FOR_EVER = 50
IN_TIME = 30.0
"""Seconds; the longest of these runs waits for two calls of a second, twice."""


class Provider:
    """A provider's server of its own for each member, and one for whoever stands in."""

    def __init__(self, servers: dict[str, ModelServer]) -> None:
        self.servers = servers

    def plays(self, member: str, turns: Sequence[Turn]) -> None:
        self.servers[member].turns.extend(turns)

    def served(self, member: str) -> int:
        return int(self.servers[member].served)


@pytest.fixture
def staged(opened: Opened) -> Any:
    """Open Dexter with three members on three servers; what is given changes bob, or the committee."""

    @asynccontextmanager
    async def open_with(bob: dict[str, Any] | None = None, **committee: Any) -> AsyncIterator[tuple[Dexter, Provider]]:
        async with AsyncExitStack() as stack:
            servers = {n: await stack.enter_async_context(ModelServer()) for n in ("ann", "bob", "cat", "spare")}
            members = [
                {"name": n, "model": f"{n}/{n}", "role": n, "timeout": 1.0, "retries": 1}
                | (bob or {} if n == "bob" else {})
                for n in ("ann", "bob", "cat")
            ]
            table = {"members": members, "pattern": "quick", "budget": {"seconds": IN_TIME}} | committee
            bases = {f"{n}/": server.openai for n, server in servers.items()}
            dexter = await stack.enter_async_context(opened(committee=table, models={"bases": bases}))
            await dexter.app.warm()
            yield dexter, Provider(servers)

    return open_with


@dataclass(frozen=True)
class Case:
    """What bob's provider does, and what Dexter makes of it."""

    turns: Sequence[Turn]
    says: str = ""
    """Stands in the detail of his absence."""
    served: int = 0
    """How often his provider is asked in a phase that it fails in."""


LIMITED = Turn(status=429, headers=(("retry-after", "0.3"),))
RETRIED = {
    "limited once, for a moment": Case([LIMITED], served=2),
    "failed once": Case([Turn(status=500)], served=2),
    "overloaded once": Case([Turn(status=529)], served=2),
    "broke off half-way once": Case([Turn(cut=True)], served=2),
    "not JSON once": Case([Turn(body=b'{"choices": [{"mess')], served=2),
    "another format once": Case([Turn(body=b'["hello"]')], served=2),
    "empty once": Case([Turn(text="")], served=2),
    "silent once": Case([Turn(silent=True)], served=2),
}
HOPELESS = {
    "401": Case([Turn(status=401)], served=1, says="does not accept the key"),
    "403": Case([Turn(status=403)], served=1, says="does not accept the key"),
    "404": Case([Turn(status=404)], served=1, says="knows no model"),
    "429 for an hour": Case([Turn(status=429, headers=(("retry-after", "3600"),))], served=1, says="limits the calls"),
    "500": Case([Turn(status=500)], served=2, says="failed (500)"),
    "503": Case([Turn(status=503)], served=2, says="is overloaded"),
    "breaks off": Case([Turn(cut=True)], served=2, says="breaks off"),
    "not JSON": Case([Turn(body=b"<html>Bad gateway</html>")], served=2, says="not in its own format"),
    "a web page": Case([Turn(status=502, body=b"<html>Bad gateway</html>")], served=2, says="failed (502)"),
    "silent": Case([Turn(silent=True)], served=2, says="gave no whole reply within 1 seconds"),
    "refused": Case([Turn(finish="content_filter")], served=1, says="stopped the reply"),
}
REASONS = {"silent": "timeout", "refused": "refused"}
STOOD_IN_FOR = ("401", "429 for an hour", "500", "breaks off", "not JSON", "silent", "refused")


async def timely(dexter: Dexter, question: str = "Should we move?") -> Answer:
    async with asyncio.timeout(IN_TIME):
        end = await dexter.ask(question)
    assert isinstance(end, Answer)
    return end


@pytest.mark.parametrize("name", RETRIED)
async def test_what_may_pass_is_tried_again_and_the_member_takes_part(staged: Any, name: str) -> None:
    case = RETRIED[name]
    async with staged() as (dexter, provider):
        provider.plays("bob", case.turns)
        end = await timely(dexter)
        bodies = [event.body for event in await dexter.history()]
        assert provider.served("bob") == case.served + 1  # and once for the vote
    assert end.status is Status.ANSWERED
    assert end.absences == ()
    (proposal,) = (body for body in bodies if isinstance(body, Proposal) and body.member == "bob")
    assert proposal.call.retries == 1
    assert end.tally is not None
    assert (end.tally.voters, end.tally.eligible) == (3, 3)


async def test_a_provider_that_asks_for_a_pause_is_given_it(staged: Any) -> None:
    async with staged() as (dexter, provider):
        provider.plays("bob", [Turn(status=429, headers=(("retry-after", "1.5"),))])
        await timely(dexter)
        bodies = [event.body for event in await dexter.history()]
        events = {event.key: event.at for event in await dexter.history()}
    assert [body.call.retries for body in bodies if isinstance(body, Proposal) and body.member == "bob"] == [1]
    waited = max(events.values()) - min(events.values())
    assert waited.total_seconds() >= 1.5


@pytest.mark.parametrize("name", HOPELESS)
async def test_without_a_fallback_the_member_is_absent_with_the_reason_and_the_rest_decide(
    staged: Any, name: str
) -> None:
    case, reason = HOPELESS[name], REASONS.get(name, "error")
    async with staged() as (dexter, provider):
        provider.plays("bob", [*case.turns] * FOR_EVER)
        end = await timely(dexter)
        bodies = [event.body for event in await dexter.history()]
        assert provider.served("bob") == 2 * case.served  # to propose and to vote
    assert end.status is Status.ANSWERED
    absences = [body for body in bodies if isinstance(body, Absence)]
    assert [(gone.member, gone.phase, gone.reason) for gone in absences] == [
        ("bob", "propose", reason),
        ("bob", "vote", reason),
    ]
    assert case.says in absences[0].detail
    assert {body.member for body in bodies if isinstance(body, Proposal)} == {"ann", "cat"}
    assert end.tally is not None
    assert [(gone.member, gone.reason) for gone in end.tally.absences] == [("bob", reason)]
    assert any(isinstance(part, Foot) and "bob in propose" in part.text for part in answer("run", end, ENGLISH).parts)


@pytest.mark.parametrize("name", STOOD_IN_FOR)
async def test_with_a_fallback_another_model_answers_in_its_place(staged: Any, name: str) -> None:
    case = HOPELESS[name]
    async with staged({"fallbacks": ["spare/spare"]}) as (dexter, provider):
        provider.plays("bob", [*case.turns] * FOR_EVER)
        end = await timely(dexter)
        bodies = [event.body for event in await dexter.history()]
        assert provider.served("spare") == 2
    assert end.absences == ()
    (proposal,) = (body for body in bodies if isinstance(body, Proposal) and body.member == "bob")
    assert proposal.call.model == "spare/spare"
    assert proposal.call.retries == case.served
    assert {body.member for body in bodies if isinstance(body, Ballot)} == {"ann", "bob", "cat"}


async def test_nobody_listening_at_the_providers_address_is_an_absence_too(opened: Opened) -> None:
    async with ModelServer() as server:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            dead = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        members = [{"name": n, "model": f"{n}/{n}", "timeout": 2.0, "retries": 0} for n in ("ann", "bob", "cat")]
        bases = {"ann/": server.openai, "bob/": dead, "cat/": server.openai}
        table = {"members": members, "pattern": "quick"}
        async with opened(committee=table, models={"bases": bases}) as dexter:
            end = await timely(dexter)
    assert end.status is Status.ANSWERED
    assert {(gone.member, gone.reason) for gone in end.absences} == {("bob", "error")}
    assert all("cannot be reached" in gone.detail for gone in end.absences)


@pytest.mark.parametrize(
    "text",
    [
        "I vote for A.",
        '{"ranking": "A"}',
        '{"ranking": ["Z"], "confidence": 1, "reason": "x"}',
        '{"ranking": ["A"], "confidence": 7, "reason": "x"}',
        '{"winner": "A"}',
        "[[[[[[[[",
    ],
)
async def test_a_ballot_of_the_wrong_shape_is_asked_for_again_and_then_no_ballot(staged: Any, text: str) -> None:
    async with staged() as (dexter, provider):
        provider.plays("bob", [WELL, *[Turn(text=text)] * FOR_EVER])
        end = await timely(dexter)
        bodies = [event.body for event in await dexter.history()]
        assert provider.served("bob") == 3
    assert end.status is Status.ANSWERED
    assert [(gone.member, gone.phase, gone.reason) for gone in end.absences] == [("bob", "vote", "garbage")]
    assert {body.member for body in bodies if isinstance(body, Ballot)} == {"ann", "cat"}
    assert end.tally is not None
    assert (end.tally.voters, end.tally.eligible) == (2, 3)


@pytest.mark.parametrize(
    "turn", [Turn(cut=True), Turn(ends_early=True), Turn(stalls=True)], ids=["cut", "ends early", "stalls"]
)
async def test_half_a_stream_is_no_answer_and_the_next_try_comes_whole(staged: Any, turn: Turn) -> None:
    async with staged(pattern="solo") as (dexter, provider):
        provider.plays("ann", [turn])
        end = await timely(dexter)
        # words that were shown cannot be taken back, and would be read once and a half
        assert [bool(body.get("stream")) for _, _, body in provider.servers["ann"].requests] == [True, False]
    assert end.status is Status.ANSWERED
    assert end.how == "solo"
    assert end.text.startswith("ann says: the plan keeps one owner")
    assert len(end.text) > 400


@pytest.mark.parametrize(
    "turn",
    [Turn(status=401), Turn(status=500), Turn(silent=True), Turn(text="")],
    ids=["401", "500", "silent", "empty"],
)
async def test_where_too_few_are_left_the_end_is_a_sentence_that_says_so(staged: Any, turn: Turn) -> None:
    async with staged() as (dexter, provider):
        for member in ("ann", "bob"):
            provider.plays(member, [turn] * FOR_EVER)
        end = await timely(dexter)
        await dexter.chat.until(lambda: dexter.chat.slot("answer"))
        (shown,) = dexter.chat.slot("answer")
    assert end.status is Status.NO_QUORUM
    assert end.how == "none"
    assert "1 of 3" in end.text
    assert {gone.member for gone in end.absences} == {"ann", "bob"}
    assert shown.post.failed
    assert "Traceback" not in str(shown.post)


async def test_a_committee_whose_providers_are_all_silent_ends_within_its_budget_of_seconds(staged: Any) -> None:
    async with staged({"timeout": 1.0}, budget={"seconds": 3.0}) as (dexter, provider):
        for member in ("ann", "bob", "cat"):
            provider.plays(member, [Turn(silent=True)] * FOR_EVER)
        end = await timely(dexter)
    assert end.status is Status.NO_QUORUM
    assert len({gone.member for gone in end.absences}) == 3
    assert {gone.reason for gone in end.absences} <= {"timeout", "budget"}
