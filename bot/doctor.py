"""`dexter doctor`: what works on this machine, what does not, and the one thing to do about each."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.probes import chats, machine
from bot.probes.documents import documents
from bot.probes.finding import Finding, State
from bot.probes.ollama import ollama
from bot.probes.providers import providers
from bot.probes.reports import reports
from bot.probes.slack import slack
from bot.settings import Settings
from bot.shapes import Foot, Heading, Post, Table
from bot.words import ENGLISH, Words, key
from core.errors import DexterError
from core.sandbox import Isolation
from core.sentences import Sentence, said

Check = Callable[[], Awaitable[str | Sentence]]
"""Returns in a sentence how something is, or raises a `DexterError` that names the remedy."""

_LONGEST = 15.0
"""Seconds that a check may take."""
_MARKS: dict[State, str] = {"ok": key("✔ works"), "missing": key("– missing"), "broken": key("✘ broken")}


_READY = key("Ready: `dexter chat`.")
_CHATS = ("Slack app token", "Slack over HTTP", "Discord")
"""Findings that are the last of what a chat needs."""
_OF = {"Weights": key("Weights {name}"), "Sandbox": key("Sandbox {name}")}
NAMES = (
    *(key("Database"), key("Local models"), key("Memory"), key("Disk"), key("Documents"), key("Reports")),
    *(key("OpenAI-compatible server"), key("Slack bot token"), key("Slack app token"), key("Slack tokens")),
    *(key("Slack permissions"), key("Slack encryption key"), key("Slack over HTTP")),
)
"""What findings are about that has a name in other languages."""


async def examine(
    settings: Settings,
    weights: machine.Shelf,
    seats: Sequence[str],
    database: Check,
    survey: Callable[[], Awaitable[Sequence[Isolation]]],
    environ: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Look at everything at once and return the findings in the order in which they are shown.

    `seats` names the local models of the shipped committee here. Nothing that is wrong raises: it is a finding.
    """
    env = os.environ if environ is None else environ
    kept, tokens, bot, local, files, apart = await asyncio.gather(
        _checked("Database", database),
        slack(settings.slack),
        chats.discord(settings.discord),
        ollama(env),
        documents(),
        machine.sandboxes(survey),
    )
    here = await asyncio.to_thread(_machine, settings, weights, seats)
    return [kept, *here, *apart, files, reports(), local, *providers(env, settings.models.bases), *tokens, bot]


async def better(settings: Settings, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of what this machine has beside its local models: providers with a key, a running Ollama."""
    env = os.environ if environ is None else environ
    found = [await ollama(env), *providers(env, settings.models.bases)]
    return [finding.name for finding in found if finding.state == "ok"]


def report(findings: Sequence[Finding], words: Words = ENGLISH) -> Post:
    """Return the findings as a table; `Post.failed` tells that something is broken (missing is no failure)."""
    rows = tuple(
        (_named(it, words), words(_MARKS[it.state]), words.say(it.found), words.say(it.advice)) for it in findings
    )
    broken = [_named(found, words) for found in findings if found.state == "broken"]
    weights = [found for found in findings if found.name.startswith("Weights")]
    usable = any(found.state == "ok" for found in weights)
    end = [words("To fix: {names}.", names=", ".join(broken)) if broken else words("Nothing is broken.")]
    if weights:
        text = 'To seat models of your choice, name them in dexter.toml: [models] seats = ["openai/gpt-4o", …].'
        end.append(words(text))
    elif findings:
        first = next((found for found in findings if found.state != "ok"), findings[-1])
        end += [words("Next: {advice}", advice=words.say(first.advice))] if first.remedy else []
    if usable and not broken:
        chat = any(found.state == "ok" and found.name in _CHATS for found in findings)
        end.append(words(key("Ready: `dexter chat` here, `dexter run` for the chats.") if chat else _READY))
    data = [{"name": it.name, "state": it.state, "what": it.what, "remedy": it.remedy} for it in findings]
    table = Table((words("What"), words("State"), words("Found"), words("To do")), rows)
    parts = (Heading(words("Dexter's health")), table, Foot(" ".join(end)))
    return Post(parts, failed=bool(broken), language=words.language, data=data)


def _named(finding: Finding, words: Words) -> str:
    """Return what a finding is about; what a model or a sandbox is called stays as it is."""
    kind, _, name = finding.name.partition(" ")
    return words(_OF[kind], name=name) if kind in _OF else words(finding.name)


def about(findings: Sequence[Finding], names: Sequence[str]) -> list[Finding]:
    """Return the findings whose names begin with one of `names`; all of them where none is given."""
    wanted = tuple(name.lower() for name in names)
    return [finding for finding in findings if not wanted or finding.name.lower().startswith(wanted)]


def _machine(settings: Settings, weights: machine.Shelf, seats: Sequence[str]) -> list[Finding]:
    return [*machine.local_models(weights, seats), machine.memory(seats), machine.disk(settings.models.cache)]


async def _checked(name: str, check: Check) -> Finding:
    """Turn a check's sentence, or its error, into a finding."""
    try:
        async with asyncio.timeout(_LONGEST):
            return Finding(name, "ok", said("{state}", state=await check()))
    except DexterError as error:
        return Finding(name, "broken", error.sentence)
    except TimeoutError:
        return Finding(
            name,
            "broken",
            said("no answer in {seconds:.0f} s", seconds=_LONGEST),
            said("Check that it runs and can be reached."),
        )


__all__ = ["Check", "Finding", "about", "examine", "report"]
