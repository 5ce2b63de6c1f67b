"""What Discord asks to wait is waited for, and refusals never add up to a ban."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.chat import DiscordChat
from bot.discord.limits import WINDOW, Limits, kind_of
from bot.shapes import TryLater, plain
from tests.doubles.discord_desk import text
from tests.doubles.discord_server import CHANNEL, GUILD, DiscordServer

HERE = f"discord:{GUILD}:{CHANNEL}"
SENT = "POST", "/api/channels/1/messages"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_calls_are_limited_together_by_method_and_first_number() -> None:
    assert kind_of("PATCH", "/api/v10/channels/12/messages/34") == "PATCH /api/v10/channels/12/messages/*"
    assert kind_of("POST", "/api/webhooks/12/t0ken") == "POST /api/webhooks/12/t0ken"
    assert kind_of("GET", "/api/users/@me") == "GET /api/users/@me"


def test_a_limited_kind_waits_as_told_and_the_others_go_on() -> None:
    clock = Clock()
    limits = Limits(clock)
    limits.note(*SENT, 429, {"Retry-After": "2.5"})
    assert limits.wait(kind_of(*SENT)) == 2.5
    assert limits.wait("POST /api/channels/2/messages") <= 0
    clock.now += 2.5
    assert limits.wait(kind_of(*SENT)) <= 0


def test_a_global_limit_holds_everything() -> None:
    limits = Limits(Clock())
    limits.note(*SENT, 429, {"Retry-After": "7", "X-RateLimit-Global": "true"})
    assert limits.wait("GET /api/users/@me") == 7.0


@given(st.lists(st.tuples(st.sampled_from([200, 401, 403, 404, 429]), st.floats(0, 120)), max_size=60))
def test_there_are_never_as_many_refusals_in_the_window_as_would_be_a_ban(answers: list[tuple[int, float]]) -> None:
    clock, most = Clock(), 5
    limits = Limits(clock, most_invalid=most)
    refused: list[float] = []
    for status, pause in answers:
        clock.now += pause
        if limits.wait("GET /x") > 0:
            continue
        limits.note("GET", "/y", status, {"Retry-After": "0"})
        if status in (401, 403, 429):
            refused.append(clock.now)
        assert sum(when > clock.now - WINDOW for when in refused) <= most


def test_limits_that_others_caused_do_not_count() -> None:
    limits = Limits(Clock(), most_invalid=1)
    limits.note(*SENT, 429, {"Retry-After": "0", "X-RateLimit-Scope": "shared"})
    assert limits.wait("GET /x") <= 0


async def test_in_a_storm_of_limits_nothing_is_lost_or_doubled_or_sent_too_early(
    server: DiscordServer, chat: DiscordChat
) -> None:
    storm = server.storm(every=3, seconds=0.3)

    async def deliver(number: int) -> None:
        again = False
        while True:
            try:
                await chat.show(HERE, plain(f"post {number}"), f"r{number}:answer", None, again)
                return
            except TryLater as later:
                again = True
                await asyncio.sleep(later.seconds)

    await asyncio.gather(*(deliver(number) for number in range(12)))
    assert sorted(text(post) for post in server.posts(CHANNEL)) == sorted(f"post {n}" for n in range(12))
    assert storm.early == []
    assert storm.met > 12


async def test_a_long_limit_is_told_to_the_outbox_in_seconds(server: DiscordServer, chat: DiscordChat) -> None:
    storm = server.storm(every=1, seconds=8.0)
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            await chat.show(HERE, plain("x"), "r:answer", None, False)
        assert 5 < later.value.seconds <= 8
    assert (storm.met, storm.early) == (1, [])
