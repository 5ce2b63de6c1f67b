"""Odd questions and mistaken commands: a sentence that says what is wrong, or a normal answer."""

import asyncio
import io
import re

import pytest
from rich.console import Console

from bot.__main__ import main
from bot.console.session import Session
from bot.shapes import Attachment, Post, Prose
from bot.words import ENGLISH
from core.entities import Status
from core.events import Answer
from tests.doubles.committee_world import plays
from tests.faults.conftest import Opened

SAYS = {"ann": "Move, because it is cheaper.", "bob": "Stay, because it works.", "cat": "Wait, and ask again."}
ANSWERED = {
    "only emoji": "🤷🏽‍♀️🔥❓",
    "right to left": "هل ننتقل إلى النظام الجديد؟",
    "an override of direction": "\u202eevom ew dluohs\u202c",
    "NUL bytes": "Should\x00 we\x00 move?\x00",
    "half a character": "Should we \ud83d move?",
    "100 mentions": "<@U1> <!channel> @everyone <#C1> " * 25 + "should we move?",
    "control characters": "\x1b[31mShould\x07 we\x08 move?\x1b[0m",
    "20,000 characters": "ask " + "why? " * 3_999,
    "one character": "?",
    "marks stacked on one letter": "Z" + "\u0301\u0489" * 500,
    "places of a template": "$question ${ballot} {0} %s {{x}} <%= 1 %>",
    "a statement of SQL": "'; DROP TABLE collaboration; --",
}
REFUSED = {
    "nothing": ("", "needs a question"),
    "the verb alone": ("ask", "needs a question"),
    "spaces": (" \n\t \u2003", "needs a question"),
    "NUL bytes alone": ("\x00\x00\x00", "needs a question"),
    "characters that nobody sees": ("\u202e\u2066\u200e", "no question in that"),
    "one megabyte": ("why? " * 200_000, "1,000,000 characters"),
    "one megabyte of emoji": ("🔥" * 1_000_000, "1,000,000 characters"),
    "a misspelt command": ("shwo", "Did you mean show"),
    "a misspelt option": ("ask --patern debate Why?", "Did you mean --pattern"),
    "an option that there is not": ("ask --loudly Why?", "--committee, --pattern"),
    "a pattern that there is not": ("ask --pattern debatte Why?", "Did you mean debate"),
    "a committee that there is not": ("ask --committee x Why?", "Known names: default"),
    "a command with words that it does not take": ("patterns now", "takes no “now”"),
    "a run that there is not": ("show k3f9x2mqabcd", "There is no collaboration"),
    "an option without its value": ("ask Why? --pattern", "needs a value"),
    "help for what there is not": ("help shwo", "Did you mean show"),
}


def sentence(post: Post) -> str:
    assert all(isinstance(part, Prose) for part in post.parts)
    return " ".join(part.markdown for part in post.parts if isinstance(part, Prose))


async def test_odd_questions_are_answered_like_any_other(opened: Opened) -> None:
    async with opened(plays(SAYS)) as dexter:
        said = await asyncio.gather(*(dexter.ask(text) for text in ANSWERED.values()))
        ends = dict(zip(ANSWERED, said, strict=True))
        await dexter.chat.until(lambda: len(dexter.chat.slot("answer")) == len(ANSWERED))
    assert {name for name, end in ends.items() if not isinstance(end, Answer)} == set()
    assert {end.status for end in ends.values() if isinstance(end, Answer)} == {Status.ANSWERED}


async def test_what_cannot_be_asked_is_told_in_a_sentence_and_starts_nothing(opened: Opened) -> None:
    model = plays(SAYS)
    async with opened(model) as dexter:
        for name, (text, says) in REFUSED.items():
            post = await dexter.ask(text)
            assert isinstance(post, Post), name
            assert post.failed, name
            assert post.private, name
            assert says in sentence(post), name
            lists = re.search("`(help|committee|patterns)` (lists|says)", sentence(post))
            assert lists or "I know no" not in sentence(post), name
            assert len(sentence(post)) < 400, name
        assert await dexter.app.desk.store.recent("slack:T1") == []
    assert not model.asked


async def test_files_that_are_too_long_are_cut_and_zeros_in_them_are_harmless(opened: Opened) -> None:
    model = plays(SAYS)
    async with opened(model) as dexter:
        long = await dexter.ask("Is it good?", Attachment("plan.txt", "x" * 1_000_000))
        assert isinstance(long, Answer)
        assert all(len(message.content) < 50_000 for prompt in model.asked for message in prompt.messages)
        taken = await dexter.ask("Is it good?", Attachment("pl\x00an.txt", "a\x00b\ud800" * 100))
        assert isinstance(taken, Answer)
        assert taken.status is Status.ANSWERED


async def test_the_terminal_says_the_same_and_its_code_tells_a_mistake_from_an_answer(opened: Opened) -> None:
    async with opened(plays(SAYS)) as dexter:
        for text, code, says in (
            ("", 2, "needs a question"),
            ("why? " * 200_000, 2, "20,000 at most"),
            ("🔥", 0, "The winning answer"),
            ("ask \x00why\x1b[2J", 0, "The winning answer"),
        ):
            out = io.StringIO()
            assert await Session(dexter.app, Console(file=out, width=100), ENGLISH).say(text) == code
            assert says in out.getvalue()
            assert "\x1b[2J" not in out.getvalue()
            assert "Traceback" not in out.getvalue()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["aks", "Why?"], ["Did you mean ask", "dexter --help"]),
        (["shwo"], ["Did you mean show", "dexter --help"]),
        (["zzzzzzz"], ["Known names: again, ask, campaign, chat", "dexter --help"]),
        (["--config"], ["`--config` needs a value"]),
        (["--loud"], ["I know no command “--loud”", "dexter --help"]),
        (["--json"], ["There is no command", "dexter --help"]),
        (["\x00"], ["I know no command", "dexter --help"]),
    ],
)
def test_a_mistake_on_the_command_line_names_what_was_meant_and_help(argv, says, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [words for words in says if words not in said.err] == []
    assert said.err.count("\n") == 1


async def test_help_names_every_command_and_explains_each(opened: Opened) -> None:
    async with opened(plays(SAYS)) as dexter:
        whole = await dexter.ask("help")
        assert isinstance(whole, Post)
        for command in dexter.app.desk.commands:
            assert command.name in str(whole.parts)
            one = await dexter.ask(f"help {command.name}")
            assert isinstance(one, Post)
            assert not one.failed
            assert command.usage in str(one.parts)
